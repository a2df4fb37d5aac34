"""A report on ads: asked at once, or ordered and waited for where it is large; either way read page by page."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

from freehold.node.collection.source import Page, Source, pages
from freehold.node.governor import Priority
from freehold.providers.calls import JSON, Rejected
from freehold.providers.meta import ad_insights
from freehold.providers.meta.ad_insights import Question

ROWS_PER_PAGE = 500
SMALLEST_PAGE = 125
AT_ONCE = 10_000
"""Rows up to which a report is asked for at once: beyond them Meta tends to time out."""
ORDERS = 2
"""How often a report that comes to nothing is ordered."""
FIRST_PAUSE, LONGEST_PAUSE, PATIENCE = 5.0, 60.0, 3600.0
"""Seconds between two looks at a report, which double, and after which it is given up. Each look is a call."""

T = TypeVar("T")


class ReportLostError(Rejected):
    """Meta took an order for a report and made nothing of it, or no longer has it."""


@dataclass(frozen=True)
class Report(Generic[T]):
    """A report: its name in the run, what it asks, how its pages are read, and about how many rows it has."""

    name: str
    question: Question
    understand: Callable[[JSON], T]
    expected_rows: int
    priority: Priority


async def read_report(source: Source, report: Report[T]) -> AsyncIterator[Page[T]]:
    """The pages of a report that this run has not read; each has to be kept in its own `saving()`.

    Raises `ProviderError`; `Rejected` with `reduce_data` for a report that has to be made smaller.
    """
    order = await source.place(_order_name(report))
    if order.cursor is None and report.expected_rows <= AT_ONCE:
        make = partial(ad_insights.insights_call, source.version, source.asset_id, report.question)
        try:
            async for page in pages(
                source, report.name, make, report.understand, ROWS_PER_PAGE, SMALLEST_PAGE, report.priority
            ):
                yield page
        except Rejected as error:
            if not error.reduce_data:
                raise
        else:
            return
    async for page in _read_ordered(source, report):
        yield page


async def _read_ordered(source: Source, report: Report[T]) -> AsyncIterator[Page[T]]:
    for left in reversed(range(ORDERS)):
        try:
            async for page in _read_order(source, report):
                yield page
        except ReportLostError as error:
            order = await source.place(_order_name(report))
            async with source.saving(replace(order, cursor=None), floor_calls=0.0):
                pass
            if left == 0 or error.reduce_data:
                raise
        else:
            return


async def _read_order(source: Source, report: Report[T]) -> AsyncIterator[Page[T]]:
    """Order a report unless this run has, wait until it is made, and read it."""
    order = await source.place(_order_name(report))
    run_id = order.cursor
    if run_id is None:
        call = ad_insights.order_call(source.version, source.asset_id, report.question)
        run_id = await source.read(call, ad_insights.read_order, report.priority)
        async with source.saving(replace(order, cursor=run_id), floor_calls=0.0):
            pass
    name = f"{report.name}:{run_id}"
    if (await source.place(name)).finished:
        return
    await _until_done(source, report, run_id)
    make = partial(ad_insights.report_rows_call, source.version, source.asset_id, run_id)
    try:
        async for page in pages(source, name, make, report.understand, ROWS_PER_PAGE, SMALLEST_PAGE, report.priority):
            yield page
    except Rejected as error:
        raise _lost(error) from error


async def _until_done(source: Source, report: Report[T], run_id: str) -> None:
    """Look at a report now and then until it is made; raises `ReportLostError` when it will not be."""
    call = ad_insights.report_call(source.version, source.asset_id, run_id)
    pause, waited = FIRST_PAUSE, 0.0
    while waited < PATIENCE:
        await source.governor.pause(pause)
        waited += pause
        try:
            run = await source.read(call, ad_insights.read_report, report.priority)
        except Rejected as error:
            raise _lost(error) from error
        if run.done:
            return
        if run.failed:
            too_large = run.code == ad_insights.TOO_LARGE
            told = f"{run.status}: {run.error}" if run.error else run.status
            raise ReportLostError(told, code=run.code, subcode=run.subcode, reduce_data=too_large)
        pause = min(2 * pause, LONGEST_PAUSE)
    raise ReportLostError(f"the report was not made within {PATIENCE / 60:.0f} minutes", reduce_data=True)


def _lost(error: Rejected) -> ReportLostError:
    return ReportLostError(error.message, code=error.code, subcode=error.subcode, reduce_data=error.reduce_data)


def _order_name(report: Report[T]) -> str:
    return f"order:{report.name}"
