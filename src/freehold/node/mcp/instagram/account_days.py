"""An account's values by day: from the store, and from Meta where what is stored is too old for the question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from freehold.kernel.problems import Problem
from freehold.node.collection.days import NOT_COMPUTED, is_final
from freehold.node.collection.series import covered_as
from freehold.node.mcp.instagram.reading import oldest
from freehold.node.mcp.tool import Call, Source
from freehold.node.measures.question import Span
from freehold.node.store.coverage.queries import Covered, covered
from freehold.node.store.instagram import queries
from freehold.providers.meta import graph, instagram, spec
from freehold.providers.meta.instagram import Insight

ONE_BY_ONE: Final = 7
"""So many days are asked for singly, each for a call; more as one window, whose totals come without their days."""

Known = Mapping[tuple[str, date], Covered]
"""What coverage, or Meta just now, tells of metrics (as coverage names them) and days."""


@dataclass(frozen=True)
class Wanted:
    """Which metrics of which days, and how old what is stored of days that Meta may still correct can be."""

    account_id: str
    names: tuple[str, ...]
    span: Span
    max_age: timedelta
    period: str = "day"

    def days(self) -> list[date]:
        """Its days in their order."""
        return [self.span.first + timedelta(days=place) for place in range(self.span.days)]


@dataclass(frozen=True)
class Numbers:
    """Values by metric and day; `whole` are totals that Meta gave for the whole span; `as_of` is of the oldest."""

    values: Mapping[tuple[str, date], float]
    known: Known
    as_of: datetime
    source: Source = "stored"
    whole: Mapping[str, float] | None = None

    def of(self, name: str) -> dict[date, float]:
        """A metric's values by day."""
        return {day: value for (metric, day), value in self.values.items() if metric == name}


async def numbers_of(call: Call, wanted: Wanted) -> Numbers:
    """What is wanted: stored where it is fresh enough; else Meta is asked for the days that are due, or for all.

    Raises `Problem` 422 where so much is due that Meta would have to be asked for more than one window.
    """
    if not wanted.names:
        return Numbers({}, {}, call.now())
    stored, now = await stored_numbers(call, wanted), call.now()
    due = due_days(wanted, stored.known, now)
    if not due:
        return stored
    if len(due) <= ONE_BY_ONE and stored.values:
        return await _with_days(call, wanted, stored, due)
    if wanted.span.days <= spec.WINDOW_DAYS:
        return await _window(call, wanted)
    if not stored.known:
        return stored
    raise Problem(
        422,
        "window_too_long",
        f"{len(due)} of these days are older in the store than was asked, and Meta is asked for {spec.WINDOW_DAYS} "
        "days at most.",
        f"Ask for {spec.WINDOW_DAYS} days, or allow stored values to be older with max_age_minutes.",
    )


def due_days(wanted: Wanted, known: Known, now: datetime) -> list[date]:
    """The days that Meta has to be asked for, the oldest first.

    Those that were read too long ago and before Meta stopped to correct them; and, where the last reading is too long
    ago, those since. A day between others that was never read is told as missing and not asked for.
    """
    if not known or not wanted.max_age:
        return wanted.days()
    newest = max(day for _, day in known)
    behind = now - max(mark.read_at for mark in known.values()) > wanted.max_age

    def is_due(name: str, day: date) -> bool:
        mark = known.get((covered_as(name, wanted.period), day))
        if mark is None:
            return behind and day > newest
        return not is_final(mark, day) and now - mark.read_at > wanted.max_age

    return [day for day in wanted.days() if any(is_due(name, day) for name in wanted.names)]


def joined(older: Numbers, newer: Numbers) -> Numbers:
    """Two spans of the same metrics as one; no newer than the older of what has values."""
    as_of = oldest((each.as_of for each in (older, newer) if each.values), newer.as_of)
    return replace(newer, values={**older.values, **newer.values}, known={**older.known, **newer.known}, as_of=as_of)


async def stored_numbers(call: Call, wanted: Wanted) -> Numbers:
    """What the store has, however old it is."""
    account, names, span = wanted.account_id, wanted.names, wanted.span
    marked = [covered_as(name, wanted.period) for name in names]
    async with call.node.database.reading() as session:
        found = await queries.account_values(session, account, names, span.first, span.last, period=wanted.period)
        known = await covered(session, account, span.first, span.last, marked)
    values = {(each.metric, each.day): each.value for each in found}
    read = [
        mark.read_at if (mark := known.get((covered_as(each.metric, wanted.period), each.day))) else each.read_at
        for each in found
    ]
    return Numbers(values, known, oldest(read, call.now()))


async def _with_days(call: Call, wanted: Wanted, stored: Numbers, due: Sequence[date]) -> Numbers:
    """What is stored, with the days that are due as Meta gives them now."""
    account, period = wanted.account_id, wanted.period
    series, totals = parted(wanted.names)
    found = list[Insight]()
    for first, last in instagram.windows(due) if series else ():
        found += await _series(call, wanted, series, first, last)
    for day in due if totals else ():
        answer = await call.send(instagram.totals_call(call.version, account, day, totals))
        found += graph.understood(partial(instagram.read_totals, day=day), answer)
    given = {(each.metric, each.day): each.value for each in found if each.day in due}
    rest = {key: value for key, value in stored.values.items() if key[1] not in due}
    kept = {key: mark for key, mark in stored.known.items() if key[1] not in due}
    known = {**kept, **marks_of(given, wanted.names, due, period, call.now())}
    read = [mark.read_at for mark in kept.values() if mark.state == "complete"]
    values = {**rest, **{(name, day): value for (name, day), value in given.items() if day is not None}}
    return Numbers(values, known, oldest(read, call.now()), "live")


async def _window(call: Call, wanted: Wanted) -> Numbers:
    """All of it asked of Meta: series by day, and of what comes only as a total that of the whole span."""
    span, now, days = wanted.span, call.now(), wanted.days()
    series, totals = parted(wanted.names)
    found = await _series(call, wanted, series, span.first, span.last) if series else []
    values = {(each.metric, each.day): each.value for each in found if each.day is not None}
    whole: dict[str, float] = {}
    if totals:
        request = instagram.span_totals_call(call.version, wanted.account_id, totals, span.first, span.last)
        read = graph.understood(partial(instagram.read_totals, day=span.last), await call.send(request))
        whole = {each.metric: each.value for each in read}
    given = {*values, *((name, day) for name in whole for day in days)}
    return Numbers(values, marks_of(given, wanted.names, days, wanted.period, now), now, "live", whole)


async def _series(call: Call, wanted: Wanted, names: Sequence[str], first: date, last: date) -> list[Insight]:
    request = instagram.series_call(call.version, wanted.account_id, names, first, last, wanted.period)
    return graph.understood(instagram.read_series, await call.send(request))


def parted(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Metrics that come day by day in one call, and those that come as totals."""
    once = list(names)
    return [each for each in once if each in spec.ACCOUNT_SERIES], [
        each for each in once if each in spec.ACCOUNT_TOTALS
    ]


def marks_of(
    given: Iterable[tuple[str, date | None]], names: Sequence[str], days: Sequence[date], period: str, now: datetime
) -> dict[tuple[str, date], Covered]:
    """What an answer of Meta's says of days: a value, or that there is none yet."""
    there, lacking = set(given), Covered("", date.min, "missing", NOT_COMPUTED, now)
    found = {}
    for name in names:
        marked = covered_as(name, period)
        for day in days:
            mark = replace(lacking, metric=marked, day=day)
            found[marked, day] = replace(mark, state="complete", reason="") if (name, day) in there else mark
    return found
