"""How much may be called: pure arithmetic over what was spent and what the provider's headers said.

A bucket counts calls by the minute over a rolling hour. Every call is counted in the bucket of its credential (our own
ceiling) and in the node's (its share of the app's limit). The provider's usage headers fill further buckets with a
percentage, which is believed to fall evenly to nothing over the following hour.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum

WINDOW_MINUTES = 60
SLOW_PERCENT = 75.0
BACKGROUND_STOP_PERCENT = 90.0
STOP_PERCENT = 95.0
MAX_PACE_SECONDS = 4.0
RESERVE = 0.1
"""Part of a ceiling that backfill never touches."""


class Priority(IntEnum):
    """Who goes first when the budget is short; a smaller number is more urgent."""

    PAUSE_AD = 0
    INTERACTIVE = 1
    WRITE = 2
    SCHEDULED = 3
    BACKFILL = 4


KEPT: Mapping[Priority, float] = {Priority.SCHEDULED: RESERVE / 2, Priority.BACKFILL: RESERVE}
"""The part of a ceiling that each priority leaves to those before it: people and pauses find room after any run."""


@dataclass(frozen=True)
class Bucket:
    """One limit: calls by minute (minutes since 1970), the percentage told and when, and until when it is shut."""

    key: str
    calls: Mapping[int, int] = field(default_factory=dict)
    percent: float = 0.0
    percent_at: datetime | None = None
    blocked_until: datetime | None = None

    def spent(self, now: datetime) -> int:
        """Calls in the rolling hour that ends now."""
        first = minute_of(now) - WINDOW_MINUTES
        return sum(count for minute, count in self.calls.items() if minute >= first)

    def believed_percent(self, now: datetime) -> float:
        """The percentage told last, less what an hour's even decline has taken since."""
        if self.percent_at is None:
            return 0.0
        elapsed = max(0.0, (now - self.percent_at).total_seconds())
        return max(0.0, self.percent - 100.0 * elapsed / 3600.0)


@dataclass(frozen=True)
class Decision:
    """Go after `pace` seconds when `wait` is 0; else nothing may be sent for `wait` seconds because of `bucket`."""

    wait: float = 0.0
    pace: float = 0.0
    bucket: str = ""


def minute_of(now: datetime) -> int:
    """The minute of `now`, counted from 1970."""
    return int(now.timestamp() // 60)


def weight(params: Mapping[str, str]) -> int:
    """How many calls these parameters are: each part of a batch counts as one."""
    if "batch" not in params:
        return 1
    try:
        parts = json.loads(params["batch"])
    except ValueError:
        return 1
    return max(1, len(parts)) if isinstance(parts, list) else 1


def decide(
    buckets: Sequence[Bucket], ceilings: Mapping[str, int], cost: int, priority: Priority, now: datetime
) -> Decision:
    """Whether a call of `cost` and `priority` may go now; `ceilings` gives calls an hour by bucket key."""
    decisions = [_of_bucket(bucket, ceilings.get(bucket.key), cost, priority, now) for bucket in buckets]
    worst = max(decisions, key=lambda decision: decision.wait, default=Decision())
    if worst.wait > 0:
        return worst
    return max(decisions, key=lambda decision: decision.pace, default=Decision())


def charge(bucket: Bucket, cost: int, now: datetime) -> Bucket:
    """The bucket with `cost` more calls in this minute, and without minutes that have left the window."""
    minute = minute_of(now)
    kept = {at: count for at, count in bucket.calls.items() if at >= minute - WINDOW_MINUTES}
    kept[minute] = kept.get(minute, 0) + cost
    return replace(bucket, calls=kept)


def told(bucket: Bucket, percent: float, regain_seconds: float, now: datetime) -> Bucket:
    """The bucket after a usage header: its percentage, and shut for `regain_seconds` where that is more than 0."""
    changed = replace(bucket, percent=percent, percent_at=now)
    return shut(changed, regain_seconds, now) if regain_seconds > 0 else changed


def shut(bucket: Bucket, seconds: float, now: datetime) -> Bucket:
    """The bucket shut for `seconds`, or for as long as it already is, whichever is longer."""
    until = now + timedelta(seconds=seconds)
    if bucket.blocked_until is not None and bucket.blocked_until > until:
        return bucket
    return replace(bucket, blocked_until=until)


def _of_bucket(bucket: Bucket, ceiling: int | None, cost: int, priority: Priority, now: datetime) -> Decision:
    if bucket.blocked_until is not None and bucket.blocked_until > now:
        return Decision(wait=(bucket.blocked_until - now).total_seconds(), bucket=bucket.key)
    if ceiling is not None:
        allowed = ceiling - math.floor(ceiling * KEPT.get(priority, 0.0))
        wait = _until_room(bucket, allowed, cost, now)
        if wait > 0:
            return Decision(wait=wait, bucket=bucket.key)
    return _by_percent(bucket, priority, now)


def _by_percent(bucket: Bucket, priority: Priority, now: datetime) -> Decision:
    percent = bucket.believed_percent(now)
    limit = BACKGROUND_STOP_PERCENT if priority >= Priority.SCHEDULED else STOP_PERCENT
    if percent >= limit and priority is not Priority.PAUSE_AD:
        return Decision(wait=(percent - limit) / 100.0 * 3600.0 + 1.0, bucket=bucket.key)
    if percent >= SLOW_PERCENT and priority >= Priority.SCHEDULED:
        share = (percent - SLOW_PERCENT) / (BACKGROUND_STOP_PERCENT - SLOW_PERCENT)
        return Decision(pace=MAX_PACE_SECONDS * min(1.0, share + 0.1), bucket=bucket.key)
    return Decision()


def _until_room(bucket: Bucket, ceiling: int, cost: int, now: datetime) -> float:
    """Seconds until `cost` calls fit under `ceiling`; a cost above the whole ceiling never fits: an hour is said."""
    over = bucket.spent(now) + cost - ceiling
    if over <= 0:
        return 0.0
    first = minute_of(now) - WINDOW_MINUTES
    for minute in sorted(at for at in bucket.calls if at >= first):
        over -= bucket.calls[minute]
        if over <= 0:
            leaves = datetime.fromtimestamp((minute + WINDOW_MINUTES + 1) * 60, UTC)
            return max(1.0, (leaves - now).total_seconds())
    return WINDOW_MINUTES * 60.0
