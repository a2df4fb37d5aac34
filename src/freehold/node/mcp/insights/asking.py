"""The tools that answer questions about numbers: which metrics there are, their values, and two periods compared."""

from datetime import date
from typing import Annotated, Final

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.mcp.insights.answering import (
    OF_POSTS,
    YOUNG_POSTS,
    Answered,
    Evidence,
    NotRead,
    Row,
    Stored,
    answered,
    both_answered,
    earliest,
    gathering,
    labels,
)
from freehold.node.mcp.insights.arguments import Against, Asked, earlier_of, question_of
from freehold.node.mcp.instagram.reading import Number, Part
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText
from freehold.node.measures.catalogue import DIMENSIONS, METRICS, Metric, Source, Unit
from freehold.node.measures.queries import Group
from freehold.node.measures.question import Grain, checked

NO_CHANGE: Final = (
    "Where some days are not known and in no value, no change is told: not_read and not_read_before name them. "
    "A day that is not over is not known: ask for days up to yesterday."
)
NO_SUM: Final = (
    "Posts of which a metric was not read are in no value, so no change of a sum is told where there are some: "
    "posts_not_read and posts_not_read_before count them."
)


class ListAsked(Arguments):
    """Which metrics are wanted."""

    source: Source | None = None


class MetricShown(Part):
    """A metric. One that is not `summed` is told by day and account alone."""

    name: str
    source: Source
    unit: Unit
    meaning: str
    summed: bool


class MetricsListed(Answer):
    """Metrics, and the dimensions by which those of each source may be split."""

    metrics: list[MetricShown]
    dimensions: dict[str, list[str]]


class QueryAsked(Asked):
    """A question about one period."""

    grain: Grain = "total"
    order_by: Annotated[
        str | None, Field(pattern=r"^[a-z_]{1,64}$", description="a metric that is asked for, largest first")
    ] = None


class Queried(Stored):
    """Rows, of `rows_in_all`; `not_read` are the days that are not known, and of which accounts: nothing is said of
    them. `posts_not_read` counts by metric the posts of which it was not read: an average is that of the others.
    """

    rows: list[Row]
    rows_in_all: int
    names: dict[str, dict[str, UntrustedText]]
    complete: bool
    not_read: list[NotRead]
    posts_not_read: dict[str, int] | None = None
    attribution: str | None = None
    evidence: Evidence


class CompareAsked(Asked):
    """A question about a period and an earlier one."""

    against: Against = "previous"


class Change(Part):
    """A metric in both periods; `ratio` is the change by what was there before, 0.1 being 10 % more. Of periods of
    which days are not known no change is told.
    """

    now: Number | None = None
    before: Number | None = None
    change: Number | None = None
    ratio: Number | None = None


class Compared(Part):
    """One group in both periods."""

    dimensions: dict[str, str]
    currency: str | None = None
    metrics: dict[str, Change]


class PeriodsCompared(Stored):
    """Groups in both periods, the largest change of the first metric first, also of what is new or has stopped."""

    rows: list[Compared]
    rows_in_all: int
    names: dict[str, dict[str, UntrustedText]]
    notes: list[str]
    complete: bool
    not_read: list[NotRead]
    not_read_before: list[NotRead]
    posts_not_read: dict[str, int] | None = None
    posts_not_read_before: dict[str, int] | None = None
    attribution: str | None = None
    evidence: Evidence
    evidence_before: Evidence


async def list_metrics(call: Call, asked: ListAsked) -> MetricsListed:
    """Every metric that can be asked for, with its meaning and unit, and the dimensions of its source."""
    chosen = [metric for metric in METRICS.values() if asked.source in {None, metric.source}]
    return MetricsListed(
        source="computed",
        as_of=call.now(),
        metrics=[
            MetricShown(name=each.name, source=each.source, unit=each.unit, meaning=each.meaning, summed=each.summed)
            for each in chosen
        ],
        dimensions={source: list(names) for source, names in DIMENSIONS.items() if asked.source in {None, source}},
    )


