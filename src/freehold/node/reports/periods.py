"""Which days a report tells of, and with which earlier ones it compares them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from freehold.node.collection.source import window
from freehold.node.measures.question import Span
from freehold.node.reports.queries import Kind


@dataclass(frozen=True)
class Period:
    """The days of a report, the same kind of days right before them, and those of a year before."""

    kind: Kind
    now: Span
    before: Span
    year: Span


def period_of(kind: Kind, at: datetime, days: int = 0) -> Period:
    """The newest whole week (Monday to Sunday), month, or `days` that are over at `at` where Meta counts its days.

    A week and other days are compared with the same weekdays of 52 weeks before, a month with the month of that name.
    """
    yesterday = window(at, 1).last
    if kind == "month":
        last = (yesterday + timedelta(days=1)).replace(day=1) - timedelta(days=1)
        now = Span(last.replace(day=1), last)
        return Period(kind, now, _month_before(now, 1), _month_before(now, 12))
    if kind == "week":
        last = yesterday - timedelta(days=(yesterday.weekday() + 1) % 7)
        days = 7
    else:
        last = yesterday
    now = Span(last - timedelta(days=days - 1), last)
    return Period(kind, now, now.before(), now.year_before())


def _month_before(month: Span, back: int) -> Span:
    """The calendar month that was `back` months earlier."""
    counted = month.first.year * 12 + month.first.month - 1
    first, after = (month.first.replace(year=n // 12, month=n % 12 + 1) for n in (counted - back, counted - back + 1))
    return Span(first, after - timedelta(days=1))
