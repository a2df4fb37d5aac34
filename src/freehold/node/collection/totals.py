"""The account's totals of each day: all metrics in one call a day, each with its own coverage."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from freehold.node.collection.days import (
    TOO_OLD,
    Known,
    is_unsettled,
    kept_days,
    known_days,
    marks_of_day,
    note_empty,
    with_unsettled,
)
from freehold.node.collection.refusals import Subject, missing, read_metrics
from freehold.node.collection.source import Source, Window, priority_of, side_by_side
from freehold.node.runs.places import Place
from freehold.node.store.coverage.upserts import save_coverage
from freehold.node.store.instagram.upserts import save_instagram_insights
from freehold.providers.meta import instagram, spec


async def read_totals(source: Source, window: Window) -> None:
    """All totals of each day: a call a day, once as soon as it is there and once when it is final.

    One metric that Meta has taken away fails the whole call: the newest day tells which those are, and they are left
    out of the calls for the other days. The next run asks for them again.
    """
    wide = with_unsettled(window)
    known = await known_days(source, wide.first, wide.last)
    days = [day for day in kept_days(wide) if day >= window.first or (spec.ACCOUNT_TOTALS[0], day) in known]
    due = {day: metrics for day in days if (metrics := _due(source, known, window, day))}
    for day in list(due)[:1]:
        await read_metrics(_day(source, window, day, due[day]), due.pop(day), source.refusals)
    await side_by_side(
        read_metrics(_day(source, window, day, metrics), metrics, source.refusals) for day, metrics in due.items()
    )
    too_old = sorted(set(window.days()) - set(days))
    await note_empty(source, known, spec.ACCOUNT_TOTALS, too_old, TOO_OLD)


def _due(source: Source, known: Known, window: Window, day: date) -> tuple[str, ...]:
    metrics = spec.offered(spec.ACCOUNT_TOTALS, window.today)
    return tuple(metric for metric in metrics if is_unsettled(source, known.get((metric, day)), day))


def _day(source: Source, window: Window, day: date, due: Sequence[str]) -> Subject:
    priority = priority_of(window, day)

    async def read(metrics: Sequence[str]) -> None:
        call = instagram.totals_call(source.version, source.asset_id, day, metrics)
        found = await source.read(call, partial(instagram.read_totals, day=day), priority)
        now, given = source.clock.now(), {insight.metric for insight in found}
        place = Place(f"totals:{day}:{','.join(metrics)}"[:200], finished=True)
        async with source.saving(place, len(metrics) / len(due)) as session:
            await save_instagram_insights(session, source.asset_id, ("account", source.asset_id), found, day, now)
            await save_coverage(session, marks_of_day(source.asset_id, metrics, day, given, now), now)

    async def lose(reasons: dict[str, str]) -> None:
        await source.note(missing(source.asset_id, reasons, [day]))

    return Subject("account", day.isoformat(), read, lose)
