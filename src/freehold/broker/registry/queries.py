"""All SQL over client_vm_registry."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import RowMapping, Text, bindparam, cast, delete, func, insert, select, update

from freehold.broker.registry.tables import client_vm_registry as table
from freehold.kernel.database import ReadSession, WriteSession

# Built once: they run in every flow, and building a statement costs more than sending it.
_BY_ID = select(table).where(table.c.client_id == bindparam("client_id"))
_BY_ID_LOCKED = {"against changes": _BY_ID.with_for_update(read=True), "to change it": _BY_ID.with_for_update()}
_BY_KEY = select(table).where(table.c.vm_api_key_digest == bindparam("digest"))

SharedUserPolicy = Literal["warn", "refuse"]
Lock = Literal["against changes", "to change it"]
ClientStatus = Literal["active", "paused"]


@dataclass(frozen=True)
class Client:
    """A client as it is registered. `encrypted_key` is its node's key, which `clients.api_key` opens."""

    client_id: str
    company_name: str
    vm_url: str
    success_url: str
    encrypted_key: str
    public_key: str | None
    allowed_users: frozenset[str]
    allowed_assets: frozenset[str]
    bare_links: bool
    shared_user_policy: SharedUserPolicy
    status: ClientStatus
    created_at: datetime
    updated_at: datetime


async def find_client(session: ReadSession, client_id: str, *, locked: Lock | None = None) -> Client | None:
    """The client with this id; when it is locked, nobody else changes or removes it before the transaction ends."""
    query = _BY_ID if locked is None else _BY_ID_LOCKED[locked]
    row = (await session.execute(query, {"client_id": client_id})).mappings().first()
    return None if row is None else _client(row)


async def find_by_key(session: ReadSession, digest: str) -> Client | None:
    """The client whose node's key has this digest."""
    row = (await session.execute(_BY_KEY, {"digest": digest})).mappings().first()
    return None if row is None else _client(row)


async def list_clients(session: ReadSession, after: str, limit: int) -> list[Client]:
    """Clients in the order of their ids, from behind `after` on."""
    query = select(table).where(table.c.client_id > after).order_by(table.c.client_id).limit(limit)
    return [_client(row) for row in (await session.execute(query)).mappings()]


async def hold_clients(session: WriteSession) -> list[Client]:
    """Every client, which nobody else changes or removes before the transaction ends."""
    query = select(table).order_by(table.c.client_id).with_for_update()
    return [_client(row) for row in (await session.execute(query)).mappings()]


async def count_clients(session: ReadSession) -> dict[str, int]:
    """How many clients have each status."""
    rows = await session.execute(select(table.c.status, func.count()).group_by(table.c.status))
    return {str(status): int(count) for status, count in rows}


async def insert_client(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a new client's row; raises SQLAlchemy's `IntegrityError` when its id or key is taken."""
    await session.execute(insert(table).values(**row))


async def update_client(session: WriteSession, client_id: str, changes: dict[str, Any]) -> bool:
    """Change columns of a client; False when there is none."""
    changed = await session.execute(update(table).where(table.c.client_id == client_id).values(**changes))
    return bool(changed.rowcount)


async def delete_client(session: WriteSession, client_id: str) -> bool:
    """Remove a client; False when there is none."""
    return bool((await session.execute(delete(table).where(table.c.client_id == client_id))).rowcount)


async def forget_user(session: WriteSession, user_hash: str) -> None:
    """Take a person off every client's list of those who may connect."""
    listed = select(table.c.client_id, table.c.allowed_users).where(
        cast(table.c.allowed_users, Text).contains(user_hash)
    )
    for client_id, users in (await session.execute(listed)).all():
        left = {"allowed_users": [each for each in users if each != user_hash]}
        await session.execute(update(table).where(table.c.client_id == client_id).values(**left))


def _client(row: RowMapping) -> Client:
    return Client(
        client_id=row["client_id"],
        company_name=row["company_name"],
        vm_url=row["vm_url"],
        success_url=row["success_url"],
        encrypted_key=row["vm_api_key"],
        public_key=row["public_key"],
        allowed_users=frozenset(row["allowed_users"]),
        allowed_assets=frozenset(row["allowed_assets"]),
        bare_links=row["bare_links"],
        shared_user_policy=row["shared_user_policy"],
        status=row["status"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
