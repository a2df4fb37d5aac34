"""All SQL over testers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, insert, select, text, update

from freehold.broker.testers.tables import app_testers as table
from freehold.kernel.database import ReadSession, WriteSession

Role = Literal["tester", "analytics"]


@dataclass(frozen=True)
class Tester:
    """A person with a role on the app; `present` says whether Meta lists them, None when nobody has looked yet."""

    id: str
    name: str
    meta_user: str
    client_id: str | None
    role: Role
    present: bool | None
    created_at: datetime
    reconciled_at: datetime | None


async def list_testers(session: ReadSession) -> list[Tester]:
    """All testers, the oldest first."""
    rows = await session.execute(select(table).order_by(table.c.created_at, table.c.id))
    return [Tester(**row) for row in rows.mappings()]


async def count_testers(session: ReadSession) -> int:
    """How many there are, both roles together."""
    return int((await session.execute(select(func.count()).select_from(table))).scalar_one())


async def lock_testers(session: WriteSession) -> None:
    """Let nobody else add one until this transaction ends; SQLite has one writer anyway."""
    if session.dialect.name == "postgresql":
        await session.execute(text("LOCK TABLE app_testers IN SHARE ROW EXCLUSIVE MODE"))


async def insert_tester(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a tester; raises SQLAlchemy's `IntegrityError` when the Meta user is listed already."""
    await session.execute(insert(table).values(**row))


async def delete_tester(session: WriteSession, tester_id: str) -> bool:
    """Remove a tester; False when there is none."""
    return bool((await session.execute(delete(table).where(table.c.id == tester_id))).rowcount)


async def set_presence(session: WriteSession, presence: Mapping[str, bool], now: datetime) -> None:
    """Write for each tester whether Meta lists them."""
    for tester_id, present in presence.items():
        await session.execute(update(table).where(table.c.id == tester_id).values(present=present, reconciled_at=now))
