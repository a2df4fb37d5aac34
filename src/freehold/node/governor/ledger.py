"""The governor's memory, in the database: processes share one budget, and a restart forgets nothing."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, and_, bindparam, func, insert, or_, select, update

from freehold.kernel.database import ReadSession, WriteSession
from freehold.kernel.database import insert as insert_or
from freehold.node.governor.budget import Bucket
from freehold.node.governor.tables import api_calls, governor_ledger

# Built once: these run on every call, and building them costs more than running them.
_KEPT = governor_ledger.c
_CHANGING = ("calls", "percent", "percent_at", "blocked_until", "tier", "claim_until", "claim_priority", "updated_at")
_CLAIMING = and_(_KEPT.person_id == bindparam("person"), _KEPT.claim_until > bindparam("now"))
_LOCKED = (
    select(governor_ledger)
    .where(or_(_KEPT.key.in_(bindparam("keys", expanding=True)), _CLAIMING))
    .order_by(_KEPT.key)
    .with_for_update()
)
_UPDATE = (
    update(governor_ledger)
    .where(_KEPT.key == bindparam("at_key"))
    .values({name: bindparam(name) for name in _CHANGING})
)
_RECORD = insert(api_calls)


@dataclass(frozen=True)
class Owner:
    """A bucket's key, and whose it is: an asset's, a person's share, or neither."""

    key: str
    asset_id: str | None = None
    person_id: str | None = None


@dataclass(frozen=True)
class Held:
    """Buckets by key, and the shares of other assets that wait for room in the same ceiling."""

    buckets: dict[str, Bucket]
    rivals: list[Bucket]


@dataclass(frozen=True)
class CallRecord:
    """One call as it is written down: no token, no parameter."""

    at: datetime
    credential_id: str
    asset_id: str | None
    method: str
    path: str
    parts: int
    priority: str
    outcome: str
    status: int | None
    code: int | None
    subcode: int | None
    duration_ms: float
    bytes: int
    retry: bool
    run_id: str | None


async def lock_buckets(
    session: WriteSession, keys: Collection[str], now: datetime, *, rivals_for: str | None = None
) -> Held:
    """Those of the buckets `keys` that exist, and the shares of the assets of person `rivals_for` that claim room.

    All are held, in the order of their keys, until the transaction ends. What does not exist cannot be held: see
    `make_buckets`.
    """
    wanted = {"keys": list(keys), "person": rivals_for, "now": now}
    found = {row["key"]: _bucket(row) for row in (await session.execute(_LOCKED, wanted)).mappings()}
    rivals = [found.pop(key) for key in sorted(found.keys() - set(keys))]
    return Held(found, rivals)


async def make_buckets(session: WriteSession, owners: Iterable[Owner], now: datetime) -> None:
    """Make empty buckets where there are none yet. The transaction must hold no other bucket: two that make what the
    other holds would wait for each other.
    """
    rows = [_row(Bucket(owner.key), owner, now) for owner in sorted(owners, key=lambda owner: owner.key)]
    await session.execute(insert_or(session, governor_ledger).on_conflict_do_nothing(), rows)


async def save_buckets(session: WriteSession, owned: Iterable[tuple[Owner, Bucket]], now: datetime) -> None:
    """Write down buckets that `lock_buckets` gave, in one statement."""
    rows = [{**_row(bucket, owner, now), "at_key": owner.key} for owner, bucket in owned]
    if not rows:
        return
    await session.execute(_UPDATE, rows)


async def record_call(session: WriteSession, record: CallRecord) -> None:
    """Write one call down."""
    await session.execute(_RECORD, vars(record))


async def all_buckets(session: ReadSession) -> list[tuple[Owner, Bucket]]:
    """Every bucket, with whose it is."""
    rows = (await session.execute(select(governor_ledger).order_by(governor_ledger.c.key))).mappings()
    return [(Owner(row["key"], row["asset_id"], row["person_id"]), _bucket(row)) for row in rows]


async def calls_since(session: ReadSession, since: datetime) -> list[RowMapping]:
    """Calls made since an instant (parts of batches counted): asset_id, priority, calls; the most of them first."""
    table = api_calls.c
    calls = func.sum(table.parts).label("calls")
    query = select(table.asset_id, table.priority, calls).where(table.at >= since)
    grouped = query.group_by(table.asset_id, table.priority).order_by(calls.desc(), table.asset_id, table.priority)
    return list((await session.execute(grouped)).mappings())


async def throttles_since(session: ReadSession, since: datetime, most: int) -> list[RowMapping]:
    """The last calls that the provider refused for their number: at, asset_id, code, subcode; the newest first."""
    table = api_calls.c
    query = select(table.at, table.asset_id, table.code, table.subcode)
    recent = query.where(table.at >= since, table.outcome == "throttled").order_by(table.at.desc()).limit(most)
    return list((await session.execute(recent)).mappings())


def _row(bucket: Bucket, owner: Owner, now: datetime) -> dict[str, object]:
    return {
        **vars(owner),
        "calls": json.dumps(bucket.calls),
        "percent": bucket.percent,
        "percent_at": bucket.percent_at,
        "blocked_until": bucket.blocked_until,
        "tier": bucket.tier,
        "claim_until": bucket.claim_until,
        "claim_priority": bucket.claim_priority,
        "updated_at": now,
    }


def _bucket(row: RowMapping) -> Bucket:
    return Bucket(
        key=row["key"],
        calls={int(minute): count for minute, count in json.loads(row["calls"]).items()},
        percent=row["percent"],
        percent_at=row["percent_at"],
        blocked_until=row["blocked_until"],
        tier=row["tier"],
        claim_until=row["claim_until"],
        claim_priority=row["claim_priority"],
    )
