"""The fifteen minutes in which the person who authorised may choose their assets, and nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from freehold.kernel import crypto
from freehold.kernel.database import ReadSession, WriteSession
from freehold.node.pages.tables import success_sessions

LIFE = timedelta(minutes=15)


@dataclass(frozen=True)
class PersonSession:
    """Who came from the broker: by which credential, and whether they have chosen already."""

    credential_id: str
    chosen_at: datetime | None


async def expect_person(session: WriteSession, handle_digest: str, credential_id: str, now: datetime) -> None:
    """A person will come with the handle whose digest a delivery brought."""
    row = {"handle_digest": handle_digest, "credential_id": credential_id, "handle_expires_at": now + LIFE}
    await session.execute(insert(success_sessions).values(**row))


async def exchange_handle(session: WriteSession, handle: str, now: datetime) -> str | None:
    """Take a handle, once: gives the secret of a session, or None for a used, expired or unknown one."""
    secret = crypto.new_secret("fhpick")
    taken = await session.execute(
        update(success_sessions)
        .where(
            success_sessions.c.handle_digest == crypto.digest(handle),
            success_sessions.c.session_digest.is_(None),
            success_sessions.c.handle_expires_at > now,
        )
        .values(session_digest=crypto.digest(secret), session_expires_at=now + LIFE)
    )
    return secret if taken.rowcount else None


async def find_session(session: ReadSession, secret: str, now: datetime) -> PersonSession | None:
    """The session of a cookie, while it lasts."""
    query = select(success_sessions.c.credential_id, success_sessions.c.chosen_at).where(
        success_sessions.c.session_digest == crypto.digest(secret), success_sessions.c.session_expires_at > now
    )
    row = (await session.execute(query)).first()
    return None if row is None else PersonSession(row.credential_id, row.chosen_at)


async def mark_chosen(session: WriteSession, secret: str, now: datetime) -> None:
    """The person has sent their choice."""
    mine = success_sessions.c.session_digest == crypto.digest(secret)
    await session.execute(update(success_sessions).where(mine).values(chosen_at=now))
