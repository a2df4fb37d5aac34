"""All SQL over connect links."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, delete, insert, select, update

from freehold.broker.links.tables import connect_links as table
from freehold.kernel.database import ReadSession, WriteSession

# Built once: they run in every flow, and building a statement costs more than sending it.
_BY_ID = select(table).where(table.c.id == bindparam("link_id"))
_CONSUME = (
    update(table)
    .where(
        table.c.id == bindparam("link_id"),
        table.c.client_id == bindparam("link_client"),
        table.c.used_at.is_(None),
        table.c.revoked_at.is_(None),
        table.c.expires_at > bindparam("now"),
    )
    .values(used_at=bindparam("now"))
)


@dataclass(frozen=True)
class LinkRow:
    """A connect link as it is recorded."""

    id: str
    client_id: str
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


async def insert_link(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a new link."""
    await session.execute(insert(table).values(**row))


async def find_link(session: ReadSession, link_id: str) -> LinkRow | None:
    """The link with this id."""
    row = (await session.execute(_BY_ID, {"link_id": link_id})).mappings().first()
    return None if row is None else _link(row)


async def consume_link(session: WriteSession, link_id: str, client_id: str, now: datetime) -> bool:
    """Use a link up; True for exactly one of all who try."""
    changed = await session.execute(_CONSUME, {"link_id": link_id, "link_client": client_id, "now": now})
    return bool(changed.rowcount)


async def reopen_link(session: WriteSession, link_id: str, now: datetime) -> bool:
    """Make a used link usable again; False when it was revoked or has expired."""
    usable = (table.c.id == link_id, table.c.revoked_at.is_(None), table.c.expires_at > now)
    return bool((await session.execute(update(table).where(*usable).values(used_at=None))).rowcount)


async def delete_of_client(session: WriteSession, client_id: str) -> None:
    """Forget the links of a client that is removed."""
    await session.execute(delete(table).where(table.c.client_id == client_id))


async def revoke_link(session: WriteSession, link_id: str, client_id: str, now: datetime) -> bool:
    """Revoke a link; False when the client has no such link."""
    changed = await session.execute(
        update(table).where(table.c.id == link_id, table.c.client_id == client_id).values(revoked_at=now)
    )
    return bool(changed.rowcount)


def _link(row: RowMapping) -> LinkRow:
    return LinkRow(row["id"], row["client_id"], row["expires_at"], row["used_at"], row["revoked_at"])
