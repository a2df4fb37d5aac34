"""The days of ads once more by age and gender, country, placement and device: each a report, each with its coverage."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import groupby

from freehold.kernel.database import WriteSession
from freehold.node.collection import ad_calendar
from freehold.node.collection.ad_daily import Daily
from freehold.node.collection.ad_days import without_too_old
from freehold.node.collection.ad_reports import ROWS_PER_PAGE
from freehold.node.collection.ad_spans import LONGEST_SPAN, note, read_span
from freehold.node.collection.source import Source, Window
from freehold.node.governor import Priority
from freehold.node.store.ads import queries, upserts
from freehold.node.store.coverage.queries import covered
from freehold.providers.meta import ad_insights, spec
from freehold.providers.meta.ad_insights import AdPart, Question, Span

FIRST_DAYS = 7
"""So many days a window that reaches to yesterday reads at most; older ones are for windows further back.

An ad's day has up to 18 rows by age and gender: 90 days of all breakdowns would take an hour's budget many times.
"""
PARTS = {"age_gender": 18, "country": 4, "placement": 10, "device": 8}
"""About how many rows an ad's day has in each."""
PAGES = 40
"""About how many pages a report has at most, if it is of more than one day: coverage has the days of a report only when
its last page is kept, so one that is larger than what an hour's budget leaves would never be done.
"""
NO_REACH = f"Meta keeps people by breakdown for {spec.AD_REACH_MONTHS} months"


async def read_ad_breakdowns(source: Source, window: Window) -> None:
    """Each breakdown's days that were never read, or not when final: each day is read twice in all.

    All of it gives way to what else is due: what is cut here is there as a whole already.
    """
    for breakdown in spec.AD_BREAKDOWNS:
        await _read_breakdown(source, window, breakdown)


async def _read_breakdown(source: Source, window: Window, breakdown: str) -> None:
    metric = metric_of(breakdown)
    async with source.database.reading() as session:
        known, zone = await covered(session, source.asset_id), await queries.zone(session, source.asset_id)
    due = ad_calendar.unread(known, metric, _narrowed(window), zone, source.clock.now())
    kept = await without_too_old(source, metric, due, window.today)
    longest = await _longest(source, window, breakdown)
    for span in _reports(kept, window.last, longest):
        await read_span(source, await _daily(source, breakdown, span), span, Priority.BACKFILL)
    oldest = ad_calendar.months_before(window.today, spec.AD_REACH_MONTHS)
    for span in ad_calendar.spans({day for day in kept if day < oldest}, LONGEST_SPAN):
        await note(source, f"{metric}:reach", span, "empty", NO_REACH)


def metric_of(breakdown: str) -> str:
    """The name under which coverage keeps a breakdown's days."""
    return f"ad_breakdowns:{breakdown}"


def parts_question(breakdown: str, span: Span) -> Question:
    """What each ad did on each day, cut by a breakdown."""
    return Question("ad", spec.AD_DELIVERY_FIELDS, days=span, breakdowns=spec.AD_BREAKDOWNS[breakdown])


def _narrowed(window: Window) -> Window:
    if not window.is_current:
        return window
    first: date = max(window.first, window.today - timedelta(days=FIRST_DAYS))
    return Window(first, window.last, window.today)


async def _longest(source: Source, window: Window, breakdown: str) -> int:
    """Of how many days a report is at most, by how many ads deliver on the fullest day of the window."""
    async with source.database.reading() as session:
        rows_a_day = await queries.rows_a_day(session, source.asset_id, window.first, window.last)
    rows = max(1, rows_a_day * PARTS[breakdown])
    return min(LONGEST_SPAN, max(1, PAGES * ROWS_PER_PAGE // rows))


def _reports(days: Collection[date], last: date, longest: int) -> Iterator[Span]:
    """Days as spans that are counted from the window's last day: a run that goes on finds those that it had begun."""
    for _, piece in groupby(sorted(days, reverse=True), key=lambda day: (last - day).days // longest):
        yield from ad_calendar.spans(list(piece), longest)


async def _daily(source: Source, breakdown: str, span: Span) -> Daily[list[AdPart]]:
    async with source.database.reading() as session:
        rows_a_day = await queries.rows_a_day(session, source.asset_id, *span)
        currency = await queries.currency(session, source.asset_id) or source.currency

    async def keep(session: WriteSession, found: Sequence[AdPart]) -> None:
        await upserts.save_ad_parts(session, source.asset_id, breakdown, found, source.clock.now())

    names = spec.AD_BREAKDOWNS[breakdown]
    understand = partial(ad_insights.read_parts, currency=currency, breakdowns=names)
    question = partial(parts_question, breakdown)
    return Daily(metric_of(breakdown), question, understand, keep, rows_a_day * PARTS[breakdown], breakdown)
