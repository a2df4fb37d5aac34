"""All SQL over what the broker has sent."""

from typing import Any

from sqlalchemy import RowMapping, func, insert, select, text

from freehold.kernel.database import ReadSession, WriteSession
from freehold.node.receiver.tables import platform_events_received, received_deliveries


async def take_turn(session: WriteSession) -> None:
    """Let one delivery or event in at a time until the transaction ends; SQLite has one writer anyway."""
    if session.dialect.name == "postgresql":
        await session.execute(text(f"LOCK TABLE {received_deliveries.name} IN SHARE ROW EXCLUSIVE MODE"))


async def delivery(session: ReadSession, delivery_id: str) -> RowMapping | None:
    """A delivery that was received before."""
    query = select(received_deliveries).where(received_deliveries.c.delivery_id == delivery_id)
    return (await session.execute(query)).mappings().first()


async def insert_delivery(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a delivery down, so that a repeat is known."""
    await session.execute(insert(received_deliveries).values(**row))


async def event_known(session: ReadSession, event_id: str) -> bool:
    """Whether a platform event was received before."""
    query = select(platform_events_received.c.event_id).where(platform_events_received.c.event_id == event_id)
    return (await session.execute(query)).first() is not None


async def insert_event(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a platform event down."""
    await session.execute(insert(platform_events_received).values(**row))


async def last_disconnect(session: ReadSession, meta_user_id: str) -> Any:
    """When this person last removed the app or asked for deletion; None if never."""
    query = select(func.max(platform_events_received.c.occurred_at)).where(
        platform_events_received.c.meta_user_id == meta_user_id
    )
    return (await session.execute(query)).scalar_one()
