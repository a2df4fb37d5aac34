"""What the tools share: which account is meant, others' words, and what of the stored days is missing."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from freehold.kernel.problems import Problem
from freehold.node.assets import ConnectedAsset
from freehold.node.collection.days import final_at
from freehold.node.collection.source import window
from freehold.node.mcp import assets
from freehold.node.mcp.tool import Call
from freehold.node.measures.question import Span
from freehold.node.store.coverage.queries import Covered
from freehold.providers.meta import graph, spec

MOST_GAPS = 12
SHOWN_WORDS = 160
"""So many characters of a caption stand in a list; the whole of it is with the post."""
STORY_LIFE: Final = timedelta(hours=24)
"""For so long a story is shown, and Meta tells of it."""
TIME_ZONE: Final = graph.INSTAGRAM_DAY.key
"""Where the days of Instagram's insights begin and end, wherever the account is."""


def _number(value: float) -> int | float:
    """A number without a fraction as an integer: nobody shall read precision into `.0`."""
    return int(value) if value == int(value) else value


Number = Annotated[
    float,
    PlainSerializer(_number, return_type=Any, when_used="json"),
    WithJsonSchema({"type": "number"}, mode="serialization"),
]
"""A count or a measure; whole ones are written as integers."""


class Part(BaseModel):
    """Base of what answers are made of: nothing is changed once it is made."""

    model_config = ConfigDict(frozen=True)


class Gap(Part):
    """Days of a metric without a value: `empty` by Meta's rules, `missing` though asked for, or `not_read`."""

    metric: str
    state: Literal["empty", "missing", "not_read"]
    first: date
    last: date
    reason: str | None = None


class Completeness(Part):
    """Whether every day is there that Meta gives; the newest `gaps` first, at most a dozen."""

    complete: bool
    gaps: list[Gap]


async def account_of(call: Call, account_id: str | None) -> ConnectedAsset:
    """The Instagram account that is meant; raises `Problem` as `assets.chosen` does."""
    return await assets.chosen(call, "instagram_account", account_id)


def span_of(call: Call, since: date | None, until: date | None, days: int) -> Span:
    """The days from `since` to `until`, by default the last `days` whole ones. Raises `Problem` 422."""
    today = window(call.now(), 1).today
    last = until or today - timedelta(days=1)
    if last > today:
        told = f"The days have not come yet: in {TIME_ZONE} it is {today}."
        raise Problem(422, "window_in_future", told, "Give a day up to today as `until`.")
    first = since or last - timedelta(days=days - 1)
    if first > last:
        raise Problem(422, "window_reversed", "`since` lies after `until`.", "Give the earlier day as `since`.")
    if (last - first).days >= spec.MAX_AGE_DAYS:
        told = f"Meta keeps {spec.MAX_AGE_DAYS} days, and that is the longest window."
        raise Problem(422, "window_too_long", told, "Ask for fewer days at once.")
    return Span(first, last)


def instants(call: Call, since: date | None, until: date | None) -> tuple[datetime, datetime]:
    """The first and last instant of days in UTC; without an end, everything up to now."""
    first = datetime.combine(since or date(2010, 1, 1), time.min, UTC)
    last = datetime.combine(until, time.max, UTC) if until else call.now()
    return first, last


def oldest(read: Iterable[datetime], otherwise: datetime) -> datetime:
    """The earliest of the times at which something was read: an answer is no newer than the oldest of its parts."""
    return min(read, default=otherwise)


def is_fresh(call: Call, read_at: datetime | None, minutes: int) -> bool:
    """Whether what was read then is at most so many minutes old; for 0 nothing is."""
    return minutes > 0 and read_at is not None and call.now() - read_at <= timedelta(minutes=minutes)


def completeness(
    known: Mapping[tuple[str, date], Covered], metrics: Sequence[str], span: Span, present: Container[tuple[str, date]]
) -> Completeness:
    """What is known of metrics on each day of a span; `present` are the metrics and days that have values."""
    days = [span.first + timedelta(days=place) for place in range(span.days)]
    gaps = [gap for metric in metrics for gap in _gaps(metric, days, known, present)]
    gaps.sort(key=lambda gap: gap.last, reverse=True)
    return Completeness(complete=all(gap.state == "empty" for gap in gaps), gaps=gaps[:MOST_GAPS])


def settled_until(now: datetime) -> date:
    """The last day that Meta no longer corrects."""
    day = window(now, 1).last
    while final_at(day) > now:
        day -= timedelta(days=1)
    return day


def _gaps(
    metric: str,
    days: Sequence[date],
    known: Mapping[tuple[str, date], Covered],
    present: Container[tuple[str, date]],
) -> Iterable[Gap]:
    def of(day: date) -> tuple[str, str]:
        if (metric, day) in present:
            return "", ""
        mark = known.get((metric, day))
        return ("not_read", "") if mark is None or mark.state == "complete" else (mark.state, mark.reason)

    for (state, reason), group in groupby(days, of):
        inside = list(group)
        if state in {"empty", "missing", "not_read"}:
            yield Gap.model_validate(
                {
                    "metric": metric,
                    "state": state,
                    "first": inside[0],
                    "last": inside[-1],
                    "reason": reason or None,
                }
            )
