"""The governor's memory, in the database: processes share one budget, and a restart forgets nothing."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, func, insert, or_, select, update

from freehold.kernel.database import ReadSession, WriteSession
from freehold.kernel.database import insert as insert_or
from freehold.node.governor.budget import Bucket
from freehold.node.governor.tables import api_calls, governor_ledger


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
    session: WriteSession, owners: Mapping[str, str | None], asset_id: str | None, now: datetime
) -> dict[str, Bucket]:
    """The buckets that `owners` names, and all that only calls for `asset_id` fill, held until the transaction ends.

    `owners` gives by key the asset that a bucket belongs to, None for one of the whole node; absent ones are made.
    """
    fresh = [
        {"key": key, "asset_id": owners[key], "calls": "{}", "percent": 0.0, "updated_at": now}
        for key in sorted(owners)
    ]
    await session.execute(insert_or(session, governor_ledger).on_conflict_do_nothing(), fresh)
    wanted: ColumnElement[bool] = governor_ledger.c.key.in_(tuple(owners))
    if asset_id is not None:
        wanted = or_(wanted, governor_ledger.c.asset_id == asset_id)
    query = select(governor_ledger).where(wanted).order_by(governor_ledger.c.key).with_for_update()
    return {row["key"]: _bucket(row) for row in (await session.execute(query)).mappings()}


async def save_buckets(session: WriteSession, buckets: Iterable[Bucket], now: datetime) -> None:
    """Write buckets that `lock_buckets` gave."""
    for bucket in sorted(buckets, key=lambda bucket: bucket.key):
        changed = {
            "calls": json.dumps({str(minute): count for minute, count in bucket.calls.items()}),
            "percent": bucket.percent,
            "percent_at": bucket.percent_at,
            "blocked_until": bucket.blocked_until,
            "updated_at": now,
        }
        await session.execute(update(governor_ledger).where(governor_ledger.c.key == bucket.key).values(**changed))


async def record_call(session: WriteSession, record: CallRecord) -> None:
    """Write one call down."""
    await session.execute(insert(api_calls).values(**vars(record)))


async def calls_spent(session: ReadSession) -> int:
    """All calls ever sent, each part of a batch counted."""
    found = (await session.execute(select(func.coalesce(func.sum(api_calls.c.parts), 0)))).scalar_one()
    return int(found)


def _bucket(row: RowMapping) -> Bucket:
    return Bucket(
        key=row["key"],
        calls={int(minute): int(count) for minute, count in json.loads(row["calls"]).items()},
        percent=row["percent"],
        percent_at=row["percent_at"],
        blocked_until=row["blocked_until"],
    )
