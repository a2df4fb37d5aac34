"""`GET /{ig-user-id}/insights`: which questions are refused, and the shape of the answers.

The days of a window are those whose noon lies in it (see `world.instagram_days`). A total is over the window's days
that have numbers; without any there is no `total_value`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from freehold.sandbox.meta.fields import Selection
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.instagram import account_metrics as table
from freehold.sandbox.meta.instagram.account_metrics import METRICS, TIME_SERIES, TOTAL_VALUE, Metric
from freehold.sandbox.meta.instagram.account_values import Window, daily_values, demographics, total_value
from freehold.sandbox.meta.instagram.ids import account_feed
from freehold.sandbox.meta.instagram.questions import (
    among,
    chosen,
    instant,
    invalid,
    names,
    offered,
    one_of,
    required,
    unknown_error,
)
from freehold.sandbox.meta.paging import address
from freehold.sandbox.meta.world.instagram_days import DAY_SECONDS
from freehold.sandbox.meta.world.instagram_feed import followers_at
from freehold.sandbox.meta.world.people import InstagramAccount

MAX_WINDOW = 30 * DAY_SECONDS
MAX_AGE = 729 * DAY_SECONDS
RECENT = 30 * DAY_SECONDS


@dataclass(frozen=True)
class Question:
    """A well-formed insights call."""

    metrics: tuple[Metric, ...]
    period: str
    metric_type: str
    breakdowns: tuple[str, ...]
    timeframe: str
    since: int
    until: int


def answer(call: Call, account: InstagramAccount, asked: tuple[Selection, ...]) -> JSON:
    """The insights of an account; raises the API's refusals."""
    call.demand("instagram_basic", "instagram_manage_insights")
    now = int(call.now.timestamp())
    question = _read(call, now)
    feed = account_feed(call.sandbox.world, account)
    window = Window(feed, question.since, question.until, now)
    few = followers_at(feed, now) < table.FEW_FOLLOWERS
    data: list[JSON] = []
    for metric in question.metrics:
        call.spend(1 + len(window.days))
        if metric.empty or (metric.needs_followers and few):
            continue
        shown = _shown(metric, question, window)
        if shown is not None:
            data.append(_described(account, metric, question) | shown)
    found: JSON = {"data": chosen(data, asked)}
    if data and question.period != "lifetime":
        found["paging"] = time_links(call, question.since, question.until)
    return found


def _described(account: InstagramAccount, metric: Metric, question: Question) -> JSON:
    return {
        "name": metric.name,
        "period": question.period,
        "title": metric.title,
        "description": metric.description,
        "id": f"{account.id}/insights/{metric.name}/{question.period}",
    }


def _shown(metric: Metric, question: Question, window: Window) -> JSON | None:
    """`values` or `total_value` of one metric; None when the metric is left out, {} when only its name is shown."""
    if metric.breakdowns == table.DEMOGRAPHIC_BREAKDOWNS:
        return demographics(metric.name, window, question.breakdowns, question.timeframe)
    if question.metric_type == TIME_SERIES or TOTAL_VALUE not in metric.types:
        values = daily_values(metric.name, window, question.period)
        return {"values": values} if values else None
    total = total_value(metric.name, window, question.breakdowns, question.period)
    return {} if total is None else {"total_value": total}


def _read(call: Call, now: int) -> Question:
    asked = required(call.params, "metric")
    among(asked, offered(call, METRICS), "metric")
    period = one_of(call.params, "period", table.PERIODS)
    if not period:
        raise invalid("The parameter period is required")
    metrics = tuple(METRICS[name] for name in dict.fromkeys(asked))
    _check_period(metrics, period)
    metric_type = _metric_type(call, metrics)
    breakdowns = names(call.params, "breakdown")
    among(breakdowns, table.BREAKDOWNS, "breakdown")
    _check_breakdowns(metrics, metric_type, breakdowns)
    timeframe = _timeframe(call, metrics)
    since, until = _dates(call, metrics, now)
    return Question(metrics, period, metric_type, breakdowns, timeframe, since, until)


def _check_period(metrics: Sequence[Metric], period: str) -> None:
    for metric in metrics:
        if period not in metric.periods:
            raise invalid(
                f"The metric {metric.name} does not support the period {period}: use {', '.join(metric.periods)}"
            )


def _metric_type(call: Call, metrics: Sequence[Metric]) -> str:
    asked = one_of(call.params, "metric_type", table.METRIC_TYPES, "default")
    if asked == "default":
        asked = TIME_SERIES if all(TIME_SERIES in metric.types for metric in metrics) else ""
        lacking = [metric.name for metric in metrics if TIME_SERIES not in metric.types]
        if lacking and any(METRICS[name].periods != ("lifetime",) for name in lacking):
            listed = ", ".join(lacking)
            raise invalid(
                f"The following metrics ({listed}) should be specified with parameter metric_type=total_value"
            )
        return asked or TOTAL_VALUE
    wrong = [metric.name for metric in metrics if asked not in metric.types]
    if wrong:
        raise invalid(f"The following metrics ({', '.join(wrong)}) do not support metric_type={asked}")
    return asked


def _check_breakdowns(metrics: Sequence[Metric], metric_type: str, breakdowns: Sequence[str]) -> None:
    for metric in metrics:
        if any(breakdown not in metric.breakdowns for breakdown in breakdowns):
            raise unknown_error()
    if breakdowns and metric_type == TIME_SERIES:
        raise unknown_error()


def _timeframe(call: Call, metrics: Sequence[Metric]) -> str:
    timeframe = one_of(call.params, "timeframe", table.TIMEFRAMES)
    people = [metric.name for metric in metrics if metric.breakdowns == table.DEMOGRAPHIC_BREAKDOWNS]
    if not call.sandbox.settings.strict_timeframe:
        people = [name for name in people if name != "follower_demographics"]
    if people and not timeframe:
        raise invalid(f"The parameter timeframe is required for {', '.join(people)}")
    for name in people:
        if name != "follower_demographics" and timeframe not in table.LIVING_TIMEFRAMES:
            raise invalid(f"The timeframe {timeframe} is no longer supported for {name}: use this_week or this_month")
    return timeframe


def _dates(call: Call, metrics: Sequence[Metric], now: int) -> tuple[int, int]:
    since, until = instant(call.params, "since"), instant(call.params, "until")
    end = now if until is None else until
    start = end - DAY_SECONDS if since is None else since
    if start > end:
        raise invalid("since param should not be greater than until param")
    if start < now - MAX_AGE:
        raise invalid("since param is not valid. Metrics data is available for the last 2 years")
    if call.sandbox.settings.strict_window and end - start > MAX_WINDOW:
        raise invalid("There cannot be more than 30 days (2592000 s) between since and until")
    recent = [metric.name for metric in metrics if metric.recent_only]
    if recent and start < now - RECENT - DAY_SECONDS:
        raise invalid(
            f"({', '.join(recent)}) metric only supports querying data for the last 30 days excluding the current day"
        )
    return start, end


def time_links(call: Call, since: int, until: int) -> dict[str, Any]:
    """`previous` and `next`: the windows of the same length on both sides."""
    url, length = call.base_url + call.path, until - since
    return {
        "previous": address(url, call.params, since=str(since - 1 - length), until=str(since - 1)),
        "next": address(url, call.params, since=str(until + 1), until=str(until + 1 + length)),
    }
