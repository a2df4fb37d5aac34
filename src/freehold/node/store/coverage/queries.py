"""Reading coverage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from freehold.kernel.database import ReadSession
from freehold.node.store.coverage.tables import coverage


@dataclass(frozen=True)
class Covered:
    """One metric's state on a day."""

    metric: str
    day: date
    state: str
    reason: str
    read_at: datetime


async def covered(session: ReadSession, subject_id: str) -> dict[tuple[str, date], Covered]:
    """What is known of a subject's coverage, by metric and day."""
    query = select(coverage.c.metric, coverage.c.day, coverage.c.state, coverage.c.reason, coverage.c.read_at).where(
        coverage.c.subject_id == subject_id
    )
    found = [Covered(*row) for row in (await session.execute(query)).all()]
    return {(item.metric, item.day): item for item in found}


async def read_since(
    session: ReadSession, subject_ids: Sequence[str], metrics: Sequence[str], at: datetime
) -> set[str]:
    """Those subjects of which one of the metrics was read at `at` or later."""
    query = select(coverage.c.subject_id).where(
        coverage.c.subject_id.in_(tuple(subject_ids)),
        coverage.c.metric.in_(tuple(metrics)),
        coverage.c.state == "complete",
        coverage.c.read_at >= at,
    )
    return set((await session.execute(query)).scalars())
