"""All SQL over connections."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Executable, RowMapping, and_, bindparam, delete, func, or_, select, update

from freehold.broker.connections.tables import connections as table
from freehold.kernel.database import ReadSession, WriteSession, insert

# Built once: they run in every flow, and building a statement costs more than sending it.
_OF_CLIENT = select(table).where(
    table.c.client_id == bindparam("client_id"),
    table.c.provider == bindparam("provider"),
    table.c.status != "revoked",
)
_OF_CLIENT_OR_USER = select(table).where(
    table.c.provider == bindparam("provider"),
    or_(table.c.client_id == bindparam("client_id"), table.c.user_hash == bindparam("user_hash")),
    table.c.status != "revoked",
)

_AUTHORIZED = ("asset_ids", "scopes", "token_expires_at", "data_access_expires_at", "status", "connected_at")
_UPSERTS: dict[str, Executable] = {}

ConnectionStatus = Literal["active", "pending", "revoked"]


@dataclass(frozen=True)
class Connection:
    """A person's authorisation for a client."""

    id: int
    client_id: str
    provider: str
    user_hash: str
    asset_ids: frozenset[str]
    scopes: frozenset[str]
    token_expires_at: datetime | None
    data_access_expires_at: datetime | None
    status: ConnectionStatus
    connected_at: datetime
    last_renewed_at: datetime | None


async def of_client(session: ReadSession, client_id: str, provider: str) -> list[Connection]:
    """The connections of a client that are not revoked."""
    found = await session.execute(_OF_CLIENT, {"client_id": client_id, "provider": provider})
    return [_connection(row) for row in found.mappings()]


async def of_client_or_user(session: ReadSession, client_id: str, provider: str, user_hash: str) -> list[Connection]:
    """The connections of a client, and those of a person for whichever client, that are not revoked."""
    known = {"client_id": client_id, "provider": provider, "user_hash": user_hash}
    return [_connection(row) for row in (await session.execute(_OF_CLIENT_OR_USER, known)).mappings()]


async def of_user(session: ReadSession, provider: str, user_hash: str) -> list[Connection]:
    """The connections of a person, for whichever client and of whichever status."""
    query = select(table).where(table.c.provider == provider, table.c.user_hash == user_hash)
    return [_connection(row) for row in (await session.execute(query)).mappings()]


async def any_shared(session: ReadSession, provider: str, user_hashes: Collection[str], client_id: str) -> bool:
    """Whether one of these people has an active connection for another client too."""
    query = select(table.c.id).where(
        table.c.provider == provider,
        table.c.user_hash.in_(user_hashes),
        table.c.client_id != client_id,
        table.c.status == "active",
    )
    return (await session.execute(query.limit(1))).first() is not None


async def upsert(session: WriteSession, row: dict[str, Any]) -> None:
    """Write what was authorised; of the same person, a later authorisation replaces an earlier one.

    One that is pending replaces none that is active.
    """
    dialect = session.dialect.name
    if dialect not in _UPSERTS:
        _UPSERTS[dialect] = _upsert_statement(session)
    await session.execute(_UPSERTS[dialect], row)


def _upsert_statement(session: WriteSession) -> Executable:
    statement = insert(session, table)
    changes = {name: statement.excluded[name] for name in _AUTHORIZED}
    later = and_(
        table.c.connected_at <= statement.excluded.connected_at,
        or_(table.c.status != "active", statement.excluded.status == "active"),
    )
    return statement.on_conflict_do_update(
        index_elements=["client_id", "provider", "user_hash"], set_=changes, where=later
    )


async def delete_of_client(session: WriteSession, client_id: str) -> None:
    """Forget the connections of a client that is removed: whoever has its id next is somebody else."""
    await session.execute(delete(table).where(table.c.client_id == client_id))


async def claim_renewal(session: WriteSession, connection_id: int, now: datetime, free_before: datetime) -> bool:
    """Take this connection's turn to renew; True for exactly one of all who try within the time."""
    free = or_(table.c.last_renewed_at.is_(None), table.c.last_renewed_at <= free_before)
    changed = await session.execute(update(table).where(table.c.id == connection_id, free).values(last_renewed_at=now))
    return bool(changed.rowcount)


async def set_renewal(session: WriteSession, connection_id: int, changes: dict[str, Any]) -> None:
    """Write how a renewal ended."""
    await session.execute(update(table).where(table.c.id == connection_id).values(**changes))


async def revoke(session: WriteSession, connection: Connection) -> None:
    """Mark a connection as ended by the person, unless they connected again meanwhile."""
    same = (table.c.id == connection.id, table.c.connected_at == connection.connected_at)
    await session.execute(update(table).where(*same).values(status="revoked"))


async def confirm(session: WriteSession, client_id: str, provider: str, user_hash: str) -> bool:
    """Make a person's connection for a client active; False when there is none, or it was revoked."""
    theirs = (table.c.client_id == client_id, table.c.provider == provider, table.c.user_hash == user_hash)
    changed = await session.execute(update(table).where(*theirs, table.c.status != "revoked").values(status="active"))
    return bool(changed.rowcount)


async def erase(session: WriteSession, connection_id: int) -> None:
    """End a connection and forget whose it was."""
    changes = {"status": "revoked", "user_hash": f"erased:{secrets.token_hex(16)}", "asset_ids": []}
    await session.execute(update(table).where(table.c.id == connection_id).values(**changes))


async def list_connections(
    session: ReadSession, client_id: str | None, before: int | None, limit: int
) -> list[Connection]:
    """Connections, the newest first."""
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    if client_id is not None:
        query = query.where(table.c.client_id == client_id)
    if before is not None:
        query = query.where(table.c.id < before)
    return [_connection(row) for row in (await session.execute(query)).mappings()]


async def count_by_status(session: ReadSession) -> dict[str, int]:
    """How many connections have each status."""
    rows = await session.execute(select(table.c.status, func.count()).group_by(table.c.status))
    return {str(status): int(count) for status, count in rows}


def _connection(row: RowMapping) -> Connection:
    lists = {name: frozenset(row[name]) for name in ("asset_ids", "scopes")}
    return Connection(**{**row, **lists})
