"""Figures of a report: each is the answer to a question that can be asked again, with the days that are not known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from freehold.kernel.database import ReadSession
from freehold.node.collection.ad_days import AD_DAYS
from freehold.node.measures import queries
from freehold.node.measures.catalogue import METRICS, Unit
from freehold.node.measures.queries import Group
from freehold.node.measures.question import Grain, Question, Span
from freehold.node.reports.periods import Period

Days = Mapping[date, float]
Filters = Mapping[str, tuple[str, ...]]
Unread = Mapping[str, tuple[date, ...]]
"""Metric -> the days of a span that have no number."""


@dataclass(frozen=True)
class Source:
    """Where figures come from: what was asked of the stored rows, and when the oldest of those was read from Meta.

    `rows` were added up for the report's own days; `attributed` says that Meta's default attribution counts.
    """

    account_id: str
    metrics: tuple[str, ...]
    filters: Filters
    span: Span
    zone: str
    rows: int
    read_at: datetime | None
    attributed: bool


@dataclass(frozen=True)
class Figure:
    """A number of the report's days, and of the days that they are compared with; None where a day of them is unknown.

    Money is in minor units of its section's currency. `place` is that of its source among the section's. `since_before`
    and `since_year` are the changes, 0.1 being 10 % more: of what adds up those of a day, as months have not the same
    length. A figure is `fresh` while more of it still arrives; it is then set beside what the days before were told as
    when they were as young, or beside nothing.
    """

    key: str
    unit: Unit
    now: float | None
    before: float | None
    year: float | None
    place: int
    since_before: float | None
    since_year: float | None
    fresh: bool = False


@dataclass(frozen=True)
class Told:
    """What is asked about an account at once: figures with their source, the daily values, and the days not known."""

    figures: tuple[Figure, ...]
    source: Source
    days: Mapping[str, Days]
    unread: Mapping[str, tuple[date, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Asking:
    """Whom is asked about: one account, the currency and zone that it counts in, and the days that charts show.

    While results of the report's days still arrive (`fresh`), `as_told` has what the days before were told as, by
    figure, when they were as young.
    """

    account_id: str
    currency: str
    zone: str
    period: Period
    shown: Span
    fresh: bool = False
    as_told: Mapping[str, float | None] = field(default_factory=dict)


async def tell(
    session: ReadSession,
    asking: Asking,
    metrics: Sequence[str],
    place: int,
    *,
    prefix: str = "",
    filters: Filters | None = None,
) -> Told:
    """Figures of `metrics`, which stand in one source, under `prefix` and their names."""
    period, chosen = asking.period, filters or {}
    summed = [name for name in metrics if METRICS[name].summed]
    days = await _daily(session, asking, metrics, chosen)
    spans = (period.now, period.before, period.year)
    unread = [await _unread(session, asking, metrics, span, days) for span in spans]
    now, before, year = [
        await _summed(session, asking, summed, span, chosen, unknown)
        for span, unknown in zip(spans, unread, strict=True)
    ]
    source = Source(
        asking.account_id,
        tuple(metrics),
        chosen,
        period.now,
        asking.zone,
        now.rows,
        now.read_at,
        any(_attributed(name) for name in metrics),
    )
    return Told(
        tuple(
            _figure(name, prefix, place, asking, [sums.values.get(name) for sums in (now, before, year)])
            for name in summed
        ),
        source,
        {prefix + name: values for name, values in days.items()},
        unread[0],
    )


def change(now: float | None, before: float | None) -> float | None:
    """The change by what was before, 0.1 being 10 % more; None where there is nothing to compare."""
    return None if now is None or not before else (now - before) / abs(before)


def _figure(name: str, prefix: str, place: int, asking: Asking, values: Sequence[float | None]) -> Figure:
    key, (now, before, year) = prefix + name, values
    figure = set_beside(key, METRICS[name].unit, place, asking.period, values, adds_up=_adds_up(name))
    if not (asking.fresh and _attributed(name)):
        return figure
    told = set_beside(
        key, figure.unit, place, asking.period, (now, asking.as_told.get(key), None), adds_up=_adds_up(name)
    )
    return replace(told, before=before, year=year, fresh=True)


def set_beside(
    key: str, unit: Unit, place: int, period: Period, values: Sequence[float | None], *, adds_up: bool = True
) -> Figure:
    """A figure of three spans' values, now, before and a year before: what adds up is compared by the day."""
    spans = (period.now, period.before, period.year)
    by_day = [
        value / span.days if value is not None and adds_up else value for value, span in zip(values, spans, strict=True)
    ]
    now, before, year = values
    return Figure(key, unit, now, before, year, place, change(by_day[0], by_day[1]), change(by_day[0], by_day[2]))


