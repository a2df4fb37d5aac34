"""What people see of the budget: each limit with what is used of it, when there is room, and who used it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from freehold.kernel.database import ReadSession
from freehold.node.assets import known_assets
from freehold.node.governor import ledger
from freehold.node.governor.budget import KEPT, Bucket, Charge, Limit, Priority, claims, decide
from freehold.node.governor.limits import limit_of, tier_of
from freehold.node.governor.wording import name_of
from freehold.node.settings import NodeSettings
from freehold.node.vault import credentials
from freehold.providers.meta.limits import System

HOUR = timedelta(hours=1)
THROTTLES_SHOWN, THROTTLES_SINCE = 10, timedelta(days=7)


@dataclass(frozen=True)
class BucketView:
    """One limit: `spent` of `limit` calls within `window_minutes`, and the percentage that is believed to be used.

    `reserve` is what runs leave to people, `reserve_from_backfill` what backfill leaves to both. The seconds are until
    a call of that urgency fits; 0: now. `waiting` says whether the account was refused and waits for its share.
    """

    bucket: str
    about: str
    name: str
    limit: int | None
    spent: int
    window_minutes: float
    percent: float | None
    percent_told_at: datetime | None
    reserve: int
    reserve_from_backfill: int
    seconds_for_people: float
    seconds_for_runs: float
    seconds_for_backfill: float
    blocked_until: datetime | None
    waiting: bool


@dataclass(frozen=True)
class Overview:
    """All limits, the calls of the last hour by asset and priority, and the last throttles, at one moment."""

    at: datetime
    buckets: Sequence[BucketView]
    last_hour: Sequence[dict[str, object]]
    throttles: Sequence[dict[str, object]]


async def overview(session: ReadSession, settings: NodeSettings, now: datetime) -> Overview:
    """The node's budget as it stands at `now`."""
    people = len({credential.meta_user_id for credential in await credentials(session, "active")})
    names = {asset.asset_id: asset.name for asset in await known_assets(session)}
    rows = await ledger.all_buckets(session)
    views = []
    for owner, bucket in rows:
        tier = tier_of(other for of, other in rows if of.asset_id is not None and of.asset_id == owner.asset_id)
        limit = limit_of(owner.key, _system(owner.key), tier, settings, max(1, people))
        views.append(_view(owner, bucket, limit, names, now))
    calls = await ledger.calls_since(session, now - HOUR)
    throttles = await ledger.throttles_since(session, now - THROTTLES_SINCE, THROTTLES_SHOWN)
    return Overview(
        now, views, [_named(dict(row), names) for row in calls], [_named(dict(row), names) for row in throttles]
    )


def _view(owner: ledger.Owner, bucket: Bucket, limit: Limit, names: dict[str, str], now: datetime) -> BucketView:
    waits = {
        priority: decide([Charge(limit, bucket)], priority, now).wait
        for priority in (Priority.INTERACTIVE, Priority.SCHEDULED, Priority.BACKFILL)
    }
    shut = bucket.blocked_until if bucket.blocked_until is not None and bucket.blocked_until > now else None
    known = bucket.percent_at is not None or limit.assumed is not None
    ceiling = limit.ceiling or 0
    return BucketView(
        bucket=owner.key,
        about=_about(owner, names),
        name=name_of(owner.key),
        limit=limit.ceiling if limit.ceiling is not None else limit.assumed,
        spent=bucket.spent(limit, now),
        window_minutes=limit.minutes,
        percent=round(bucket.believed_percent(limit, now), 1) if known else None,
        percent_told_at=bucket.percent_at,
        reserve=int(ceiling * KEPT[Priority.SCHEDULED]),
        reserve_from_backfill=int(ceiling * KEPT[Priority.BACKFILL]),
        seconds_for_people=round(waits[Priority.INTERACTIVE], 1),
        seconds_for_runs=round(waits[Priority.SCHEDULED], 1),
        seconds_for_backfill=round(waits[Priority.BACKFILL], 1),
        blocked_until=shut,
        waiting=claims(bucket, Priority.BACKFILL, now),
    )


def _about(owner: ledger.Owner, names: dict[str, str]) -> str:
    """Whose limit it is: the asset by its name, a person by their id, or the whole app."""
    if owner.asset_id is not None:
        return names.get(owner.asset_id, owner.asset_id)
    return owner.key.partition(":")[2] or "the app"


def _named(row: dict[str, object], names: dict[str, str]) -> dict[str, object]:
    asset_id = row["asset_id"]
    return {"asset": names.get(str(asset_id), str(asset_id)) if asset_id else "no asset", **row}


def _system(key: str) -> str | None:
    kind = key.partition(":")[0]
    return kind if kind in set(System) else None
