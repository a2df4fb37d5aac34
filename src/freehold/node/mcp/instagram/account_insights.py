"""An account's numbers by day, over a window, and by who and what they came from."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.collection.series import covered_as
from freehold.node.mcp.instagram import metrics
from freehold.node.mcp.instagram.account_days import Numbers, Wanted, numbers_of
from freehold.node.mcp.instagram.account_parts import Parts, parts_of
from freehold.node.mcp.instagram.arguments import DAY_MINUTES, AccountId, MaxAge, Metrics
from freehold.node.mcp.instagram.metrics import Retired
from freehold.node.mcp.instagram.reading import (
    TIME_ZONE,
    Completeness,
    Number,
    Part,
    account_of,
    completeness,
    settled_until,
    span_of,
)
from freehold.node.mcp.tool import Answer, Arguments, Call, Day
from freehold.node.measures.question import Span
from freehold.providers.meta import spec

MOST_VALUES = 1_000
"""So many values an answer holds at most: more is more than a model reads."""
DEFAULT_DAYS = 28
DEFAULT_METRICS = ["views", "reach", "accounts_engaged", "total_interactions"]
NOT_SUMMED = "People come again: days are not summed. A union of 7 or 28 days is period week or days_28 of reach."
DAYS_MISSING = "Some days are missing, so that the sum would be too small."
AS_ONE = "Asked of Meta for these days as one; the values of single days come from the store."
UNION_DAYS = {"week": 7, "days_28": 28}


class InsightsAsked(Arguments):
    """Which metrics of which days, and how they are told."""

    account_id: AccountId = None
    metrics: Metrics = DEFAULT_METRICS
    since: Day | None = None
    until: Annotated[Day | None, Field(description="last day, included; by default yesterday")] = None
    period: Annotated[
        Literal["day", "week", "days_28"],
        Field(description="week, days_28: people reached in the 7 or 28 days that end with each day"),
    ] = "day"
    metric_type: Annotated[
        Literal["time_series", "total_value"], Field(description="total_value: one number, without the days")
    ] = "time_series"
    breakdown: Annotated[
        Literal["media_product_type", "follow_type", "contact_button_type"] | None,
        Field(description="the days as one, 30 at most, by this; without since and until the newest 30"),
    ] = None
    max_age_minutes: MaxAge = DAY_MINUTES
    not_taken: ClassVar[Mapping[str, str]] = {
        "timeframe": "give the days as since and until, or ask get_audience_demographics"
    }


class DayValue(Part):
    """A day's value."""

    day: date
    value: Number


class PartValue(Part):
    """A part of a breakdown."""

    part: str
    value: Number


class MetricShown(Part):
    """A metric. `total` is the sum of the days where they can be summed and none is missing, or the people of the 7 or
    28 days that end with the last; `note` says of what it is, or why there is none.
    """

    metric: str
    total: Number | None = None
    note: str | None = None
    values: list[DayValue] | None = None
    parts: list[PartValue] | None = None


class AccountInsights(Answer):
    """An account's metrics over days of `time_zone`, which Meta corrects no more up to `settled_until`."""

    account_id: str
    first: date
    last: date
    time_zone: str = TIME_ZONE
    settled_until: date
    metrics: list[MetricShown]
    retired: list[Retired]
    completeness: Completeness


