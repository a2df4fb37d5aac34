"""How much may be called: pure arithmetic over what was spent and what the provider's headers said.

A `Limit` is a rule, a `Bucket` what is known about it. Calls are counted by steps of minutes over a rolling window;
`ceiling` is our own number and never passed. What the provider allows is known as a percentage that its headers tell,
believed to fall evenly to nothing within the window; until a header tells one, it is reckoned from our own calls.
Every wait is exact: after it the same call may go, if nothing else happens, and a second earlier it may not.
"""

import bisect
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Literal

SLOW_PERCENT = 75.0
BACKGROUND_STOP_PERCENT = 90.0
STOP_PERCENT = 95.0
FULL_PERCENT = 100.0
MAX_PACE_SECONDS = 4.0
RESERVE = 0.1
"""Part of a ceiling that backfill never touches."""
MARGIN_SECONDS = 0.5
"""How much longer than to the very threshold a falling percentage is waited for."""


class Priority(IntEnum):
    """Who goes first when the budget is short; a smaller number is more urgent."""

    PAUSE_AD = 0
    INTERACTIVE = 1
    WRITE = 2
    SCHEDULED = 3
    BACKFILL = 4


KEPT: Mapping[Priority, float] = {Priority.SCHEDULED: RESERVE / 2, Priority.BACKFILL: RESERVE}
"""The part of a ceiling that each priority leaves to those before it: people and pauses find room after any run."""

Reason = Literal["", "ceiling", "share", "percent", "shut"]


@dataclass(frozen=True)
class Limit:
    """One limit: a call counts for `minutes`, `step` minutes are counted together.

    `ceiling` is how many calls we allow ourselves; `assumed` how many (or points) the provider is believed to allow as
    long as it tells nothing. What `leaks` has no window: its percentage grows with each call and falls evenly.
    """

    key: str
    minutes: float = 60
    step: int = 1
    ceiling: int | None = None
    assumed: int | None = None
    leaks: bool = False

    def allowed(self, priority: Priority) -> int | None:
        """The part of the ceiling that calls of this priority may fill."""
        if self.ceiling is None:
            return None
        return self.ceiling - math.floor(self.ceiling * KEPT.get(priority, 0.0))


@dataclass(frozen=True)
class Bucket:
    """What is known about a limit: calls by minute (since 1970), the percentage told and when, until when it is shut.

    `tier` is the app's access as a header told it. The share of an asset in its person's ceiling is a bucket too:
    `claim_until` is how long the asset, refused for want of room at `claim_priority`, is believed to want it.
    """

    key: str
    calls: Mapping[int, int] = field(default_factory=dict)
    percent: float = 0.0
    percent_at: datetime | None = None
    blocked_until: datetime | None = None
    tier: str | None = None
    claim_until: datetime | None = None
    claim_priority: int | None = None

    def spent(self, limit: Limit, now: datetime) -> int:
        """Calls in the window that ends now; a step counts until all of it has left."""
        first = _step_of(now, limit) - limit.minutes
        return sum(count for minute, count in self.calls.items() if minute >= first)

    def believed_percent(self, limit: Limit, now: datetime) -> float:
        """The percentage told last, less its even decline since; before any was told, what our own calls make."""
        if self.percent_at is None:
            return 100.0 * self.spent(limit, now) / limit.assumed if limit.assumed else 0.0
        elapsed = max(0.0, (now - self.percent_at).total_seconds())
        return max(0.0, self.percent - elapsed * _fall(limit))


@dataclass(frozen=True)
class Charge:
    """What a call means to one limit: `cost` calls (points) of it. `heeds`: whether its percentage concerns the call.

    A limit that is shut stops every call that is charged to it, at whatever cost.
    """

    limit: Limit
    bucket: Bucket
    cost: int = 1
    heeds: bool = True


