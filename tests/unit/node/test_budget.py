"""The budget's arithmetic: what a window holds, when there is room again, what a percentage and a score mean."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.node.governor.budget import (
    BACKGROUND_STOP_PERCENT,
    KEPT,
    MAX_PACE_SECONDS,
    SLOW_PERCENT,
    STOP_PERCENT,
    Bucket,
    Charge,
    Decision,
    Limit,
    Priority,
    charged,
    decide,
    minute_of,
    shut,
    told,
    weight,
)
from freehold.providers.meta.limits import RULES, System

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PRIORITIES = st.sampled_from(Priority)
STEPS = st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 30)), max_size=40)
ASKED = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 30), PRIORITIES), max_size=60)
HOUR, DAY, WEEK = Limit("b"), Limit("b", 24 * 60, 30), Limit("b", 7 * 24 * 60, 360)
SCORE = Limit("b", 5, assumed=60, leaks=True)
WINDOWS = st.sampled_from([HOUR, DAY, WEEK])
SECOND = timedelta(seconds=1)


def ceiling(limit: Limit, calls: int) -> Limit:
    """The limit with a ceiling."""
    return Limit(limit.key, limit.minutes, limit.step, ceiling=calls)


def decision(
    bucket: Bucket,
    cost: int = 1,
    priority: Priority = Priority.INTERACTIVE,
    limit: Limit | None = None,
    now: datetime = NOW,
) -> Decision:
    """What is decided about one bucket; its ceiling is 100 calls an hour unless a limit is given."""
    return decide([Charge(limit or ceiling(HOUR, 100), bucket, cost)], priority, now)


def filled(limit: Limit, steps: list[tuple[int, int]]) -> tuple[Bucket, datetime]:
    """A bucket after calls at these distances in seconds, and the time it then is."""
    bucket, now = Bucket("b"), NOW
    for seconds, cost in steps:
        now += timedelta(seconds=seconds)
        bucket = charged(Charge(limit, bucket, cost), now)
    return bucket, now


@given(asked=ASKED, calls=st.integers(1, 200), limit=WINDOWS)
def test_no_window_ever_holds_more_than_the_ceiling(
    asked: list[tuple[int, int, Priority]], calls: int, limit: Limit
) -> None:
    """Whatever is asked for, when and how urgently: what is let through stays under the ceiling in every window."""
    limited, bucket, now = ceiling(limit, calls), Bucket("b"), NOW
    sent: list[tuple[datetime, int]] = []
    for seconds, cost, priority in asked:
        now += timedelta(seconds=seconds * limit.step)
        if decision(bucket, cost, priority, limited, now).wait == 0:
            bucket = charged(Charge(limited, bucket, cost), now)
            sent.append((now, cost))
    for at, _ in sent:
        window = timedelta(minutes=limit.minutes)
        assert sum(cost for when, cost in sent if timedelta(0) <= at - when < window) <= calls


@given(asked=ASKED)
def test_a_score_never_passes_what_it_holds(asked: list[tuple[int, int, Priority]]) -> None:
    """Points run out evenly; whoever asks, the level after a call is at most the maximum."""
    bucket, now = Bucket("b"), NOW
    for seconds, points, priority in asked:
        now += timedelta(seconds=seconds % 30)
        if decision(bucket, points, priority, SCORE, now).wait == 0:
            bucket = charged(Charge(SCORE, bucket, points), now)
            assert bucket.percent <= 100 + 1e-6


@given(bursts=st.lists(st.floats(0, 0.6), min_size=1, max_size=300))
def test_no_second_holds_more_than_a_hundred_changes(bursts: list[float]) -> None:
    """Though changes are not counted by the second, but run out within one."""
    rule = RULES[System.MUTATIONS]
    limit = Limit("m", rule.minutes, assumed=rule.limited, leaks=rule.leaks)
    bucket, now, sent = Bucket("m"), NOW, list[datetime]()
    for pause in bursts:
        now += timedelta(seconds=pause / 20)
        if decision(bucket, 1, Priority.WRITE, limit, now).wait == 0:
            bucket = charged(Charge(limit, bucket), now)
            sent.append(now)
    assert all(sum(timedelta(0) <= at - when < SECOND for when in sent) <= 100 for at in sent)


@given(steps=STEPS, cost=st.integers(1, 50), calls=st.integers(50, 200), priority=PRIORITIES, limit=WINDOWS)
def test_the_wait_for_room_is_exact(
    steps: list[tuple[int, int]], cost: int, calls: int, priority: Priority, limit: Limit
) -> None:
    """After it the call may go, a second earlier it may not."""
    limited = ceiling(limit, calls)
    bucket, now = filled(limited, steps)
    first = decision(bucket, cost, priority, limited, now)
    later = now + timedelta(seconds=first.wait)
    fits = cost <= (limited.allowed(priority) or 0)
    assert (decision(bucket, cost, priority, limited, later).wait == 0) == fits
    if first.wait > 1:
        assert decision(bucket, cost, priority, limited, later - SECOND).wait > 0


@given(points=st.integers(0, 60), cost=st.integers(1, 50), elapsed=st.integers(0, 400), priority=PRIORITIES)
def test_the_wait_for_a_score_is_exact(points: int, cost: int, elapsed: int, priority: Priority) -> None:
    """Also for a batch that needs most of the score."""
    bucket = charged(Charge(SCORE, Bucket("b"), points), NOW)
    now = NOW + timedelta(seconds=elapsed)
    first = decision(bucket, cost, priority, SCORE, now)
    later = now + timedelta(seconds=first.wait)
    assert decision(bucket, cost, priority, SCORE, later).wait == 0
    if first.wait > 1:
        assert decision(bucket, cost, priority, SCORE, later - SECOND).wait > 0


@given(percent=st.floats(0, 200), priority=PRIORITIES, limit=st.sampled_from([HOUR, DAY]))
def test_the_wait_for_a_percentage_is_exact(percent: float, priority: Priority, limit: Limit) -> None:
    """It is believed to fall evenly within its own window."""
    bucket = told(Bucket("b"), limit, percent, None, NOW)
    first = decision(bucket, 1, priority, limit)
    later = NOW + timedelta(seconds=first.wait)
    assert decision(bucket, 1, priority, limit, later).wait == 0
    if first.wait > 1:
        assert decision(bucket, 1, priority, limit, later - SECOND).wait > 0


@given(steps=STEPS, priority=PRIORITIES, assumed=st.integers(1, 400))
def test_before_a_percentage_is_told_it_is_reckoned(
    steps: list[tuple[int, int]], priority: Priority, assumed: int
) -> None:
    """From our own calls and the least that the provider allows; then the wait is exact too."""
    limit = Limit("b", assumed=assumed)
    bucket, now = filled(limit, steps)
    stop = BACKGROUND_STOP_PERCENT if priority >= Priority.SCHEDULED else STOP_PERCENT
    stopped = 100 * bucket.spent(limit, now) / assumed >= stop and priority is not Priority.PAUSE_AD
    first = decision(bucket, 1, priority, limit, now)
    assert (first.wait > 0) == stopped
    later = now + timedelta(seconds=first.wait)
    assert decision(bucket, 1, priority, limit, later).wait == 0
    if first.wait > 1:
        assert decision(bucket, 1, priority, limit, later - SECOND).wait > 0
    assert decision(told(bucket, limit, 10, None, now), 1, priority, limit, now) == Decision()


@given(steps=STEPS, cost=st.integers(1, 50), calls=st.integers(1, 200), percent=st.floats(0, 120))
def test_the_more_urgent_never_waits_longer(
    steps: list[tuple[int, int]], cost: int, calls: int, percent: float
) -> None:
    """From pausing an ad down to backfill each waits as long as the one before it, or longer."""
    limited = ceiling(HOUR, calls)
    bucket, now = filled(limited, steps)
    bucket = told(bucket, limited, percent, None, now)
    found = [decision(bucket, cost, priority, limited, now) for priority in sorted(Priority)]
    waits = [each.wait for each in found if cost <= calls]
    assert waits == sorted(waits)


@given(asked=ASKED, calls=st.integers(20, 400))
def test_the_reserve_is_never_touched(asked: list[tuple[int, int, Priority]], calls: int) -> None:
    """Backfill alone, or scheduled runs and backfill together, leave the people their part of the hour."""
    limited, bucket, now = ceiling(HOUR, calls), Bucket("b"), NOW
    for seconds, cost, urgency in asked:
        priority = max(urgency, Priority.SCHEDULED)
        now += timedelta(seconds=seconds)
        if decision(bucket, cost, priority, limited, now).wait == 0:
            bucket = charged(Charge(limited, bucket, cost), now)
            assert bucket.spent(limited, now) <= calls - int(calls * KEPT[priority])
        assert decision(bucket, int(calls * KEPT[Priority.SCHEDULED]), Priority.INTERACTIVE, limited, now).wait == 0


def test_what_never_fits_is_told_to_wait_the_whole_window() -> None:
    """A batch larger than the whole ceiling."""
    assert decision(Bucket("b"), 101).wait == 3660


@given(percent=st.floats(0, 300), priority=PRIORITIES)
def test_a_told_percentage_is_obeyed(percent: float, priority: Priority) -> None:
    """Below 75 % nothing happens; background stops at 90 %, all but pausing an ad at 95 %."""
    found = decision(told(Bucket("b"), HOUR, percent, None, NOW), priority=priority)
    background = priority >= Priority.SCHEDULED
    stopped = percent >= (BACKGROUND_STOP_PERCENT if background else STOP_PERCENT)
    assert (found.wait > 0) == (stopped and priority is not Priority.PAUSE_AD)
    assert (found.pace > 0) == (background and not stopped and percent >= SLOW_PERCENT)
    assert found.pace <= MAX_PACE_SECONDS


@given(percent=st.floats(0, 300), priority=PRIORITIES)
def test_a_percentage_stops_only_what_heeds_it(percent: float, priority: Priority) -> None:
    """A call that Meta does not count there goes, until the limit is shut."""
    bucket = told(Bucket("b"), HOUR, percent, None, NOW)
    assert decide([Charge(HOUR, bucket, 0, heeds=False)], priority, NOW) == Decision()
    closed = decide([Charge(HOUR, shut(bucket, 10, NOW), 0, heeds=False)], priority, NOW)
    assert (closed.wait, closed.reason) == (10, "shut")


@given(first=st.floats(1, 7200), second=st.floats(1, 7200), priority=PRIORITIES, limit=st.sampled_from([HOUR, SCORE]))
def test_a_shut_bucket_sends_nothing_before_its_time(
    first: float, second: float, priority: Priority, limit: Limit
) -> None:
    """For nobody, until the longest time told; a shorter time told later opens nothing."""
    bucket = shut(shut(Bucket("b"), first, NOW), second, NOW)
    found = decision(bucket, 1, priority, limit)
    assert abs(found.wait - max(first, second)) < 0.001
    later = NOW + timedelta(seconds=found.wait)
    assert decision(bucket, 1, priority, limit, later - timedelta(milliseconds=1)).wait > 0
    assert decision(bucket, 1, priority, limit, later).wait == 0


def test_the_bucket_that_makes_one_wait_longest_is_named() -> None:
    """So that a log line says which limit it was, and why."""
    buckets = [shut(Bucket("a"), 10, NOW), shut(Bucket("b"), 20, NOW), Bucket("c")]
    charges = [Charge(Limit(bucket.key), bucket) for bucket in buckets]
    assert decide(charges, Priority.WRITE, NOW) == Decision(wait=20, bucket="b", reason="shut")


def test_without_buckets_everything_goes() -> None:
    """Nothing is known, nothing is refused."""
    assert decide([], Priority.BACKFILL, NOW) == Decision()


def test_backfill_leaves_a_tenth_of_the_ceiling() -> None:
    """91 calls are too many for it, and not for anybody else."""
    bucket = charged(Charge(HOUR, Bucket("b"), 90), NOW)
    assert decision(bucket, priority=Priority.BACKFILL).wait > 0
    assert decision(bucket, priority=Priority.SCHEDULED).wait == 0


def test_a_run_leaves_a_part_to_people() -> None:
    """Of a hundred calls an hour, five are for whoever asks or has to pause an ad."""
    bucket = charged(Charge(HOUR, Bucket("b"), 95), NOW)
    assert decision(bucket, priority=Priority.SCHEDULED).wait > 0
    for priority in (Priority.PAUSE_AD, Priority.INTERACTIVE, Priority.WRITE):
        assert decision(bucket, priority=priority).wait == 0


@given(limit=st.sampled_from([HOUR, DAY, WEEK]), pauses=st.lists(st.integers(1, 600), max_size=400))
def test_a_bucket_stays_small(limit: Limit, pauses: list[int]) -> None:
    """It holds one number for each step of its window, however long it is used."""
    bucket, _ = filled(limit, [(pause * 60, 1) for pause in pauses])
    assert len(bucket.calls) <= limit.minutes / limit.step + 1 <= 61


def test_a_percentage_falls_to_nothing_in_its_window() -> None:
    """Evenly, and never below nothing; a clock that went back changes nothing."""
    bucket = told(Bucket("b"), HOUR, 100, None, NOW)
    at = [bucket.believed_percent(HOUR, NOW + timedelta(minutes=minutes)) for minutes in (-10, 0, 30, 60, 90)]
    assert at == [100, 100, 50, 0, 0]
    assert bucket.believed_percent(DAY, NOW + timedelta(hours=12)) == 50


def test_a_score_falls_to_nothing_in_five_minutes() -> None:
    """A read is one point of sixty, a write three."""
    bucket = charged(Charge(SCORE, charged(Charge(SCORE, Bucket("b"), 1), NOW), 3), NOW)
    at = [bucket.believed_percent(SCORE, NOW + timedelta(seconds=seconds)) for seconds in (0, 10, 20, 300)]
    assert at == pytest.approx([400 / 60, 200 / 60, 0, 0])


def test_a_score_that_is_told_keeps_what_is_under_way() -> None:
    """A header was written before the calls that followed it; a tier that is told for the first time ends reckoning."""
    bucket = charged(Charge(SCORE, Bucket("b", tier="development_access"), 30), NOW)
    assert told(bucket, SCORE, 10, "development_access", NOW).percent == 50
    assert told(bucket, SCORE, 80, "development_access", NOW).percent == 80
    assert told(bucket, SCORE, 0.4, "standard_access", NOW).percent == 0.4


def test_a_batch_weighs_as_much_as_its_parts() -> None:
    """And what is no list weighs as one call."""
    assert weight({}) == 1
    batches: list[Any] = [[], [1], [1, 2, 3], {}, "x"]
    assert [weight({"batch": json.dumps(value)}) for value in batches] == [1, 1, 3, 1, 1]
    assert weight({"batch": "not JSON"}) == 1


def test_a_minute_is_counted_from_1970() -> None:
    """In UTC."""
    assert minute_of(datetime(1970, 1, 1, 0, 2, 59, tzinfo=UTC)) == 2
