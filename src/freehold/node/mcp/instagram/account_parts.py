"""An account's totals of up to thirty days by who and what they came from: stored for the newest thirty, else asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from freehold.kernel.problems import Problem
from freehold.node.collection.breakdowns import covered_as
from freehold.node.collection.days import NOT_COMPUTED, is_final
from freehold.node.mcp.instagram.reading import Completeness, Gap, oldest, span_of
from freehold.node.mcp.tool import Call, Source
from freehold.node.measures.question import Span
from freehold.node.store.coverage.queries import covered
from freehold.node.store.instagram import queries
from freehold.providers.meta import graph, instagram, spec
from freehold.providers.meta.instagram import Insight

WINDOW = timedelta(days=spec.WINDOW_DAYS - 1)


@dataclass(frozen=True)
class Parts:
    """The parts of each metric over one span, the largest first; `completeness` names metrics without any."""

    span: Span
    parts: Mapping[str, list[tuple[str, float]]]
    completeness: Completeness
    as_of: datetime
    source: Source


async def parts_of(
    call: Call,
    account_id: str,
    offered: Sequence[str],
    breakdown: str,
    since: date | None,
    until: date | None,
    max_age: timedelta,
) -> Parts:
    """Those of the offered metrics that come by the breakdown, over the days asked for or else the newest thirty.

    Raises `Problem` 422 where none comes by it, or the days are more than Meta gives at once.
    """
    chosen = [name for name in offered if name in spec.BREAKDOWNS[breakdown]]
    if not chosen:
        raise Problem(
            422,
            "breakdown_unsupported",
            f"None of these metrics comes by {breakdown}.",
            f"These do: {', '.join(spec.BREAKDOWNS[breakdown])}.",
        )
    span = span_of(call, since, until, spec.WINDOW_DAYS)
    if span.days > spec.WINDOW_DAYS:
        told = f"Meta tells parts of {spec.WINDOW_DAYS} days at most."
        raise Problem(422, "window_too_long", told, "Give since and until closer to each other, or no breakdown.")
    free = since is None and until is None
    return await _stored(call, account_id, chosen, breakdown, span, max_age, free=free) or await _live(
        call, account_id, chosen, breakdown, span
    )


async def _stored(
    call: Call, account_id: str, chosen: Sequence[str], breakdown: str, span: Span, max_age: timedelta, *, free: bool
) -> Parts | None:
    """What the store has of exactly these days (`free`: of the newest thirty that it has), if it is fresh enough."""
    if span.last - span.first != WINDOW:
        return None
    names = {covered_as(name, breakdown): name for name in chosen}
    earliest = date.min if free else span.last
    async with call.node.database.reading() as session:
        marks = await covered(session, account_id, earliest, span.last, list(names))
        last = max((day for _, day in marks), default=span.last)
        mine = {name: mark for (name, day), mark in marks.items() if day == last}
        settled = all(is_final(mark, last) for mark in mine.values()) and not free
        read_at = oldest((mark.read_at for mark in mine.values()), call.now())
        if set(mine) != set(names) or not max_age or not (settled or call.now() - read_at <= max_age):
            return None
        found = await queries.account_values(
            session, account_id, chosen, last, last, period=f"days_{spec.WINDOW_DAYS}", breakdown=breakdown
        )
    whole = Span(last - WINDOW, last)
    parts = {
        name: _largest_first([(each.part, each.value) for each in found if each.metric == name]) for name in chosen
    }
    gaps = [
        Gap.model_validate({"metric": names[name], "state": mark.state, "first": whole.first, "last": last,
                            "reason": mark.reason or None})
        for name, mark in mine.items()
        if mark.state != "complete"
    ]  # fmt: skip
    return Parts(whole, parts, _complete(gaps), read_at, "stored")


async def _live(call: Call, account_id: str, chosen: Sequence[str], breakdown: str, span: Span) -> Parts:
    request = instagram.breakdown_call(call.version, account_id, chosen, breakdown, span.first, span.last)
    read = partial(instagram.read_breakdown, first=span.first, last=span.last)
    found: list[Insight] = graph.understood(read, await call.send(request))
    parts = {
        name: _largest_first(
            [(each.part, each.value) for each in found if (each.metric, each.breakdown) == (name, breakdown)]
        )
        for name in chosen
    }
    told = {each.metric for each in found}
    gaps = [
        Gap(metric=name, state="missing", first=span.first, last=span.last, reason=NOT_COMPUTED)
        for name in chosen
        if name not in told
    ]
    return Parts(span, parts, _complete(gaps), call.now(), "live")


def _complete(gaps: list[Gap]) -> Completeness:
    return Completeness(complete=all(gap.state == "empty" for gap in gaps), gaps=gaps)


def _largest_first(parts: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(parts, key=lambda each: (-each[1], each[0]))