async def query_metrics(call: Call, asked: QueryAsked) -> Queried:
    """Values of metrics over a period, split by dimensions and told by grain, from what this node has stored. Names no
    number that is not stored: days without one are in `not_read`.
    """
    if asked.order_by not in {None, *asked.metrics}:
        told = f"The rows have no {asked.order_by} to be ordered by."
        raise Problem(422, "order_unknown", told, f"Choose from: {', '.join(asked.metrics)}; or ask for it, too.")
    question, zone = await question_of(call, asked, asked.grain)
    found = await answered(call, question, zone)
    rows = sorted((_row(found, group) for group in found.groups), key=lambda row: _order(asked, row))
    shown = rows[: asked.limit]
    return Queried(
        source="stored",
        as_of=found.as_of,
        rows=shown,
        rows_in_all=len(rows),
        names=await labels(call, (row.dimensions for row in shown)),
        complete=found.complete,
        not_read=found.gaps(),
        posts_not_read=found.posts_not_read(),
        attribution=found.attribution,
        evidence=found.evidence,
    )


async def compare_periods(call: Call, asked: CompareAsked) -> PeriodsCompared:
    """Metrics of a period beside those of the one before it, of a year before (52 weeks, so that weekdays match), or of
    days that are named.
    """
    question, zone = await question_of(call, asked, "total")
    now, earlier = await both_answered(call, question, checked(earlier_of(question, asked.against)), zone)
    rows, complete = _compared(now, earlier), now.complete and earlier.complete
    shown = rows[: asked.limit]
    return PeriodsCompared(
        source="stored",
        as_of=earliest((now.as_of, earlier.as_of)),
        rows=shown,
        rows_in_all=len(rows),
        names=await labels(call, (row.dimensions for row in shown)),
        notes=[
            *([] if complete else [NO_CHANGE]),
            *([NO_SUM] if now.posts_not_read() or earlier.posts_not_read() else []),
            *([YOUNG_POSTS] if question.source in OF_POSTS and gathering(call, question) else []),
        ],
        complete=complete,
        not_read=now.gaps(),
        not_read_before=earlier.gaps(),
        posts_not_read=now.posts_not_read(),
        posts_not_read_before=earlier.posts_not_read(),
        attribution=now.attribution,
        evidence=now.evidence,
        evidence_before=earlier.evidence,
    )


def _row(found: Answered, group: Group) -> Row:
    grain = found.question.grain
    return Row(
        dimensions=found.key(group),
        since=None if grain == "total" else group.since,
        until=found.question.period(group.since).last if grain in {"week", "month"} else None,
        currency=group.currency or None,
        complete=found.knows(group.since, group.dimensions),
        values=found.values(group),
        posts_not_read=found.posts_not_read(group),
    )


def _order(asked: QueryAsked, row: Row) -> tuple[date, float, list[str]]:
    """By time, then by the metric that is named or comes first, then by name; a named metric comes before time."""
    value = row.values.get(asked.order_by or asked.metrics[0])
    first = date.min if asked.order_by or row.since is None else row.since
    return first, -value if value is not None else float("inf"), [*row.dimensions.values(), str(row.since)]


def _compared(now: Answered, earlier: Answered) -> list[Compared]:
    sides = [(each, {(group.dimensions, group.currency): group for group in each.groups}) for each in (now, earlier)]

    def change(key: tuple[tuple[str, ...], str], metric: Metric) -> Change:
        new, old = (_value(side, groups.get(key), metric, key[0]) for side, groups in sides)
        known = all(
            side.knows(side.question.span.first, key[0]) and (key not in groups or metric.whole(groups[key].sums))
            for side, groups in sides
        )
        return _change(new, old) if known else Change(now=new, before=old)

    rows = [
        Compared(
            dimensions=dict(zip(now.question.dimensions, key[0], strict=True)),
            currency=key[1] or None,
            metrics={metric.name: change(key, metric) for metric in now.question.asked},
        )
        for key in {**sides[0][1], **sides[1][1]}
    ]
    first = now.question.metrics[0]
    return sorted(rows, key=lambda row: (-_moved(row.metrics[first]), *row.dimensions.values()))


def _value(side: Answered, group: Group | None, metric: Metric, dimensions: tuple[str, ...]) -> float | None:
    if group is None:
        return side.absent(metric, side.question.span.first, dimensions)
    return metric.value(group.sums)


def _moved(change: Change) -> float:
    """How far a metric went; what is not known counts as nothing, so that what is new stands beside what grew."""
    return abs((change.now or 0) - (change.before or 0))


def _change(now: float | None, before: float | None) -> Change:
    if now is None or before is None:
        return Change(now=now, before=before)
    ratio = round((now - before) / before, 4) if before else None
    return Change(now=now, before=before, change=round(now - before, 6), ratio=ratio)
