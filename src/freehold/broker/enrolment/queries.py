"""All SQL over enrolment codes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from freehold.broker.enrolment.tables import enrolment_codes as table
from freehold.kernel.database import ReadSession, WriteSession


@dataclass(frozen=True)
class CodeRow:
    """A code as it is recorded."""

    digest: str
    client_id: str
    company_name: str
    vm_host: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_by: str | None
    revoked_at: datetime | None


async def insert_code(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a new code."""
    await session.execute(insert(table).values(**row))


async def find_code(session: ReadSession, digest: str) -> CodeRow | None:
    """The code with this digest."""
    row = (await session.execute(select(table).where(table.c.digest == digest))).mappings().first()
    return None if row is None else CodeRow(**row)


async def use_code(session: WriteSession, digest: str, node: str, now: datetime) -> bool:
    """Use a code up for the node of this public key; True for exactly one of all who try."""
    open_ = (table.c.digest == digest, table.c.used_at.is_(None), table.c.revoked_at.is_(None))
    changed = await session.execute(
        update(table).where(*open_, table.c.expires_at > now).values(used_at=now, used_by=node)
    )
    return bool(changed.rowcount)


async def revoke_codes(session: WriteSession, client_id: str, now: datetime) -> int:
    """Revoke the codes of a client that could still be used; gives how many there were."""
    open_ = (table.c.client_id == client_id, table.c.used_at.is_(None), table.c.revoked_at.is_(None))
    changed = await session.execute(update(table).where(*open_, table.c.expires_at > now).values(revoked_at=now))
    return changed.rowcount


async def delete_of_client(session: WriteSession, client_id: str) -> None:
    """Forget the codes of a client that is removed."""
    await session.execute(delete(table).where(table.c.client_id == client_id))