async def get_account_insights(call: Call, asked: InsightsAsked) -> AccountInsights:
    """Views, reach, interactions, new followers and more of an account, by day or in sum, or by a breakdown. Names the
    days that are missing. Retired metrics, such as impressions, are answered with what to ask for instead.
    """
    asset = await account_of(call, asked.account_id)
    offered, gone = metrics.sorted_out(asked.metrics, metrics.ACCOUNT, "An account")
    if asked.breakdown is not None:
        parts = await parts_of(call, asset.asset_id, offered, asked.breakdown, asked.since, asked.until, _age(asked))
        return _by_part(call, asset.asset_id, parts, gone)
    span = span_of(call, asked.since, asked.until, DEFAULT_DAYS)
    by_day = [name for name in offered if name in _daily(asked.period)]
    if asked.metric_type == "time_series" and span.days * len(by_day) > MOST_VALUES:
        raise Problem(
            422,
            "answer_too_large",
            f"{len(by_day)} metrics of {span.days} days are more than {MOST_VALUES} values.",
            "Ask for fewer days or metrics, or for metric_type total_value.",
        )
    found = await numbers_of(call, Wanted(asset.asset_id, tuple(by_day), span, _age(asked), asked.period))
    covered = [covered_as(name, asked.period) for name in by_day]
    present = {(covered_as(name, asked.period), day) for name, day in found.values}
    return AccountInsights(
        source=found.source,
        as_of=found.as_of,
        account_id=asset.asset_id,
        first=span.first,
        last=span.last,
        settled_until=settled_until(call.now()),
        metrics=[
            _metric(found, name, asked, span) if name in by_day else MetricShown(metric=name, note=_elsewhere(name))
            for name in offered
        ],
        retired=gone,
        completeness=completeness(found.known, covered, span, present | _as_one(found, span)),
    )


def _age(asked: InsightsAsked) -> timedelta:
    return timedelta(minutes=asked.max_age_minutes)


def _daily(period: str) -> tuple[str, ...]:
    """The metrics that come day by day."""
    return (*spec.ACCOUNT_SERIES, *spec.ACCOUNT_TOTALS) if period == "day" else ("reach",)


def _elsewhere(name: str) -> str:
    """How to ask for a metric that does not come this way."""
    if name == "follows_and_unfollows":
        return "This comes only over 30 days: ask with breakdown follow_type."
    return "This comes by day only: ask with period day."


def _as_one(found: Numbers, span: Span) -> set[tuple[str, date]]:
    """The days of metrics that were asked for as one."""
    days = [span.first + timedelta(days=place) for place in range(span.days)]
    return {(name, day) for name in found.whole or () for day in days}


def _metric(found: Numbers, name: str, asked: InsightsAsked, span: Span) -> MetricShown:
    whole, values = found.whole or {}, found.of(name)
    if name in whole:
        return MetricShown(metric=name, total=whole[name], note=AS_ONE)
    total, note = _union(values, asked.period, span) if asked.period != "day" else _sum(values, name, span)
    if asked.metric_type == "total_value":
        return MetricShown(metric=name, total=total, note=note)
    days = [DayValue(day=day, value=value) for day, value in sorted(values.items())]
    return MetricShown(metric=name, total=total, note=note, values=days)


def _sum(values: dict[date, float], name: str, span: Span) -> tuple[float | None, str | None]:
    """What the days come to, or why they do not."""
    if name not in spec.ADDITIVE and name != "follower_count":
        return None, NOT_SUMMED
    return (None, DAYS_MISSING) if len(values) < span.days else (sum(values.values()), None)


def _union(values: dict[date, float], period: str, span: Span) -> tuple[float | None, str]:
    """The people of the days that end with the last one, and which days those are."""
    first = span.last - timedelta(days=UNION_DAYS[period] - 1)
    if span.last in values:
        return values[span.last], f"Different people from {first} to {span.last}."
    return None, f"The people from {first} to {span.last} are not known: ask for another last day, or by day."


def _by_part(call: Call, account_id: str, found: Parts, gone: list[Retired]) -> AccountInsights:
    return AccountInsights(
        source=found.source,
        as_of=found.as_of,
        account_id=account_id,
        first=found.span.first,
        last=found.span.last,
        settled_until=settled_until(call.now()),
        metrics=[
            MetricShown(metric=name, parts=[PartValue(part=part, value=value) for part, value in parts])
            for name, parts in found.parts.items()
        ],
        retired=gone,
        completeness=found.completeness,
    )
