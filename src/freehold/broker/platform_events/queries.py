"""All SQL over deletion requests and the outbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, func, select, update

from freehold.broker.platform_events.tables import deletion_requests, platform_event_outbox
from freehold.broker.registry.tables import client_vm_registry
from freehold.kernel.database import ReadSession, WriteSession, insert

table = platform_event_outbox


@dataclass(frozen=True)
class OutboxRow:
    """An event that still has to reach a node."""

    id: int
    event_id: str
    client_id: str
    kind: str
    provider: str
    content: str
    attempts: int
    next_attempt_at: datetime
    created_at: datetime


@dataclass(frozen=True)
class DeletionProgress:
    """How far a deletion has come."""

    received_at: datetime
    total: int
    done: int


async def insert_outbox(session: WriteSession, row: dict[str, Any]) -> bool:
    """Write an event for a client; False when it is there already."""
    statement = insert(session, table).values(**row)
    written = await session.execute(statement.on_conflict_do_nothing(index_elements=["event_id", "client_id"]))
    return bool(written.rowcount)


async def insert_deletion(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a request for deletion, once."""
    await session.execute(insert(session, deletion_requests).values(**row).on_conflict_do_nothing())


async def due(session: ReadSession, now: datetime, limit: int) -> list[OutboxRow]:
    """Events whose next attempt is due; those of a paused client wait until it is confirmed."""
    connectable = select(client_vm_registry.c.client_id).where(client_vm_registry.c.status == "active")
    query = select(table).where(table.c.next_attempt_at <= now, table.c.client_id.in_(connectable))
    query = query.order_by(table.c.next_attempt_at).limit(limit)
    return [_row(row) for row in (await session.execute(query)).mappings()]


async def hold_undelivered(session: WriteSession) -> list[OutboxRow]:
    """Every event that still has to reach a node; no attempt ends before the transaction does."""
    query = select(table).where(table.c.content.is_not(None)).order_by(table.c.id).with_for_update()
    return [_row(row) for row in (await session.execute(query)).mappings()]


async def claim(session: WriteSession, row: OutboxRow, until: datetime) -> bool:
    """Take the next attempt for oneself; True for exactly one of several replicas."""
    ours = (table.c.id == row.id, table.c.next_attempt_at == row.next_attempt_at)
    return bool((await session.execute(update(table).where(*ours).values(next_attempt_at=until))).rowcount)


async def delete_of_client(session: WriteSession, client_id: str) -> None:
    """Forget the events of a client that is removed."""
    await session.execute(delete(table).where(table.c.client_id == client_id))


async def set_outbox(session: WriteSession, row_id: int, changes: dict[str, Any]) -> None:
    """Write how an attempt ended."""
    await session.execute(update(table).where(table.c.id == row_id).values(**changes))


async def deletion_progress(session: ReadSession, code: str) -> DeletionProgress | None:
    """How far the deletion with this confirmation code has come."""
    query = select(deletion_requests).where(deletion_requests.c.code == code)
    request = (await session.execute(query)).mappings().first()
    if request is None:
        return None
    counted = await session.execute(
        select(func.count(), func.count(table.c.delivered_at)).where(table.c.event_id == request["event_id"])
    )
    total, done = counted.one()
    return DeletionProgress(request["received_at"], total, done)


def _row(row: RowMapping) -> OutboxRow:
    names = OutboxRow.__dataclass_fields__
    return OutboxRow(**{name: row[name] for name in names})
