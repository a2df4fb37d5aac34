"""Facebook pages: the page, what it did day by day, and its posts.

A page's days come in the widest windows that Meta allows, with all metrics of a period in one call. What counts people
is asked for by day, by week and by 28 days: such numbers are unions, and no sum of others.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from freehold.node.collection.days import Known, final_at, is_final, marks, note_empty
from freehold.node.collection.page_posts import read_posts
from freehold.node.collection.refusals import Subject, missing, read_metrics
from freehold.node.collection.source import Source, Window, priority_of
from freehold.node.collection.streams import Stream
from freehold.node.runs.places import Place
from freehold.node.store.coverage.queries import covered
from freehold.node.store.coverage.upserts import save_coverage
from freehold.node.store.facebook.queries import fans
from freehold.node.store.facebook.upserts import save_page, save_page_insights
from freehold.providers.meta import graph, page_spec, pages

KIND = "facebook_page"
TOO_OLD = "Meta keeps two years of a page's days"
FEW = f"Meta gives no insights of a page with fewer than {page_spec.FEW_LIKES} likes"


async def read_page(source: Source, _window: Window) -> None:
    """The page as it is now."""
    place = await source.place("page")
    if place.finished:
        return
    found = await source.read(pages.page_call(source.version, source.asset_id), pages.read_page)
    async with source.saving(replace(place, finished=True)) as session:
        await save_page(session, found, source.clock.now())


async def read_insights(source: Source, window: Window) -> None:
    """Every metric of the page on each day that is not final yet, in as few calls as Meta allows."""
    async with source.database.reading() as session:
        known = await covered(session, source.asset_id)
        likes = await fans(session, source.asset_id)
    until = source.clock.now() if window.gaps_only else datetime.max.replace(tzinfo=UTC)
    few = likes is not None and likes < page_spec.FEW_LIKES
    oldest = window.today - timedelta(days=page_spec.MAX_AGE_DAYS)
    every = [name_of(metric, period) for period, metrics in page_spec.PERIODS.items() for metric in metrics]
    await note_empty(source, known, every, [day for day in window.days() if day < oldest], TOO_OLD)
    for period, metrics in page_spec.PERIODS.items():
        names = [name_of(metric, period) for metric in metrics]
        kept = [day for day in window.days() if day >= oldest]
        due = [day for day in kept if _is_due(known, names, day, until)]
        place = await source.place(f"page_insights:{period}:{window.first}:{window.last}")
        if due and not place.finished:
            for first, last in graph.windows(due[-1], due[0], page_spec.MAX_WINDOW_DAYS):
                if any(first <= day <= last for day in due):
                    await _read_window(source, window, period, (first, last), few=few)
            await _finish(source, place)


async def _finish(source: Source, place: Place) -> None:
    async with source.saving(replace(place, finished=True), floor_calls=0.0):
        pass


def name_of(metric: str, period: str) -> str:
    """The name under which coverage keeps a metric of a period: that of a day is the metric's own."""
    return metric if period == "day" else f"{metric}:{period}"


def _is_due(known: Known, names: Sequence[str], day: date, until: datetime) -> bool:
    """Whether a metric of a day is missing, or was read before the day became final, which is no later than `until`."""
    found = [known.get((name, day)) for name in names]
    gap = any(mark is None or mark.state == "missing" for mark in found)
    return gap or (final_at(day) <= until and not all(is_final(mark, day) for mark in found))


async def _read_window(source: Source, window: Window, period: str, days: tuple[date, date], *, few: bool) -> None:
    place = await source.place(f"page_insights:{period}:{days[0]}:{days[1]}:days")
    if place.finished:
        return
    metrics = page_spec.PERIODS[period]
    await read_metrics(_window_subject(source, window, place, period, days, few=few), metrics, source.refusals)
    await _finish(source, place)


def _window_subject(
    source: Source, window: Window, place: Place, period: str, span: tuple[date, date], *, few: bool
) -> Subject:
    """The days of a span for one period. A call for all metrics, once kept, is not made again in this run."""
    days, every = Window(*span, window.today).days(), page_spec.PERIODS[period]

    async def read(metrics: Sequence[str]) -> None:
        call = pages.page_insights_call(source.version, source.asset_id, period, metrics, *span)
        answer = await source.read(call, pages.read_insights, priority_of(window, span[1]))
        found = [insight for insight in answer if insight.day in days]
        now, share = source.clock.now(), len(metrics) / len(every)
        given = {metric: {each.day for each in found if each.metric == metric and each.day} for metric in metrics}
        kept = [
            mark
            for metric in metrics
            for mark in marks(
                source.asset_id, name_of(metric, period), days, given.get(metric, ()), now, never=FEW if few else ""
            )
        ]
        async with source.saving(replace(place, finished=len(metrics) == len(every)), share) as session:
            await save_page_insights(session, source.asset_id, {source.asset_id: found}, window.today, now)
            await save_coverage(session, kept, now)

    async def lose(reasons: dict[str, str]) -> None:
        named = {name_of(metric, period): reason for metric, reason in reasons.items()}
        await source.note(missing(source.asset_id, named, days))

    return Subject(f"page by {period}", f"{span[0]}:{span[1]}", read, lose)


STREAMS = (
    Stream("facebook_page", KIND, read_page, gate=True),
    Stream("facebook_page_insights", KIND, read_insights, horizon_days=page_spec.MAX_AGE_DAYS),
    Stream("facebook_posts", KIND, read_posts, horizon_days=page_spec.MAX_AGE_DAYS),
)
"""Everything that is read of a Facebook page, in this order."""
