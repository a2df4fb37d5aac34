"""What a reply teaches of the limits: percentages and tiers from its headers, and what a throttle shuts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from freehold.kernel.database import WriteSession
from freehold.kernel.replies import ApiReply
from freehold.node.governor import ledger
from freehold.node.governor.budget import Bucket, Limit, shut, told
from freehold.node.governor.limits import COMMON, THROTTLE, system_key
from freehold.providers.calls import ApiCall, ProviderError, Throttled
from freehold.providers.meta import graph
from freehold.providers.meta.limits import RULES, System

QUIET_PERCENT = 50.0
"""Below this nothing depends on a percentage: it is written down once in a while, for people to see."""
ONCE_IN_A_WHILE = timedelta(minutes=1)


@dataclass(frozen=True)
class Asked:
    """What a call was decided by: the keys of all buckets that it concerns, and those that were known, as they were."""

    person: str
    keys: Collection[str]
    known: Mapping[str, Bucket]


@dataclass(frozen=True)
class Lesson:
    """What to remember of one bucket: a percentage (None: none was told), the tier, and for how long it is shut."""

    owner: ledger.Owner
    system: str
    percent: float | None = None
    tier: str | None = None
    shut_seconds: float = 0.0


def lessons_of(
    call: ApiCall, asked: Asked, reply: ApiReply | None, error: ProviderError | None, now: datetime
) -> list[Lesson]:
    """What is worth writing down, at most one lesson for each bucket."""
    found: dict[str, Lesson] = {}
    for use in [] if reply is None else graph.usage(reply.headers):
        lesson = _lesson(
            use.system, call, asked.person, percent=use.percent, tier=use.tier, shut_seconds=use.regain_seconds
        )
        found[lesson.owner.key] = _both(found.get(lesson.owner.key), lesson)
    if isinstance(error, Throttled):
        lesson = _lesson(error.bucket, call, asked.person, shut_seconds=error.retry_after)
        if lesson.owner.key not in asked.keys:
            # A limit that such a call is not known to be under: what it is surely under is shut instead.
            lesson = _lesson(THROTTLE, call, asked.person, shut_seconds=error.retry_after)
        found[lesson.owner.key] = _both(found.get(lesson.owner.key), lesson)
    return [lesson for lesson in found.values() if not _known_already(lesson, asked.known.get(lesson.owner.key), now)]


async def teach(session: WriteSession, lessons: Sequence[Lesson], now: datetime) -> None:
    """Write lessons into the ledger, whose buckets exist."""
    if not lessons:
        return
    held = await ledger.lock_buckets(session, [lesson.owner.key for lesson in lessons], now)
    after = [(lesson.owner, _learned(held.buckets[lesson.owner.key], lesson, now)) for lesson in lessons]
    await ledger.save_buckets(session, after, now)


def _lesson(
    system: str,
    call: ApiCall,
    person: str,
    *,
    percent: float | None = None,
    tier: str | None = None,
    shut_seconds: float = 0.0,
) -> Lesson:
    key = system_key(system or THROTTLE, call.asset_id, person)
    common = system in COMMON or not key.endswith(f":{call.asset_id}")
    return Lesson(ledger.Owner(key, None if common else call.asset_id), system, percent, tier, shut_seconds)


def _both(first: Lesson | None, second: Lesson) -> Lesson:
    """Two things told of one bucket: the higher percentage and the longer time."""
    if first is None:
        return second
    percents = [each.percent for each in (first, second) if each.percent is not None]
    return Lesson(
        first.owner,
        first.system,
        max(percents, default=None),
        second.tier or first.tier,
        max(first.shut_seconds, second.shut_seconds),
    )


def _known_already(lesson: Lesson, bucket: Bucket | None, now: datetime) -> bool:
    """Whether writing the lesson down would change nothing that anything depends on."""
    if bucket is None or lesson.percent is None or lesson.shut_seconds > 0:
        return False
    if lesson.tier is not None and lesson.tier != bucket.tier:
        return False
    limit = _limit(lesson)
    believed = bucket.believed_percent(limit, now)
    if limit.leaks:
        return lesson.percent <= believed
    fresh = bucket.percent_at is not None and now - bucket.percent_at < ONCE_IN_A_WHILE
    return fresh and max(lesson.percent, believed) < QUIET_PERCENT


def _learned(bucket: Bucket, lesson: Lesson, now: datetime) -> Bucket:
    if lesson.percent is not None:
        bucket = told(bucket, _limit(lesson), lesson.percent, lesson.tier, now)
    return shut(bucket, lesson.shut_seconds, now) if lesson.shut_seconds > 0 else bucket


def _limit(lesson: Lesson) -> Limit:
    """How a told percentage of this system falls."""
    rule = RULES.get(System(lesson.system)) if lesson.system in set(System) else None
    return (
        Limit(lesson.owner.key) if rule is None else Limit(lesson.owner.key, rule.minutes, rule.step, leaks=rule.leaks)
    )
