"""The budget's arithmetic: what a rolling hour holds, when there is room again, what a told percentage means."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from freehold.node.governor.budget import (
    BACKGROUND_STOP_PERCENT,
    MAX_PACE_SECONDS,
    SLOW_PERCENT,
    STOP_PERCENT,
    Bucket,
    Decision,
    Priority,
    charge,
    decide,
    minute_of,
    shut,
    told,
    weight,
)

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PRIORITIES = st.sampled_from(Priority)
STEPS = st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 30)), max_size=40)


def decision(bucket: Bucket, cost: int = 1, priority: Priority = Priority.INTERACTIVE, ceiling: int = 100) -> Decision:
    """What is decided about one bucket at `NOW`."""
    return decide([bucket], {bucket.key: ceiling}, cost, priority, NOW)


@given(steps=STEPS, priority=PRIORITIES, ceiling=st.integers(1, 200))
def test_no_hour_ever_holds_more_than_the_ceiling(
    steps: list[tuple[int, int]], priority: Priority, ceiling: int
) -> None:
    """Whatever is asked for and when: what is let through stays under the ceiling in every sixty minutes."""
    bucket, now, sent = Bucket("b"), NOW, []
    for seconds, cost in steps:
        now += timedelta(seconds=seconds)
        if decide([bucket], {"b": ceiling}, cost, priority, now).wait == 0:
            bucket = charge(bucket, cost, now)
            sent.append((now, cost))
    for at, _ in sent:
        assert sum(cost for when, cost in sent if timedelta(0) <= at - when < timedelta(hours=1)) <= ceiling


@given(steps=STEPS, cost=st.integers(1, 50), ceiling=st.integers(50, 200))
def test_after_the_wait_there_is_room(steps: list[tuple[int, int]], cost: int, ceiling: int) -> None:
    """The wait is long enough, and not a whole minute too long."""
    bucket, now = Bucket("b"), NOW
    for seconds, spent in steps:
        now += timedelta(seconds=seconds)
        bucket = charge(bucket, spent, now)
    first = decide([bucket], {"b": ceiling}, cost, Priority.INTERACTIVE, now)
    later = now + timedelta(seconds=first.wait)
    assert decide([bucket], {"b": ceiling}, cost, Priority.INTERACTIVE, later).wait == 0
    if first.wait > 60:
        early = later - timedelta(seconds=60)
        assert decide([bucket], {"b": ceiling}, cost, Priority.INTERACTIVE, early).wait > 0


@given(cost=st.integers(101, 10_000))
def test_what_never_fits_is_told_to_wait_an_hour(cost: int) -> None:
    """A batch larger than the whole ceiling."""
    assert decision(Bucket("b"), cost).wait == 3600


@given(percent=st.floats(0, 300), priority=PRIORITIES)
def test_a_told_percentage_is_obeyed(percent: float, priority: Priority) -> None:
    """Below 75 % nothing happens; background stops at 90 %, all but pausing an ad at 95 %."""
    found = decision(told(Bucket("b"), percent, 0, NOW), priority=priority)
    background = priority >= Priority.SCHEDULED
    stopped = percent >= (BACKGROUND_STOP_PERCENT if background else STOP_PERCENT)
    assert (found.wait > 0) == (stopped and priority is not Priority.PAUSE_AD)
    assert (found.pace > 0) == (background and not stopped and percent >= SLOW_PERCENT)
    assert found.pace <= MAX_PACE_SECONDS


@given(percent=st.floats(90, 200), priority=st.sampled_from([Priority.INTERACTIVE, Priority.SCHEDULED]))
def test_after_the_wait_the_percentage_has_fallen_enough(percent: float, priority: Priority) -> None:
    """The wait that a percentage brings is long enough."""
    bucket = told(Bucket("b"), percent, 0, NOW)
    wait = decision(bucket, priority=priority).wait
    assert decide([bucket], {}, 1, priority, NOW + timedelta(seconds=wait)).wait == 0


@given(first=st.floats(1, 7200), second=st.floats(1, 7200), priority=PRIORITIES)
def test_a_shut_bucket_stays_shut_for_the_longest_time_told(first: float, second: float, priority: Priority) -> None:
    """For everybody; a shorter time told later opens nothing."""
    found = decision(shut(shut(Bucket("b"), first, NOW), second, NOW), priority=priority)
    assert abs(found.wait - max(first, second)) < 0.001


def test_the_bucket_that_makes_one_wait_longest_is_named() -> None:
    """So that a log line says which limit it was."""
    buckets = [shut(Bucket("a"), 10, NOW), shut(Bucket("b"), 20, NOW), Bucket("c")]
    assert decide(buckets, {}, 1, Priority.WRITE, NOW) == Decision(wait=20, bucket="b")


def test_without_buckets_everything_goes() -> None:
    """Nothing is known, nothing is refused."""
    assert decide([], {}, 1, Priority.BACKFILL, NOW) == Decision()


def test_backfill_leaves_a_tenth_of_the_ceiling() -> None:
    """91 calls are too many for it, and not for anybody else."""
    bucket = charge(Bucket("b"), 90, NOW)
    assert decision(bucket, priority=Priority.BACKFILL).wait > 0
    assert decision(bucket, priority=Priority.SCHEDULED).wait == 0


def test_a_run_leaves_a_part_to_people() -> None:
    """Of a hundred calls an hour, five are for whoever asks or has to pause an ad."""
    bucket = charge(Bucket("b"), 95, NOW)
    assert decision(bucket, priority=Priority.SCHEDULED).wait > 0
    for priority in (Priority.PAUSE_AD, Priority.INTERACTIVE, Priority.WRITE):
        assert decision(bucket, priority=priority).wait == 0


def test_old_minutes_leave_the_bucket() -> None:
    """It never holds more than the hour."""
    bucket = Bucket("b")
    for minutes in range(500):
        bucket = charge(bucket, 1, NOW + timedelta(minutes=minutes))
    assert len(bucket.calls) == 61


def test_a_percentage_falls_to_nothing_in_an_hour() -> None:
    """Evenly, and never below nothing; a clock that went back changes nothing."""
    bucket = told(Bucket("b"), 100, 0, NOW)
    at = [bucket.believed_percent(NOW + timedelta(minutes=minutes)) for minutes in (-10, 0, 30, 60, 90)]
    assert at == [100, 100, 50, 0, 0]


def test_a_batch_weighs_as_much_as_its_parts() -> None:
    """And what is no list weighs as one call."""
    assert weight({}) == 1
    batches: list[Any] = [[], [1], [1, 2, 3], {}, "x"]
    assert [weight({"batch": json.dumps(value)}) for value in batches] == [1, 1, 3, 1, 1]
    assert weight({"batch": "not JSON"}) == 1


def test_a_minute_is_counted_from_1970() -> None:
    """In UTC."""
    assert minute_of(datetime(1970, 1, 1, 0, 2, 59, tzinfo=UTC)) == 2
