"""Figures of a report: each is the answer to a question that can be asked again, with the days that are not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from freehold.kernel.database import ReadSession
from freehold.node.measures import queries
from freehold.node.measures.catalogue import METRICS, Unit
from freehold.node.measures.queries import Group
from freehold.node.measures.question import Grain, Question, Span
from freehold.node.reports.periods import Period

AD_DAYS: Final = "ad_insights"
"""The name under which coverage has an ad account's days."""

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

    Money is in minor units of its section's currency. `place` is that of its source among the section's.
    """

    key: str
    unit: Unit
    now: float | None
    before: float | None
    year: float | None
    place: int


@dataclass(frozen=True)
class Told:
    """What is asked about an account at once: figures with their source, the daily values, and the days not known."""

    figures: tuple[Figure, ...]
    source: Source
    days: Mapping[str, Days]
    unread: Mapping[str, tuple[date, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Asking:
    """Whom is asked about: one account, the currency and zone that it counts in, and the days that charts show."""

    account_id: str
    currency: str
    zone: str
    period: Period
    shown: Span


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
    groups = await _groups(session, asking, metrics, asking.shown, "day", chosen)
    days = {name: _by_day(name, groups) for name in metrics}
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
        any(part.endswith("results") for name in metrics for part in METRICS[name].parts),
    )
    return Told(
        tuple(
            Figure(
                prefix + name,
                METRICS[name].unit,
                now.values.get(name),
                before.values.get(name),
                year.values.get(name),
                place,
            )
            for name in summed
        ),
        source,
        {prefix + name: values for name, values in days.items()},
        unread[0],
    )


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
        counted = METRICS[name].unit in {"count", "minor_units"} and len(METRICS[name].parts) == 1
        value = METRICS[name].value(sums) if found else 0.0 if counted else None
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
        found = await queries.unread_days(session, (asking.account_id,), AD_DAYS, span)
        return dict.fromkeys(metrics, tuple(found))
    if not (asking.shown.first <= span.first and span.last <= asking.shown.last):
        groups = await _groups(session, asking, metrics, span, "day", {})
        shown = {name: _by_day(name, groups) for name in metrics}
    days = [span.first + timedelta(days=number) for number in range(span.days)]
    return {name: tuple(day for day in days if day not in shown[name]) for name in metrics}


def _by_day(name: str, groups: Sequence[Group]) -> Days:
    values = {group.since: METRICS[name].value(group.sums) for group in groups}
    return {day: value for day, value in sorted(values.items()) if value is not None}


async def _groups(
    session: ReadSession, asking: Asking, metrics: Sequence[str], span: Span, grain: Grain, filters: Filters
) -> list[Group]:
    """The sums in the account's currency: money of another, from before it was changed, is not the same."""
    question = Question(tuple(metrics), span, (asking.account_id,), filters=filters, grain=grain)
    if question.source == "ad_days":
        found = await queries.ad_groups(session, question)
        return [group for group in found if not asking.currency or group.currency == asking.currency]
    return await queries.account_groups(session, question)
