"""An account's numbers by day, over a window, and by who and what they came from."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.assets import ConnectedAsset
from freehold.node.collection.series import covered_as
from freehold.node.mcp.instagram import metrics
from freehold.node.mcp.instagram.arguments import AccountId, Metrics
from freehold.node.mcp.instagram.metrics import Retired
from freehold.node.mcp.instagram.reading import Completeness, Part, Span, account_of, completeness, newest, span_of
from freehold.node.mcp.tool import Answer, Arguments, Call, Day
from freehold.node.store.instagram import queries
from freehold.node.store.instagram.queries import Reading
from freehold.providers.meta import graph, instagram, spec
from freehold.providers.meta.instagram import Insight

MOST_VALUES = 1_000
"""So many values an answer holds at most: more is more than a model reads."""
DEFAULT_DAYS = 28
DEFAULT_METRICS = ["views", "reach", "accounts_engaged", "total_interactions"]
NOT_SUMMED = "People come again: days are not summed. A union of 7 or 28 days is period week or days_28 of reach."
DAYS_MISSING = "Some days are missing, so that the sum would be too small."


class InsightsAsked(Arguments):
    """Which metrics of which days, and how they are told."""

    account_id: AccountId = None
    metrics: Metrics = DEFAULT_METRICS
    since: Day | None = None
    until: Annotated[Day | None, Field(description="last day, included; by default yesterday")] = None
    period: Annotated[
        Literal["day", "week", "days_28"], Field(description="week, days_28: reach of the days that end with each day")
    ] = "day"
    metric_type: Annotated[
        Literal["time_series", "total_value"], Field(description="total_value: sums alone, without the days")
    ] = "time_series"
    breakdown: Annotated[
        Literal["media_product_type", "follow_type", "contact_button_type"] | None,
        Field(description="the newest 30 days as a whole, by this"),
    ] = None


class DayValue(Part):
    """A day's value."""

    day: date
    value: float


class PartValue(Part):
    """A part of a breakdown."""

    part: str
    value: float


class MetricShown(Part):
    """A metric. `total` is the sum of the days where days can be summed and none is missing; `note` says why not."""

    metric: str
    total: float | None = None
    note: str | None = None
    values: list[DayValue] | None = None
    parts: list[PartValue] | None = None


class AccountInsights(Answer):
    """An account's metrics over days; what of them is not there is in `completeness`."""

    account_id: str
    first: date
    last: date
    metrics: list[MetricShown]
    retired: list[Retired]
    completeness: Completeness | None = None


async def get_account_insights(call: Call, asked: InsightsAsked) -> AccountInsights:
    """Views, reach, interactions, new followers and more of an account, by day or in sum, or by a breakdown. Names the
    days that are missing. Retired metrics, such as impressions, are answered with what to ask for instead.
    """
    asset = await account_of(call, asked.account_id)
    offered, gone = metrics.sorted_out(asked.metrics, metrics.ACCOUNT, "An account")
    span = span_of(call, asked.since, asked.until, DEFAULT_DAYS)
    if asked.breakdown is not None:
        return await _by_part(call, asset, offered, gone, asked.breakdown)
    by_day = [name for name in offered if name in _daily(asked.period)]
    if asked.metric_type == "time_series" and span.days * len(by_day) > MOST_VALUES:
        raise Problem(
            422,
            "answer_too_large",
            f"{len(by_day)} metrics of {span.days} days are more than {MOST_VALUES} values.",
            "Ask for fewer days or metrics, or for metric_type total_value.",
        )
    others = [MetricShown(metric=name, note=_elsewhere(name)) for name in offered if name not in by_day]
    found = await _stored(call, asset, asked, by_day, span)
    if found is None:
        found = await _live(call, asset, asked, by_day, span)
    return found.model_copy(update={"metrics": [*found.metrics, *others], "retired": gone})


def _daily(period: str) -> tuple[str, ...]:
    """The metrics that come day by day."""
    return (*spec.ACCOUNT_SERIES, *spec.ACCOUNT_TOTALS) if period == "day" else ("reach",)


def _elsewhere(name: str) -> str:
    """How to ask for a metric that does not come this way."""
    if name == "follows_and_unfollows":
        return "This comes only over 30 days: ask with breakdown follow_type."
    return "This comes by day only: ask with period day."


