"""Days of ads, read as wide as Meta serves them: what fails is halved until only the bad day is left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from freehold.node.collection.ad_calendar import days_of
from freehold.node.collection.ad_daily import Daily, keep_page
from freehold.node.collection.ad_reports import Report, read_report
from freehold.node.collection.refusals import reason_of
from freehold.node.collection.source import Source
from freehold.node.governor import Priority
from freehold.node.store.coverage.upserts import Coverage, CoverageState, save_coverage
from freehold.providers.calls import Rejected, Unavailable
from freehold.providers.meta.ad_insights import AdDay, AdPart, Span

LONGEST_SPAN = 90
ENOUGH = 8
"""So many refusals in a row without an answer between them are about more than one bad day."""
FORBIDDEN = frozenset({3, 10, *range(200, 300)})
"""Codes that say the same of every day: the permission is not there."""

T = TypeVar("T", bound=Sequence[AdDay] | Sequence[AdPart])


@dataclass
class _Refused:
    """How many spans in a row were refused or failed."""

    in_a_row: int = 0


async def read_span(source: Source, daily: Daily[T], span: Span, priority: Priority) -> None:
    """Read a span of days and note in coverage which are there, and which are missing and why."""
    await _read(source, daily, span, priority, _Refused())


async def _read(source: Source, daily: Daily[T], span: Span, priority: Priority, refused: _Refused) -> None:
    name = f"{daily.metric}:{span[0]}:{span[1]}"
    halved = await source.place(f"halved:{name}")
    if not halved.finished:
        error = await _try(
            source,
            daily,
            Report(name, daily.question(span), daily.understand, daily.rows_a_day * len(days_of(span)), priority),
            span,
        )
        if error is None:
            refused.in_a_row = 0
            return
        refused.in_a_row += 1
        if _is_final(error, span, refused):
            await note(source, daily.metric, span, "missing", reason_of(error))
            return
        async with source.saving(replace(halved, finished=True), floor_calls=0.0):
            pass
    for half in _halves(span):
        await _read(source, daily, half, priority, refused)


async def _try(source: Source, daily: Daily[T], report: Report[T], span: Span) -> Rejected | Unavailable | None:
    """Read a span as one report; what came of it where it failed, after one more try where the provider failed."""
    for last in (False, True):
        try:
            await _keep(source, daily, report, span)
        except Unavailable as error:
            if last:
                return error
        except Rejected as error:
            return error
        else:
            return None
    return None


async def _keep(source: Source, daily: Daily[T], report: Report[T], span: Span) -> None:
    """Keep page after page, and with the last that the days are there."""
    marks = [Coverage(source.asset_id, daily.metric, day, "complete") for day in days_of(span)]
    async for page in read_report(source, report):
        async with page.saving() as session:
            await keep_page(session, source, daily, span, page)
            if page.place.finished:
                await save_coverage(session, marks, source.clock.now())


def _is_final(error: Rejected | Unavailable, span: Span, refused: _Refused) -> bool:
    """Whether smaller spans would fare no better."""
    return span[0] == span[1] or error.code in FORBIDDEN or refused.in_a_row >= ENOUGH


def _halves(span: Span) -> tuple[Span, Span]:
    days = days_of(span)
    middle = len(days) // 2
    return (days[middle], days[-1]), (days[0], days[middle - 1])


async def note(source: Source, metric: str, span: Span, state: CoverageState, reason: str) -> None:
    """Write down why the days of a span are not there."""
    await source.note([Coverage(source.asset_id, metric, day, state, reason) for day in days_of(span)])
