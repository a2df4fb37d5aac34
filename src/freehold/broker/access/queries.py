"""All SQL over administrators' keys."""

from datetime import datetime

from sqlalchemy import insert, select

from freehold.broker.access.tables import admin_keys
from freehold.kernel.database import ReadSession, WriteSession


async def insert_admin_key(session: WriteSession, digest: str, name: str, now: datetime) -> None:
    """Write a new key's digest."""
    await session.execute(insert(admin_keys).values(digest=digest, name=name, created_at=now))


async def admin_name(session: ReadSession, digest: str) -> str | None:
    """The name of the administrator whose key has this digest, unless it was revoked."""
    query = select(admin_keys.c.name).where(admin_keys.c.digest == digest, admin_keys.c.revoked_at.is_(None))
    return (await session.execute(query)).scalar_one_or_none()
