"""Slots of schedules, and the ids of their runs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.node.collection import instagram
from freehold.node.workflows import backfill, stories_hourly
from freehold.node.workflows.registry import WORKFLOWS
from freehold.node.workflows.schedule import Schedule, ScheduleError, slot_id

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
SCHEDULES = st.builds(Schedule, st.integers(0, 59), st.none() | st.integers(0, 23))


@given(SCHEDULES, MOMENTS)
def test_the_latest_slot_has_begun_and_the_next_has_not(schedule: Schedule, now: datetime) -> None:
    """However the moment lies to the slots."""
    latest, step = schedule.latest(now), timedelta(hours=1) if schedule.hour is None else timedelta(days=1)
    assert latest <= now < latest + step
    assert latest.minute == schedule.minute
    assert schedule.hour in {None, latest.hour}


@given(SCHEDULES)
def test_a_schedule_is_read_as_it_is_written(schedule: Schedule) -> None:
    """What the API tells is what the setting takes."""
    assert Schedule.read(str(schedule)) == schedule


@pytest.mark.parametrize("text", ["", "hourly", "hourly :60", "daily 24:00", "daily 9:10", "every day"])
def test_what_cannot_be_meant_is_refused(text: str) -> None:
    """With how to write it."""
    with pytest.raises(ScheduleError, match="daily 09:10"):
        Schedule.read(text)


def test_a_slot_has_one_id() -> None:
    """It names the workflow, the day and the hour."""
    assert slot_id("ads_hourly", datetime(2026, 11, 25, 4, 50, tzinfo=UTC)) == "ads_hourly:2026-11-25T04"


def test_every_workflow_reads_something() -> None:
    """None is left without a stream, and each has a time or is ordered by hand."""
    assert set(WORKFLOWS) == {
        "collection", "instagram_daily", "stories_hourly", "facebook_page_daily", "ads_daily", "ads_hourly",
        "competitor_ads", "backfill", "token_refresh", "backup",
    }  # fmt: skip
    assert stories_hourly.STORIES in {stream.name for stream in instagram.STREAMS}
    assert backfill.STREAMS
    assert {name for name, workflow in WORKFLOWS.items() if workflow.schedule is None} == {"collection"}
