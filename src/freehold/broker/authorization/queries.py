"""All SQL over one-time state."""

from datetime import datetime

from sqlalchemy import delete, insert

from freehold.broker.authorization.tables import authorization_states as table
from freehold.kernel.database import WriteSession


async def insert_state(session: WriteSession, digest: str, record: str, expires_at: datetime) -> None:
    """Write a state under its digest."""
    await session.execute(insert(table).values(digest=digest, record=record, expires_at=expires_at))


async def take_state(session: WriteSession, digest: str) -> str | None:
    """Remove a state and give it; one statement, so that only one of all who try gets it."""
    taken = await session.execute(delete(table).where(table.c.digest == digest).returning(table.c.record))
    return taken.scalar_one_or_none()


async def delete_expired(session: WriteSession, now: datetime) -> None:
    """Forget states that nobody came back with."""
    await session.execute(delete(table).where(table.c.expires_at <= now))