def _adds_up(name: str) -> bool:
    return METRICS[name].unit in {"count", "minor_units"} and len(METRICS[name].parts) == 1


def _attributed(name: str) -> bool:
    """Whether it counts what people did after they had seen an ad, which Meta learns for days afterwards."""
    return any(part.endswith("results") for part in METRICS[name].parts)


@dataclass(frozen=True)
class _Sums:
    """The values of a span, without those of which a day is not known: a sum without it would be too small."""

    values: Mapping[str, float]
    rows: int
    read_at: datetime | None


async def _summed(
    session: ReadSession, asking: Asking, metrics: Sequence[str], span: Span, filters: Filters, unread: Unread
) -> _Sums:
    found = await _groups(session, asking, metrics, span, "total", filters)
    sums = found[0].sums if found else {}
    values = {}
    for name in metrics:
        value = METRICS[name].value(sums) if found else 0.0 if _adds_up(name) else None
        if value is not None and not unread[name]:
            values[name] = value
    return _Sums(values, sum(group.rows for group in found), min((group.read_at for group in found), default=None))


async def _unread(
    session: ReadSession, asking: Asking, metrics: Sequence[str], span: Span, shown: Mapping[str, Days]
) -> Unread:
    """The days of a span without a number: of ads those that were not read, as a day without delivery has no row; of an
    account those without a value, as Meta's rules may leave a day empty for ever, and empty is not zero. `shown` are
    the values of the days that charts show.
    """
    if METRICS[metrics[0]].source == "ad_days":
        found = await queries.unread_days(session, (asking.account_id,), (AD_DAYS,), span)
        return dict.fromkeys(metrics, tuple(found[asking.account_id]))
    if not (asking.shown.first <= span.first and span.last <= asking.shown.last):
        shown = _by_day(metrics, await _sums(session, asking, metrics, span, {}))
    return {name: tuple(day for day in each_day(span) if day not in shown[name]) for name in metrics}


async def _daily(session: ReadSession, asking: Asking, metrics: Sequence[str], filters: Filters) -> Mapping[str, Days]:
    """The known values of the days that are shown: none was delivered on days of ads that were read and have no row."""
    sums = await _sums(session, asking, metrics, asking.shown, filters)
    if METRICS[metrics[0]].source == "ad_days":
        unread = await queries.unread_days(session, (asking.account_id,), (AD_DAYS,), asking.shown)
        nothing = {name: 0.0 for name in metrics if _adds_up(name)}
        sums = dict.fromkeys(set(each_day(asking.shown)).difference(unread[asking.account_id]), nothing) | sums
    return _by_day(metrics, sums)


async def _sums(
    session: ReadSession, asking: Asking, metrics: Sequence[str], span: Span, filters: Filters
) -> dict[date, Mapping[str, float | None]]:
    return {group.since: group.sums for group in await _groups(session, asking, metrics, span, "day", filters)}


def _by_day(metrics: Sequence[str], sums: Mapping[date, Mapping[str, float | None]]) -> dict[str, Days]:
    values = {name: {day: METRICS[name].value(sums[day]) for day in sorted(sums)} for name in metrics}
    return {name: {day: value for day, value in by.items() if value is not None} for name, by in values.items()}


def each_day(span: Span) -> Iterator[date]:
    """The days of a span, the first first."""
    return (span.first + timedelta(days=number) for number in range(span.days))


async def _groups(
    session: ReadSession, asking: Asking, metrics: Sequence[str], span: Span, grain: Grain, filters: Filters
) -> list[Group]:
    """The sums in the account's currency: money of another, from before it was changed, is not the same."""
    question = Question(tuple(metrics), span, (asking.account_id,), filters=filters, grain=grain)
    if question.source == "ad_days":
        found = await queries.ad_groups(session, question)
        return [group for group in found if not asking.currency or group.currency == asking.currency]
    return await queries.account_groups(session, question)