@dataclass(frozen=True)
class Rivalry:
    """An asset's share of its person's ceiling, and those of the assets that may be waiting for room in it."""

    own: Bucket
    others: Sequence[Bucket] = ()

    def kept_for_others(self, limit: Limit, priority: Priority, now: datetime) -> int:
        """Calls that this asset leaves to those that wait: to each as many as it has itself had more.

        So what is left goes to whoever had least until all that wait have had the same. Urgent calls leave nothing.
        """
        if priority < Priority.SCHEDULED:
            return 0
        mine = self.own.spent(limit, now)
        waiting = [other for other in self.others if claims(other, priority, now)]
        return sum(max(0, mine - other.spent(limit, now)) for other in waiting)


@dataclass(frozen=True)
class Decision:
    """Go after `pace` seconds when `wait` is 0; else nothing may be sent for `wait` seconds because of `bucket`."""

    wait: float = 0.0
    pace: float = 0.0
    bucket: str = ""
    reason: Reason = ""


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


def decide(charges: Sequence[Charge], priority: Priority, now: datetime, rivalry: Rivalry | None = None) -> Decision:
    """Whether a call may go now that is charged to these limits; `rivalry` concerns the first of them."""
    decisions = [
        _of_limit(charge, priority, now, rivalry if place == 0 else None) for place, charge in enumerate(charges)
    ]
    worst = max(decisions, key=lambda decision: decision.wait, default=Decision())
    if worst.wait > 0:
        return worst
    return max(decisions, key=lambda decision: decision.pace, default=Decision())


def charged(charge: Charge, now: datetime) -> Bucket:
    """The bucket with the charge's cost in it, and without minutes that have left the window."""
    limit, bucket = charge.limit, charge.bucket
    if limit.leaks:
        level = bucket.believed_percent(limit, now) + _points(charge)
        return replace(bucket, percent=level, percent_at=now)
    step = _step_of(now, limit)
    kept = {minute: count for minute, count in bucket.calls.items() if minute >= step - limit.minutes}
    kept[step] = kept.get(step, 0) + charge.cost
    return replace(bucket, calls=kept)


def told(bucket: Bucket, limit: Limit, percent: float, tier: str | None, now: datetime) -> Bucket:
    """The bucket after a usage header. A score's own reckoning stays where it is higher: it knows calls under way."""
    if limit.leaks and tier == bucket.tier:
        percent = max(percent, bucket.believed_percent(limit, now))
    return replace(bucket, percent=percent, percent_at=now, tier=tier or bucket.tier)


def shut(bucket: Bucket, seconds: float, now: datetime) -> Bucket:
    """The bucket shut for `seconds`, or for as long as it already is, whichever is longer."""
    until = now + timedelta(seconds=seconds)
    if bucket.blocked_until is not None and bucket.blocked_until > until:
        return bucket
    return replace(bucket, blocked_until=until)


def claims(share: Bucket, priority: Priority, now: datetime) -> bool:
    """Whether this asset waits for room, at a priority no less urgent than `priority`."""
    until, urgency = share.claim_until, share.claim_priority
    return until is not None and until > now and urgency is not None and urgency <= priority


def claimed(share: Bucket, priority: Priority, until: datetime, now: datetime) -> Bucket:
    """The share with a claim until `until`; a claim that stands becomes neither shorter nor less urgent."""
    standing = share.claim_until if share.claim_until is not None and share.claim_until > now else None
    if standing is None:
        return replace(share, claim_until=until, claim_priority=int(priority))
    urgency = min(int(priority), priority if share.claim_priority is None else share.claim_priority)
    return replace(share, claim_until=max(until, standing), claim_priority=urgency)


def eased(share: Bucket, until: datetime) -> Bucket:
    """The share of an asset that was served: it is believed to want more until `until`, and no longer."""
    return share if share.claim_until is None or share.claim_until <= until else replace(share, claim_until=until)


def _of_limit(charge: Charge, priority: Priority, now: datetime, rivalry: Rivalry | None) -> Decision:
    limit, bucket = charge.limit, charge.bucket
    if bucket.blocked_until is not None and bucket.blocked_until > now:
        return Decision((bucket.blocked_until - now).total_seconds(), bucket=limit.key, reason="shut")
    wait, reason = _until_room(charge, priority, now, rivalry)
    by_percent = _by_percent(charge, priority, now)
    if wait > by_percent.wait:
        return Decision(wait, bucket=limit.key, reason=reason)
    return by_percent


