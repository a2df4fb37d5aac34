"""Figures of a Facebook page: sums of its days as Meta tells them, and the people of a week or of 28 days."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from freehold.kernel.database import ReadSession
from freehold.node.measures.question import Span
from freehold.node.reports.figures import Asking, Figure, Source, Told, each_day, set_beside
from freehold.node.store.facebook import queries
from freehold.node.store.facebook.queries import PageDay

SUMMED: Final = ("page_media_view", "page_post_engagements", "page_daily_follows", "page_views_total")
PEOPLE: Final = "page_total_media_view_unique"
UNIONS: Final = {"week": "week", "month": "days_28"}
"""Of a kind of report the window in which Meta counts people once."""

Values = Mapping[str, Mapping[date, float]]


async def tell(session: ReadSession, asking: Asking) -> Told:
    """The figures of a page, with where they come from, its daily values, and the days of which one is not known."""
    page, period = asking.account_id, asking.period
    shown, before, year = [
        await queries.days(session, page, SUMMED, span.first, span.last)
        for span in (asking.shown, period.before, period.year)
    ]
    days = _by_metric(shown)
    sides = ((days, period.now), (_by_metric(before), period.before), (_by_metric(year), period.year))
    summed = [
        set_beside(metric, "count", 0, period, [_sum(values[metric], span) for values, span in sides])
        for metric in SUMMED
    ]
    mine = [each for each in shown if period.now.first <= each.day <= period.now.last]
    source = Source(
        page, SUMMED, {}, period.now, asking.zone, len(mine), min((each.read_at for each in mine), default=None), False
    )
    unread = {metric: tuple(day for day in each_day(period.now) if day not in days[metric]) for metric in SUMMED}
    return Told((*summed, *await _people(session, asking)), source, days, unread)


async def _people(session: ReadSession, asking: Asking) -> list[Figure]:
    """How many different people saw the page's content, where Meta counted them as one window."""
    window = UNIONS.get(asking.period.kind)
    if window is None:
        return []
    values: list[float | None] = []
    for span in (asking.period.now, asking.period.before, asking.period.year):
        found = await queries.days(session, asking.account_id, (PEOPLE,), span.last, span.last, period=window)
        values.append(found[0].value if found else None)
    if values[0] is None:
        return []
    return [set_beside(f"reach_{window}", "people", 0, asking.period, values, adds_up=False)]


def _by_metric(found: list[PageDay]) -> dict[str, dict[date, float]]:
    return {metric: {each.day: each.value for each in found if each.metric == metric} for metric in SUMMED}


def _sum(values: Mapping[date, float], span: Span) -> float | None:
    """The sum over a span; None where a day of it is not known."""
    known = [values[day] for day in each_day(span) if day in values]
    return sum(known) if len(known) == span.days else None
