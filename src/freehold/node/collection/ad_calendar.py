"""Which days of an ad account are due: pure arithmetic over what coverage knows, in the account's own zone."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from freehold.node.collection.days import Known, runs
from freehold.node.collection.source import Window
from freehold.node.store.coverage.queries import Covered
from freehold.providers.meta import graph, spec
from freehold.providers.meta.ad_insights import Span


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the next month's first where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year, month + 2, 1)


def settled_at(day: date, zone: ZoneInfo) -> datetime:
    """When the last conversions of a day have arrived: what is read from then on is final."""
    return graph.midnight(day + timedelta(days=spec.SETTLED_DAYS + 1), zone)


def is_settled(mark: Covered, zone: ZoneInfo) -> bool:
    """Whether a day was read when it was final, or is one that Meta does not give."""
    return mark.state == "empty" or (mark.state == "complete" and mark.read_at >= settled_at(mark.day, zone))


def is_gap(mark: Covered | None) -> bool:
    """Whether something was never read, or is missing."""
    return mark is None or mark.state == "missing"


def unsettled(known: Known, metric: str, window: Window, zone: ZoneInfo) -> set[date]:
    """The days of the window that were not read when final, and where it reaches to yesterday those from before it
    that were read but not when final: however long nothing was read, late conversions land.
    """
    if window.gaps_only:
        return {day for day in window.days() if is_gap(known.get((metric, day)))}
    due = {day for day in window.days() if not _final(known.get((metric, day)), zone)}
    if window.is_current:
        oldest = months_before(window.today, spec.AD_MONTHS)
        marks = (mark for (name, day), mark in known.items() if name == metric and oldest <= day < window.first)
        due |= {mark.day for mark in marks if mark.state == "complete" and not is_settled(mark, zone)}
    return due


def unread(known: Known, metric: str, window: Window, zone: ZoneInfo, now: datetime) -> set[date]:
    """The days that were never read, or were read before they were final and are final now: two readings a day."""
    return {
        day
        for day in unsettled(known, metric, window, zone)
        if (mark := known.get((metric, day))) is None or mark.state != "complete" or now >= settled_at(day, zone)
    }


def spans(days: Collection[date], longest: int) -> Iterator[Span]:
    """Days as spans without gaps of at most `longest` days, the newest first."""
    for run in runs(days):
        for place in range(0, len(run), longest):
            piece = run[place : place + longest]
            yield piece[-1], piece[0]


def days_of(span: Span) -> list[date]:
    """Every day of a span."""
    return [span[0] + timedelta(days=place) for place in range((span[1] - span[0]).days + 1)]


def months_within(first: date, last: date) -> list[Span]:
    """The calendar months that lie in these days as a whole."""
    found, begin = [], date(first.year, first.month, 1)
    while begin <= last:
        following = date(begin.year + begin.month // 12, begin.month % 12 + 1, 1)
        if first <= begin and following - timedelta(days=1) <= last:
            found.append((begin, following - timedelta(days=1)))
        begin = following
    return found


def _final(mark: Covered | None, zone: ZoneInfo) -> bool:
    return mark is not None and is_settled(mark, zone)
