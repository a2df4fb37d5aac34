"""What counts as wrong, and as well again."""

from datetime import UTC, datetime, timedelta

import pytest

from freehold.node.alerts.conditions import (
    Backups,
    Calls,
    Finding,
    Hourly,
    Reading,
    Refusals,
    State,
    Throttling,
    changes,
    judge,
    judge_backups,
    judge_calls,
    judge_hourly,
    judge_reading,
    judge_refusals,
    judge_throttling,
)

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("confirmed", "last", "state"),
    [
        (50, 1, "well"),
        (500, 36, "well"),
        (500, 37, "wrong"),
        (10, None, "well"),
        (37, None, "wrong"),
        (10, 400, "well"),
    ],
)
def test_collection_is_stuck_when_nothing_is_read_for_longer_than_a_day_and_a_half(
    confirmed: int, last: int | None, state: State
) -> None:
    """Counted from the last reading, or from the tick where there is none since."""
    read = None if last is None else NOW - last * HOUR

    assert judge_reading(Reading("1", NOW - confirmed * HOUR, read), NOW).state == state


@pytest.mark.parametrize(
    ("ordered", "done", "state"),
    [(20, 3, "well"), (20, 3.1, "wrong"), (2, None, "well"), (3.1, None, "wrong")],
)
def test_an_hourly_workflow_is_late_after_three_hours(ordered: float, done: float | None, state: State) -> None:
    """Counted from the last run that ended well, or from the first that was ordered where none has."""
    last = None if done is None else NOW - done * HOUR

    assert judge_hourly(Hourly("stories_hourly", NOW - ordered * HOUR, last), NOW).state == state


@pytest.mark.parametrize(
    ("wanted", "newest", "state"),
    [(400, 48, "well"), (400, 49, "wrong"), (48, None, "well"), (49, None, "wrong"), (1, 400, "wrong")],
)
def test_a_backup_is_late_after_two_days(wanted: int, newest: int | None, state: State) -> None:
    """Counted from the newest, or from when there was first something to lose where there is none."""
    made = None if newest is None else NOW - newest * HOUR

    assert judge_backups(Backups(NOW - wanted * HOUR, made), NOW).state == state


@pytest.mark.parametrize(
    ("until", "since", "state"),
    [
        (0.5, 0.2, "unclear"),
        (0.5, 1.1, "wrong"),
        (1.5, None, "wrong"),
        (-0.5, 3, "unclear"),
        (-0.5, None, "well"),
        (None, None, "well"),
    ],
)
def test_throttled_is_an_hour_behind_or_ahead(until: float | None, since: float | None, state: State) -> None:
    """A short wait is nobody's business; it is over only when a call was let through since."""
    shut = None if until is None else NOW + until * HOUR
    refused = None if since is None else NOW - since * HOUR

    assert judge_throttling(Throttling("1", shut, None, refused), NOW).state == state


@pytest.mark.parametrize(
    ("answered", "failed", "state"),
    [(15, 5, "wrong"), (15, 4, "unclear"), (0, 19, "unclear"), (0, 20, "wrong"), (17, 3, "unclear"), (95, 5, "well"),
     (0, 0, "unclear"), (1, 0, "well")],
)  # fmt: skip
def test_many_calls_fail_when_a_quarter_of_enough_do(answered: int, failed: int, state: State) -> None:
    """Few calls say nothing, and between a tenth and a quarter nothing changes."""
    assert judge_calls(Calls(answered, failed)).state == state


def test_an_alert_opens_once_and_closes_once() -> None:
    """Whatever is seen again and again, each change is one change."""
    states: list[State] = ["well", "wrong", "wrong", "unclear", "wrong", "well", "well", "unclear", "wrong"]
    is_open: set[str] = set()
    told = []
    for state in states:
        changed = changes([Finding("api_errors", state, None, "")], is_open)
        told += ["opened" for _ in changed.opened] + ["closed" for _ in changed.closed]
        is_open |= {each.key for each in changed.opened}
        is_open -= {each.key for each in changed.closed}

    assert told == ["opened", "closed", "opened"]


def test_what_nobody_watches_any_more_is_dropped() -> None:
    """An asset that is no longer collected leaves no alert open, and nobody is told that it works again."""
    changed = changes([], {"collection_stuck:1"})

    assert (changed.opened, changed.closed, changed.dropped) == ([], [], ["collection_stuck:1"])


def test_one_limit_that_is_shut_is_enough() -> None:
    """An asset with several limits has one alert: the worst of them."""
    limits = [Throttling("1", NOW - HOUR, NOW, None), Throttling("1", NOW + 2 * HOUR, NOW, None)]
    found = {each.key: each.state for each in judge([], [], limits, Calls(0, 0), Refusals(0, 0), NOW)}

    assert found == {"throttled:1": "wrong", "api_errors:node": "unclear", "sign_in_failures:node": "well"}


@pytest.mark.parametrize(("count", "state"), [(0, "well"), (2, "well"), (3, "unclear"), (9, "unclear"), (10, "wrong")])
def test_many_refusals_at_the_door_are_told(count: int, state: State) -> None:
    """A person who mistypes a key is no attack; between the two nothing changes."""
    found = judge_refusals(Refusals(count, 1))
    assert (found.key, found.state, found.detail) == ("sign_in_failures:node", state, f"{count} times from one address")
