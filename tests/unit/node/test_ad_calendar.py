"""Which days of ads are due: arithmetic of days, months and zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.node.collection import ad_calendar
from freehold.node.collection.source import Window
from freehold.node.store.coverage.queries import Covered

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 23)
DAYS = st.sets(st.integers(0, 400).map(lambda back: TODAY - timedelta(days=back)))


def mark(day: date, read_at: datetime, state: str = "complete") -> dict[tuple[str, date], Covered]:
    """What coverage knows of one day."""
    return {("m", day): Covered("m", day, state, "", read_at)}


@given(days=DAYS, longest=st.integers(1, 90))
def test_spans_hold_every_day_once(days: set[date], longest: int) -> None:
    """In spans without gaps, none too long, the newest first."""
    spans = list(ad_calendar.spans(days, longest))
    held = [day for span in spans for day in ad_calendar.days_of(span)]
    assert sorted(held) == sorted(days)
    assert all(len(ad_calendar.days_of(span)) <= longest for span in spans)
    assert spans == sorted(spans, reverse=True)


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), months=st.integers(1, 60))
def test_months_before_are_months(day: date, months: int) -> None:
    """Never further back than so many months, nor more than three days less."""
    before = ad_calendar.months_before(day, months)
    assert (day.year - before.year) * 12 + day.month - before.month in {months, months - 1}
    assert before.day in {day.day, 1}


def test_a_day_is_final_28_days_after_its_end() -> None:
    """To the second, in the account's own zone, also across a change of clocks."""
    day = date(2026, 10, 1)
    settled = datetime(2026, 10, 29, 23, 0, tzinfo=UTC)
    assert ad_calendar.settled_at(day, BERLIN) == settled
    window = Window(day, day, TODAY)
    assert ad_calendar.unsettled(mark(day, settled - timedelta(seconds=1)), "m", window, BERLIN) == {day}
    assert ad_calendar.unsettled(mark(day, settled), "m", window, BERLIN) == set()
    assert ad_calendar.unsettled(mark(day, NOT_YET, "missing"), "m", window, BERLIN) == {day}
    assert ad_calendar.unsettled(mark(day, NOT_YET, "empty"), "m", window, BERLIN) == set()


NOT_YET = datetime(2026, 10, 3, tzinfo=UTC)


@pytest.mark.parametrize("last", [TODAY - timedelta(days=1), TODAY - timedelta(days=2)])
def test_only_a_regular_run_looks_further_back_than_it_is_told(last: date) -> None:
    """Backfill keeps to its days."""
    day = date(2026, 8, 1)
    found = ad_calendar.unsettled(mark(day, NOT_YET - timedelta(days=60)), "m", Window(last, last, TODAY), BERLIN)
    assert found == ({last, day} if Window(last, last, TODAY).is_current else {last})


def test_months_within_days() -> None:
    """Whole months alone, also over the end of a year."""
    assert ad_calendar.months_within(date(2026, 11, 30), date(2027, 2, 27)) == [
        (date(2026, 12, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 1, 31)),
    ]
