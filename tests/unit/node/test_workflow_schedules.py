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
MINUTES, HOURS = st.integers(0, 59), st.integers(0, 23)
SCHEDULES = st.one_of(
    st.builds(Schedule, MINUTES, st.none() | HOURS),
    st.builds(Schedule, MINUTES, HOURS, weekday=st.integers(0, 6)),
    st.builds(Schedule, MINUTES, HOURS, day=st.integers(1, 28)),
)


def slots(schedule: Schedule, around: datetime) -> list[datetime]:
    """Every slot of the months around a moment, found by looking at each hour."""
    first = around.replace(minute=schedule.minute, second=0, microsecond=0) - timedelta(days=32)
    hours = (first + timedelta(hours=hour) for hour in range(64 * 24))
    return [
        at
        for at in hours
        if schedule.hour in {None, at.hour}
        and schedule.weekday in {None, at.weekday()}
        and schedule.day in {None, at.day}
    ]


@given(SCHEDULES, MOMENTS)
def test_the_latest_slot_has_begun_and_the_next_has_not(schedule: Schedule, now: datetime) -> None:
    """However the moment lies to the slots."""
    assert schedule.latest(now) == max(slot for slot in slots(schedule, now) if slot <= now)


@given(SCHEDULES)
def test_a_schedule_is_read_as_it_is_written(schedule: Schedule) -> None:
    """What the API tells is what the setting takes."""
    assert Schedule.read(str(schedule)) == schedule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hourly",
        "hourly :60",
        "daily 24:00",
        "daily 9:10",
        "every day",
        "weekly 06:30",
        "monthly 29 06:30",
        "monthly 0 06:30",
    ],
)
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
        "competitor_ads", "recommendations", "backfill", "token_refresh", "backup", "weekly_report",
        "monthly_report", "alert_digest",
        "export",
    }  # fmt: skip
    assert stories_hourly.STORIES in {stream.name for stream in instagram.STREAMS}
    assert backfill.STREAMS
    assert {name for name, workflow in WORKFLOWS.items() if workflow.schedule is None} == {"collection", "export"}
