"""The account's totals of each day: all metrics in one call a day, each with its own coverage."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

from freehold.node.collection.refusals import Subject, read_metrics
from freehold.node.collection.source import Source, Window, priority_of
from freehold.node.store.coverage.queries import Covered, covered
from freehold.node.store.coverage.upserts import Coverage, save_coverage
from freehold.node.store.instagram.upserts import save_instagram_insights
from freehold.providers.meta import graph, instagram, spec

FINAL_AFTER = timedelta(hours=48)
"""Meta may still correct a day for this long after its end."""
NOT_COMPUTED = "Meta has not computed this day yet"


async def read_totals(source: Source, window: Window) -> None:
    """All totals of each day: a call a day, but not for what was read after it became final.

    One metric that Meta has taken away fails the whole call: the newest day tells which those are, and they are left
    out of the calls for the other days. The next run asks for them again.
    """
    async with source.database.reading() as session:
        known = await covered(session, source.asset_id)
    due = {day: metrics for day in window.days() if (metrics := _due(known, day))}
    source.progress("insights", len(window.days()) - len(due))
    for day in list(due)[:1]:
        await read_metrics(_day(source, window, day), due.pop(day), source.refusals)
    async with asyncio.TaskGroup() as group:
        for day, metrics in due.items():
            group.create_task(read_metrics(_day(source, window, day), metrics, source.refusals))


def is_final(known: Covered | None, day: date) -> bool:
    """Whether a metric of a day was read when Meta no longer corrected it, or is one that Meta never gives."""
    if known is None or known.state == "missing":
        return False
    ended = datetime.combine(day + timedelta(days=1), datetime.min.time(), graph.INSTAGRAM_DAY)
    return known.read_at >= ended + FINAL_AFTER


def _due(known: dict[tuple[str, date], Covered], day: date) -> tuple[str, ...]:
    return tuple(metric for metric in spec.ACCOUNT_TOTALS if not is_final(known.get((metric, day)), day))


def _day(source: Source, window: Window, day: date) -> Subject:
    priority = priority_of(window, day)

    async def read(metrics: Sequence[str]) -> None:
        call = instagram.totals_call(source.version, source.asset_id, day, metrics)
        found = await source.read(call, partial(instagram.read_totals, day=day), priority)
        present = {insight.metric for insight in found}
        reasons = {metric: NOT_COMPUTED for metric in metrics if metric not in present}
        marks = [Coverage(source.asset_id, metric, day, "complete") for metric in metrics if metric in present]
        marks += [Coverage(source.asset_id, metric, day, "missing", reason) for metric, reason in reasons.items()]
        now = source.clock.now()
        async with source.database.writing() as session:
            await save_instagram_insights(session, source.asset_id, ("account", source.asset_id), found, day, now)
            await save_coverage(session, marks, now)

    async def lose(reasons: dict[str, str]) -> None:
        await source.note(
            [Coverage(source.asset_id, metric, day, "missing", reason) for metric, reason in reasons.items()]
        )

    return Subject("account", day.isoformat(), read, lose)
