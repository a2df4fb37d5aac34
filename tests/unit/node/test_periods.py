"""Which days a report is about, and with which it compares them."""

from datetime import UTC, date, datetime

import pytest

from freehold.node.measures.question import Span
from freehold.node.reports.periods import period_of


@pytest.mark.parametrize(
    ("at", "first", "last"),
    [
        (datetime(2026, 11, 23, 15, tzinfo=UTC), date(2026, 11, 16), date(2026, 11, 22)),
        (datetime(2026, 11, 23, 7, tzinfo=UTC), date(2026, 11, 9), date(2026, 11, 15)),
        (datetime(2026, 11, 29, 15, tzinfo=UTC), date(2026, 11, 16), date(2026, 11, 22)),
    ],
)
def test_a_week_is_over_when_meta_s_sunday_is(at: datetime, first: date, last: date) -> None:
    """On Monday morning in Europe it is still Sunday in Los Angeles."""
    assert period_of("week", at).now == Span(first, last)


def test_a_week_is_compared_with_the_same_weekdays() -> None:
    """Of the week before, and of 52 weeks before."""
    period = period_of("week", datetime(2026, 11, 23, 15, tzinfo=UTC))
    assert period.before == Span(date(2026, 11, 9), date(2026, 11, 15))
    assert period.year == Span(date(2025, 11, 17), date(2025, 11, 23))


def test_a_month_is_compared_with_months() -> None:
    """However many days they have, and over the turn of the year."""
    period = period_of("month", datetime(2028, 3, 1, 15, tzinfo=UTC))
    assert period.now == Span(date(2028, 2, 1), date(2028, 2, 29))
    assert period.before == Span(date(2028, 1, 1), date(2028, 1, 31))
    assert period.year == Span(date(2027, 2, 1), date(2027, 2, 28))
    assert period_of("month", datetime(2027, 1, 15, 15, tzinfo=UTC)).before == Span(
        date(2026, 11, 1), date(2026, 11, 30)
    )


def test_days_end_yesterday() -> None:
    """As many as were asked for."""
    assert period_of("days", datetime(2026, 11, 23, 15, tzinfo=UTC), 3).now == Span(
        date(2026, 11, 20), date(2026, 11, 22)
    )
