"""All SQL over callers' keys, the access log and security events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, select, update

from freehold.kernel.database import ReadSession, WriteSession
from freehold.node.access.tables import access_keys, access_log, security_events

_BY_DIGEST = select(access_keys).where(access_keys.c.digest == bindparam("digest"))
"""Built once: it runs on every request, and building it costs more than running it."""


@dataclass(frozen=True)
class AccessKey:
    """A caller's key as it is listed: without the key."""

    id: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None
    expires_at: datetime | None = None
    assets: frozenset[str] | None = None
    """The assets that it may read or change; None for all."""
    person: str | None = None

    def may_use(self, asset_id: str) -> bool:
        """Whether its holder may read or change what belongs to an asset."""
        return self.assets is None or asset_id in self.assets


async def insert_key(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a new key's row."""
    await session.execute(insert(access_keys).values(**row))


async def key_by_digest(session: ReadSession, digest: str) -> AccessKey | None:
    """The key with this digest, revoked or not."""
    row = (await session.execute(_BY_DIGEST, {"digest": digest})).mappings().first()
    return None if row is None else _key(row)


async def key_by_id(session: ReadSession, key_id: str) -> AccessKey | None:
    """The key with this id, revoked or not."""
    row = (await session.execute(select(access_keys).where(access_keys.c.id == key_id))).mappings().first()
    return None if row is None else _key(row)


async def list_keys(session: ReadSession) -> list[AccessKey]:
    """All keys, the oldest first."""
    rows = await session.execute(select(access_keys).order_by(access_keys.c.created_at, access_keys.c.id))
    return [_key(row) for row in rows.mappings()]


async def revoke_key(session: WriteSession, key_id: str, now: datetime) -> bool:
    """Revoke a key from now on; False when there is no such key or it was revoked before."""
    found = access_keys.c.id == key_id
    changed = await session.execute(
        update(access_keys).where(found, access_keys.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return bool(changed.rowcount)


async def insert_requests(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write requests into the access log."""
    await session.execute(insert(access_log), list(rows))


async def insert_security_event(session: WriteSession, row: dict[str, Any]) -> None:
    """Write one security event."""
    await session.execute(insert(security_events).values(**row))


def _key(row: RowMapping) -> AccessKey:
    scopes = frozenset(row["scopes"].split(","))
    assets = None if row["assets"] is None else frozenset(row["assets"].split(","))
    dates = row["created_at"], row["revoked_at"], row["expires_at"]
    return AccessKey(row["id"], row["name"], scopes, *dates, assets, row["person"])