def _by_percent(charge: Charge, priority: Priority, now: datetime) -> Decision:
    limit, bucket = charge.limit, charge.bucket
    if not charge.heeds:
        return Decision()
    added = _points(charge) if limit.leaks else 0.0
    percent = bucket.believed_percent(limit, now) + added
    stop = BACKGROUND_STOP_PERCENT if priority >= Priority.SCHEDULED else STOP_PERCENT
    if limit.leaks:
        # A batch of more points than are ever free below the threshold goes when nothing else is in the score.
        stop = max(FULL_PERCENT if priority is Priority.PAUSE_AD else stop, added + _fall(limit) * MARGIN_SECONDS)
    elif priority is Priority.PAUSE_AD:
        return Decision()
    if percent >= stop:
        return Decision(_until_below(charge, stop, percent, now), bucket=limit.key, reason="percent")
    if percent >= SLOW_PERCENT and priority >= Priority.SCHEDULED:
        share = (percent - SLOW_PERCENT) / (BACKGROUND_STOP_PERCENT - SLOW_PERCENT)
        return Decision(pace=MAX_PACE_SECONDS * min(1.0, share + 0.1), bucket=limit.key, reason="percent")
    return Decision()


def _until_below(charge: Charge, stop: float, percent: float, now: datetime) -> float:
    """Seconds until the believed percentage has fallen from `percent` below `stop`, and a little more."""
    limit, bucket = charge.limit, charge.bucket
    if bucket.percent_at is None and not limit.leaks:
        return _first(_leaving(bucket, limit, now), lambda at: bucket.believed_percent(limit, at) < stop, now, limit)
    back = 0.0 if bucket.percent_at is None else max(0.0, (bucket.percent_at - now).total_seconds())
    return back + (percent - stop) / _fall(limit) + MARGIN_SECONDS


def _until_room(
    charge: Charge, priority: Priority, now: datetime, rivalry: Rivalry | None
) -> tuple[float, Literal["ceiling", "share"]]:
    """Seconds until the cost fits under the ceiling and what is kept for others; the whole window if it never does."""
    limit, bucket, cost = charge.limit, charge.bucket, charge.cost
    allowed = limit.allowed(priority)
    if allowed is None or cost == 0:
        return 0.0, "ceiling"

    def fits(at: datetime) -> bool:
        kept = 0 if rivalry is None else rivalry.kept_for_others(limit, priority, at)
        return bucket.spent(limit, at) + kept + cost <= allowed

    if fits(now):
        return 0.0, "ceiling"
    moments = list(_leaving(bucket, limit, now))
    if rivalry is not None:
        moments += [until for other in rivalry.others if (until := other.claim_until) is not None and until > now]
    room = bucket.spent(limit, now) + cost <= allowed
    return _first(moments, fits, now, limit), "share" if room else "ceiling"


def _leaving(bucket: Bucket, limit: Limit, now: datetime) -> Iterator[datetime]:
    """The instants at which calls of the bucket leave the window."""
    first = _step_of(now, limit) - limit.minutes
    for minute in bucket.calls:
        if minute >= first:
            yield datetime.fromtimestamp((minute + limit.minutes + limit.step) * 60, UTC)


def _first(moments: Iterable[datetime], holds: Callable[[datetime], bool], now: datetime, limit: Limit) -> float:
    """Seconds until the first of `moments` at which `holds`, which then holds for good; the window if it never does."""
    ordered = sorted(moments)
    place = bisect.bisect_left(ordered, True, key=holds)
    if place == len(ordered):
        return (limit.minutes + limit.step) * 60.0
    return (ordered[place] - now).total_seconds()


def _step_of(now: datetime, limit: Limit) -> int:
    minute = minute_of(now)
    return minute - minute % limit.step


def _points(charge: Charge) -> float:
    return 100.0 * charge.cost / charge.limit.assumed if charge.limit.assumed else 0.0


def _fall(limit: Limit) -> float:
    """Percent that a limit loses in a second."""
    return 100.0 / (limit.minutes * 60.0)
