"""An account's days: which Meta may still correct, which it no longer has, and which are therefore to be read."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from freehold.node.collection.source import Source, Window
from freehold.node.store.coverage.queries import Covered, covered
from freehold.node.store.coverage.upserts import Coverage
from freehold.node.store.instagram.queries import profiles
from freehold.providers.meta import graph, spec

Known = Mapping[tuple[str, date], Covered]
"""What coverage tells of an account, by metric and day."""

FINAL_AFTER = timedelta(hours=48)
"""Meta may still correct a day for this long after its end."""
UNSETTLED = timedelta(days=7)
"""So many days back a run looks for days that became final since they were read; missed runs leave some behind."""
NOT_COMPUTED = "Meta has not computed this day yet"
NO_NUMBER = "Meta has no number for this day"
TOO_OLD = "Meta keeps 2 years of days"
ONLY_NOW = "Meta tells this only as it stands now"
FEW = f"Meta tells this only from {spec.FEW_FOLLOWERS} followers on"


def end_of(day: date) -> datetime:
    """When a day is over."""
    return graph.midnight(day + timedelta(days=1))


def final_at(day: date) -> datetime:
    """When Meta no longer corrects a day."""
    return end_of(day) + FINAL_AFTER


def is_final(known: Covered | None, day: date) -> bool:
    """Whether a metric of a day was read when Meta no longer corrected it, or is one that Meta never gives."""
    return known is not None and known.state != "missing" and known.read_at >= final_at(day)


def is_open(source: Source, window: Window, known: Known, metric: str, day: date) -> bool:
    """Whether a day that costs no call of its own is due: it may have changed since an earlier run read it."""
    mark = known.get((metric, day))
    if mark is None or mark.state == "missing":
        return not _is_awaited(source, mark)
    if is_final(mark, day):
        return False
    return source.clock.now() >= final_at(day) if window.gaps_only else mark.read_at < source.run.started_at


def is_unsettled(source: Source, known: Covered | None, day: date) -> bool:
    """Whether a day that costs a call is due: it was not read yet, or only before it became final, which it is now."""
    if known is None or known.state == "missing":
        return not _is_awaited(source, known)
    return not is_final(known, day) and source.clock.now() >= final_at(day)


def _is_awaited(source: Source, known: Covered | None) -> bool:
    """Whether Meta has told this same run that it has not computed the day: the next run asks again."""
    return known is not None and known.reason == NOT_COMPUTED and known.read_at >= source.run.started_at


def kept_days(window: Window) -> list[date]:
    """The days of the window that Meta still has, the newest first."""
    oldest = window.today - timedelta(days=spec.MAX_AGE_DAYS - 2)
    return [day for day in window.days() if day >= oldest]


def runs(days: Iterable[date]) -> Iterator[list[date]]:
    """Days that follow one another without a gap; the newest first, in each run as well."""
    run: list[date] = []
    for day in sorted(days, reverse=True):
        if run and run[-1] - day != timedelta(days=1):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def with_unsettled(window: Window) -> Window:
    """The window, with the week before it where it reaches up to now: its days may not have been final when read."""
    first = min(window.first, window.today - UNSETTLED)
    return replace(window, first=first) if window.is_current else window


async def known_days(source: Source, first: date, last: date) -> Known:
    """What coverage tells of the account from `first` to `last`."""
    async with source.database.reading() as session:
        return await covered(session, source.asset_id, first, last)


async def followers(source: Source) -> int | None:
    """How many followers the account had when its profile was read last; None where it has not been."""
    async with source.database.reading() as session:
        found = await profiles(session, [source.asset_id])
    return found[0].followers if found else None


async def note_empty(source: Source, known: Known, metrics: Iterable[str], days: Collection[date], reason: str) -> None:
    """Write down, once, what of the days Meta does not give."""
    keys = [(metric, day) for metric in metrics for day in days if (metric, day) not in known]
    if keys:
        await source.note([Coverage(source.asset_id, metric, day, "empty", reason) for metric, day in keys])


def marks(
    account_id: str, metric: str, days: Iterable[date], present: Collection[date], now: datetime, *, never: str = ""
) -> list[Coverage]:
    """Coverage of days that were asked for: some are `present`; `never` is why Meta does not give the others."""
    return [_mark(account_id, metric, day, day in present, now, never) for day in days]


def marks_of_day(
    subject_id: str, metrics: Iterable[str], day: date, given: Collection[str], now: datetime, *, never: str = ""
) -> list[Coverage]:
    """Coverage of metrics that were asked for of one day; `never` is why Meta does not give those not `given`."""
    return [_mark(subject_id, metric, day, metric in given, now, never) for metric in metrics]


def _mark(subject_id: str, metric: str, day: date, present: bool, now: datetime, never: str) -> Coverage:
    if present:
        return Coverage(subject_id, metric, day, "complete")
    if never:
        return Coverage(subject_id, metric, day, "empty", never)
    if now >= final_at(day):
        return Coverage(subject_id, metric, day, "empty", NO_NUMBER)
    return Coverage(subject_id, metric, day, "missing", NOT_COMPUTED)
