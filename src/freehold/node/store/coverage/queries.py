"""Reading coverage."""

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


async def covered(
    session: ReadSession, subject_id: str, first: date = date.min, last: date = date.max
) -> dict[tuple[str, date], Covered]:
    """What is known of a subject's coverage on the days from `first` to `last`, by metric and day."""
    query = select(coverage.c.metric, coverage.c.day, coverage.c.state, coverage.c.reason, coverage.c.read_at).where(
        coverage.c.subject_id == subject_id, coverage.c.day.between(first, last)
    )
    found = [Covered(*row) for row in (await session.execute(query)).all()]
    return {(item.metric, item.day): item for item in found}
