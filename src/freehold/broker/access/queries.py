"""All SQL over administrators' keys."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from freehold.broker.access.tables import admin_keys
from freehold.kernel.database import ReadSession, WriteSession


@dataclass(frozen=True)
class AdminKey:
    """An administrator's key, as it is listed."""

    name: str
    created_at: datetime
    revoked_at: datetime | None


async def insert_admin_key(session: WriteSession, digest: str, name: str, now: datetime) -> None:
    """Write a new key's digest."""
    await session.execute(insert(admin_keys).values(digest=digest, name=name, created_at=now))


async def list_admin_keys(session: ReadSession) -> list[AdminKey]:
    """All keys, the oldest first; without anything that could be presented."""
    query = select(admin_keys.c.name, admin_keys.c.created_at, admin_keys.c.revoked_at).order_by(
        admin_keys.c.created_at
    )
    return [AdminKey(*row) for row in await session.execute(query)]


async def revoke_admin_key(session: WriteSession, name: str, now: datetime) -> None:
    """Revoke the key of this name."""
    usable = (admin_keys.c.name == name, admin_keys.c.revoked_at.is_(None))
    await session.execute(update(admin_keys).where(*usable).values(revoked_at=now))


async def admin_name(session: ReadSession, digest: str) -> str | None:
    """The name of the administrator whose key has this digest, unless it was revoked."""
    query = select(admin_keys.c.name).where(admin_keys.c.digest == digest, admin_keys.c.revoked_at.is_(None))
    return (await session.execute(query)).scalar_one_or_none()
