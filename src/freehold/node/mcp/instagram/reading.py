"""What the tools share: which account is meant, others' words, and what of the stored days is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Literal

from pydantic import BaseModel, ConfigDict

from freehold.kernel.database import ReadSession
from freehold.kernel.problems import Problem
from freehold.node.assets import ConnectedAsset
from freehold.node.collection.source import window
from freehold.node.mcp import assets
from freehold.node.mcp.tool import Call, UntrustedText
from freehold.node.store.coverage.queries import states
from freehold.providers.meta import spec

MOST_GAPS = 12
SHOWN_WORDS = 160
"""So many characters of a caption stand in a list; the whole of it is with the post."""


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
    """Whether every day is there that Meta gives; the newest gaps first, at most a dozen."""

    complete: bool
    gaps: list[Gap]


@dataclass(frozen=True)
class Span:
    """Days, both ends included, as Instagram counts them."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


async def account_of(call: Call, account_id: str | None) -> ConnectedAsset:
    """The Instagram account that is meant; raises `Problem` as `assets.chosen` does."""
    return await assets.chosen(call, "instagram_account", account_id)


def span_of(call: Call, since: date | None, until: date | None, days: int) -> Span:
    """The days from `since` to `until`, by default the last `days` whole ones. Raises `Problem` 422."""
    last = until or window(call.now(), 1).last
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


def words(text: str, most: int | None = None) -> UntrustedText | None:
    """Others' words, cut where they are longer than `most`; None where there are none."""
    if not text:
        return None
    cut = text if most is None or len(text) <= most else f"{text[:most]}…"
    return UntrustedText(untrusted_text=cut)


def newest(read: Iterable[datetime], otherwise: datetime) -> datetime:
    """The latest of the times at which something was read."""
    return max(read, default=otherwise)


async def completeness(
    session: ReadSession, subject_id: str, metrics: Sequence[str], span: Span, present: set[tuple[str, date]]
) -> Completeness:
    """What coverage says of a subject's metrics on each day; `present` are the metrics and days that have values."""
    known = {
        (each.metric, each.day): (each.state, each.reason)
        for each in await states(session, [subject_id], span.first, span.last, metrics)
    }
    days = [span.first + timedelta(days=place) for place in range(span.days)]
    gaps = [gap for metric in metrics for gap in _gaps(metric, days, known, present)]
    gaps.sort(key=lambda gap: gap.last, reverse=True)
    return Completeness(complete=all(gap.state == "empty" for gap in gaps), gaps=gaps[:MOST_GAPS])


def _gaps(
    metric: str,
    days: Sequence[date],
    known: dict[tuple[str, date], tuple[str, str]],
    present: set[tuple[str, date]],
) -> Iterable[Gap]:
    def of(day: date) -> tuple[str, str]:
        if (metric, day) in present:
            return "", ""
        state, reason = known.get((metric, day), ("not_read", ""))
        return ("not_read", "") if state == "complete" else (state, reason)

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
