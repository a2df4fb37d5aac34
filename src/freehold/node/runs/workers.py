"""Which processes work on runs, and which of them are seen no more."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from freehold.kernel.database import ReadSession, WriteSession, insert
from freehold.node.runs.tables import workers


@dataclass(frozen=True)
class SeenWorker:
    """A process that works on runs, since when it does, and when it was last seen."""

    worker_id: str
    started_at: datetime
    seen_at: datetime


async def beat(session: WriteSession, worker_id: str, now: datetime) -> None:
    """The worker is alive."""
    statement = insert(session, workers).values(worker_id=worker_id, started_at=now, seen_at=now)
    await session.execute(statement.on_conflict_do_update(index_elements=["worker_id"], set_={"seen_at": now}))


async def seen_workers(session: ReadSession) -> list[SeenWorker]:
    """Every worker that has not been forgotten."""
    rows = (await session.execute(select(workers).order_by(workers.c.worker_id))).mappings()
    return [SeenWorker(row["worker_id"], row["started_at"], row["seen_at"]) for row in rows]


async def forget(session: WriteSession, worker_id: str) -> None:
    """The worker is gone, and its runs are with others."""
    await session.execute(delete(workers).where(workers.c.worker_id == worker_id))