async def _stored(
    call: Call, asset: ConnectedAsset, asked: InsightsAsked, names: list[str], span: Span
) -> AccountInsights | None:
    """What the store has; None where it was never filled for these days and Meta can be asked for them at once."""
    async with call.node.database.reading() as session:
        found = await queries.account_values(session, asset.asset_id, names, span.first, span.last, period=asked.period)
        present = {(covered_as(each.metric, asked.period), each.day) for each in found}
        covered = [covered_as(name, asked.period) for name in names]
        whole = await completeness(session, asset.asset_id, covered, span, present)
    unread = all(gap.state == "not_read" for gap in whole.gaps)
    if names and not found and unread and span.days <= spec.WINDOW_DAYS:
        return None
    return AccountInsights(
        source="stored",
        as_of=newest((each.read_at for each in found), call.now()),
        account_id=asset.asset_id,
        first=span.first,
        last=span.last,
        metrics=[_metric([each for each in found if each.metric == name], name, asked, span.days) for name in names],
        retired=[],
        completeness=whole,
    )


def _metric(found: Sequence[Reading] | Sequence[Insight], name: str, asked: InsightsAsked, days: int) -> MetricShown:
    total, note = None, None
    if name not in spec.ADDITIVE and name != "follower_count":
        note = NOT_SUMMED if asked.period == "day" else None
    elif len(found) < days:
        note = DAYS_MISSING
    else:
        total = sum(each.value for each in found)
    if asked.metric_type == "total_value":
        return MetricShown(metric=name, total=total, note=note)
    values = [DayValue(day=each.day, value=each.value) for each in found if each.day is not None]
    return MetricShown(metric=name, total=total, note=note, values=values)


async def _live(
    call: Call, asset: ConnectedAsset, asked: InsightsAsked, names: list[str], span: Span
) -> AccountInsights:
    """The same asked of Meta: series as they are, and of what comes only as a total that of the whole window."""
    series = [name for name in names if name in spec.ACCOUNT_SERIES]
    totals = [name for name in names if name in spec.ACCOUNT_TOTALS]
    account, first, last, shown = asset.asset_id, span.first, span.last, list[MetricShown]()
    if series:
        answer = await call.send(instagram.series_call(call.version, account, series, first, last, asked.period))
        found = graph.understood(instagram.read_series, answer)
        shown += [_metric([each for each in found if each.metric == name], name, asked, span.days) for name in series]
    if totals:
        answer = await call.send(instagram.span_totals_call(call.version, account, totals, first, last))
        whole = graph.understood(partial(instagram.read_totals, day=last), answer)
        shown += [MetricShown(metric=each.metric, total=each.value) for each in whole]
    return AccountInsights(
        source="live", as_of=call.now(), account_id=account, first=first, last=last, metrics=shown, retired=[]
    )


async def _by_part(
    call: Call, asset: ConnectedAsset, offered: list[str], gone: list[Retired], breakdown: str
) -> AccountInsights:
    """The newest 30 days by a breakdown, from the store or else from Meta."""
    chosen = [name for name in offered if name in spec.BREAKDOWNS[breakdown]]
    if not chosen:
        raise Problem(
            422,
            "breakdown_unsupported",
            f"None of these metrics comes by {breakdown}.",
            f"These do: {', '.join(spec.BREAKDOWNS[breakdown])}.",
        )
    period = f"days_{spec.WINDOW_DAYS}"
    async with call.node.database.reading() as session:
        stored = [
            each
            for name in chosen
            for each in await queries.newest_parts(session, asset.asset_id, name, breakdown, period)
        ]
    last = max((each.day for each in stored), default=span_of(call, None, None, 1).last)
    first = last - timedelta(days=spec.WINDOW_DAYS - 1)
    found: Sequence[Reading | Insight] = stored
    if not stored:
        answer = await call.send(instagram.breakdown_call(call.version, asset.asset_id, chosen, breakdown, first, last))
        found = graph.understood(partial(instagram.read_breakdown, first=first, last=last), answer)
    return AccountInsights(
        source="stored" if stored else "live",
        as_of=newest((each.read_at for each in stored), call.now()),
        account_id=asset.asset_id,
        first=first,
        last=last,
        metrics=[MetricShown(metric=name, parts=_parts(found, name, breakdown, last)) for name in chosen],
        retired=gone,
    )


def _parts(found: Sequence[Reading | Insight], name: str, breakdown: str, last: date) -> list[PartValue]:
    mine = [each for each in found if (each.metric, each.breakdown, each.day) == (name, breakdown, last)]
    return [PartValue(part=each.part, value=each.value) for each in sorted(mine, key=lambda each: -each.value)]
