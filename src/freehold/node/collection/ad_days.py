"""What each ad did day by day: the days that are not final yet, and today so far."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import partial

from freehold.kernel.database import WriteSession
from freehold.node.collection import ad_calendar
from freehold.node.collection.ad_daily import Daily, keep_page
from freehold.node.collection.ad_reports import Report, read_report
from freehold.node.collection.ad_spans import LONGEST_SPAN, note, read_span
from freehold.node.collection.refusals import reason_of
from freehold.node.collection.source import Source, Window, priority_of
from freehold.node.governor import Priority
from freehold.node.store.ads import queries, upserts
from freehold.node.store.coverage.queries import covered
from freehold.providers.calls import Rejected, Unavailable
from freehold.providers.meta import ad_insights, spec
from freehold.providers.meta.ad_insights import AdDay, Question, Span

AD_DAYS = "ad_insights"
"""The name under which coverage keeps an ad account's days."""
UNFINISHED = "the day is not over: what is there is what it has so far"
TOO_OLD = f"Meta keeps what ads did for {spec.AD_MONTHS} months"


async def read_ad_days(source: Source, window: Window) -> None:
    """Every ad's days that are not final yet: those of the window, and older ones whose late conversions are due.

    The days whose conversions still arrive come first, the older ones after them as backfill.
    """
    async with source.database.reading() as session:
        known, zone = await covered(session, source.asset_id), await queries.zone(session, source.asset_id)
    due = ad_calendar.unsettled(known, AD_DAYS, window, zone)
    finished = {day for (metric, day), mark in known.items() if metric == AD_DAYS and mark.state == "complete"}
    kept = await without_too_old(source, AD_DAYS, due, window.today)
    moving = window.today - timedelta(days=spec.SETTLED_DAYS + 1)
    for part in ({day for day in kept if day >= moving}, {day for day in kept if day < moving}):
        for span in ad_calendar.spans(part, LONGEST_SPAN):
            await read_span(source, await _daily(source, span, finished), span, priority_of(window, span[1]))


async def read_ad_today(source: Source, window: Window) -> None:
    """What each ad has done today so far; coverage keeps the day as missing until it is over."""
    today: Span = (window.today, window.today)
    daily = await _daily(source, today, frozenset())
    report = Report(
        f"today:{window.today}", daily.question(today), daily.understand, daily.rows_a_day, Priority.SCHEDULED
    )
    try:
        async for page in read_report(source, report):
            async with page.saving() as session:
                await keep_page(session, source, daily, today, page)
    except (Rejected, Unavailable) as error:
        await note(source, AD_DAYS, today, "missing", reason_of(error))
        raise
    await note(source, AD_DAYS, today, "missing", UNFINISHED)


async def without_too_old(source: Source, metric: str, days: set[date], today: date) -> set[date]:
    """The days that Meta still has; that it does not have the others is noted."""
    oldest = ad_calendar.months_before(today, spec.AD_MONTHS)
    for span in ad_calendar.spans({day for day in days if day < oldest}, LONGEST_SPAN):
        await note(source, metric, span, "empty", TOO_OLD)
    return {day for day in days if day >= oldest}


async def _daily(source: Source, span: Span, finished: Collection[date]) -> Daily[list[AdDay]]:
    async with source.database.reading() as session:
        rows_a_day = await queries.rows_a_day(session, source.asset_id, *span)
        currency = await queries.currency(session, source.asset_id) or source.currency

    async def keep(session: WriteSession, found: list[AdDay]) -> None:
        await upserts.save_ad_days(session, source.asset_id, found, finished, source.clock.now())

    understand = partial(ad_insights.read_days, currency=currency)
    return Daily(AD_DAYS, days_question, understand, keep, rows_a_day, finished=finished)


def days_question(span: Span) -> Question:
    """What each ad did on each day, with conversions by attribution window."""
    return Question("ad", spec.AD_INSIGHT_FIELDS, days=span, attribution=spec.ATTRIBUTION)
