"""Daily rows of ads, kept page by page; what an earlier reading had of the days and Meta gives no more is taken out.

A report may come in several pages, and over several attempts of a run. Which rows its pages had is kept beside the
place of the next, so that its last page tells what is in none, whoever read the others.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from freehold.kernel.database import ReadSession, WriteSession
from freehold.node.collection.source import Page, Source
from freehold.node.runs.places import Place, add_lines, forget_place, place_of
from freehold.node.store.ads import queries, upserts
from freehold.node.store.ads.queries import RowKey
from freehold.providers.calls import JSON
from freehold.providers.meta.ad_insights import AdDay, AdPart, Question, Span

T = TypeVar("T", bound=Sequence[AdDay] | Sequence[AdPart])


@dataclass(frozen=True)
class Daily(Generic[T]):
    """A kind of daily rows: its name in coverage, how it is asked for, read and kept, and rows a day about.

    `breakdown` is our name of what they are cut by, empty for whole days; `finished` are those that were read whole
    before: what was said of them then is kept.
    """

    metric: str
    question: Callable[[Span], Question]
    understand: Callable[[JSON], T]
    keep: Callable[[WriteSession, T], Awaitable[None]]
    rows_a_day: int
    breakdown: str = ""
    finished: Collection[date] = ()


async def keep_page(session: WriteSession, source: Source, daily: Daily[T], span: Span, page: Page[T]) -> None:
    """Keep the rows of a page of a report on a span; with its last page, take out the rows that it did not have."""
    compared = await _is_compared(session, source, daily, span, page)
    await daily.keep(session, page.found)
    if not compared:
        return
    name, lines = _name(page), [_line(_key(row)) for row in page.found]
    run_id, asset_id = source.run.run_id, source.asset_id
    if not page.place.finished:
        await add_lines(session, run_id, asset_id, Place(name, "\n".join(lines)), source.clock.now())
        return
    before = (await place_of(session, run_id, asset_id, name)).cursor
    had = {*lines, *(before or "").splitlines()}
    await forget_place(session, run_id, asset_id, name)
    there = await queries.row_ids(session, asset_id, daily.breakdown, *span)
    gone = {key: row_id for key, row_id in there.items() if _line(key) not in had}
    await _take_out(session, source, daily, await _without_ended(session, source, gone, had))


async def _is_compared(session: ReadSession, source: Source, daily: Daily[T], span: Span, page: Page[T]) -> bool:
    """Whether anything was there of the span when the first page of the report came."""
    run_id, asset_id = source.run.run_id, source.asset_id
    if (await place_of(session, run_id, asset_id, page.place.name)).cursor is None:
        return await queries.has_rows(session, asset_id, daily.breakdown, *span)
    return (await place_of(session, run_id, asset_id, _name(page))).cursor is not None


async def _without_ended(
    session: ReadSession, source: Source, gone: Mapping[RowKey, int], had: Iterable[str]
) -> dict[RowKey, int]:
    """Leave the days of deleted and archived ads, which Meta may leave out as a whole although they were paid for."""
    if not gone:
        return {}
    ended = await queries.ended_ads(session, source.asset_id)
    told = {(ad_id, day) for ad_id, day, *_ in map(json.loads, had)}
    return {
        key: row_id
        for key, row_id in gone.items()
        if key.ad_id not in ended or (key.ad_id, key.day.isoformat()) in told
    }


async def _take_out(session: WriteSession, source: Source, daily: Daily[T], gone: Mapping[RowKey, int]) -> None:
    if daily.breakdown:
        await upserts.remove_parts(session, list(gone.values()))
        return
    finished = [row_id for key, row_id in gone.items() if key.day in daily.finished]
    await upserts.remove_days(session, list(gone.values()), finished, source.clock.now())


def _name(page: Page[T]) -> str:
    return f"{page.place.name}:rows"


def _key(row: AdDay | AdPart) -> RowKey:
    part = (row.first, row.second) if isinstance(row, AdPart) else ("", "")
    return RowKey(row.delivery.ad_id, row.delivery.day, *part)


def _line(key: RowKey) -> str:
    return json.dumps((key.ad_id, key.day.isoformat(), key.first, key.second))
