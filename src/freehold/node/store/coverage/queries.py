"""Reading coverage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from freehold.kernel.database import ReadSession
from freehold.node.store.coverage.tables import coverage

_COVERED = select(*(coverage.c[name] for name in ("metric", "day", "state", "reason", "read_at"))).where(
    coverage.c.subject_id == bindparam("subject_id"), coverage.c.day.between(bindparam("first"), bindparam("last"))
)
_COVERED_IN_SOME = _COVERED.where(coverage.c.metric.in_(bindparam("metrics", expanding=True)))
"""Built once: every stored answer asks what is covered."""


@dataclass(frozen=True)
class Covered:
    """One metric's state on a day."""

    metric: str
    day: date
    state: str
    reason: str
    read_at: datetime


async def covered(
    session: ReadSession,
    subject_id: str,
    first: date = date.min,
    last: date = date.max,
    metrics: Sequence[str] = (),
) -> dict[tuple[str, date], Covered]:
    """What is known of a subject on the days from `first` to `last`, by metric and day; of some metrics or of all."""
    wanted = {"subject_id": subject_id, "first": first, "last": last}
    if metrics:
        rows = await session.execute(_COVERED_IN_SOME, {**wanted, "metrics": tuple(metrics)})
    else:
        rows = await session.execute(_COVERED, wanted)
    found = [Covered(*row) for row in rows.all()]
    return {(item.metric, item.day): item for item in found}


@dataclass(frozen=True)
class DayState:
    """Whether a metric of a subject is complete, empty or missing on a day, and why."""

    subject_id: str
    metric: str
    day: date
    state: str
    reason: str


async def states(
    session: ReadSession, subject_ids: Sequence[str], first: date, last: date, metrics: Sequence[str] = ()
) -> list[DayState]:
    """What is known of the days of subjects, of some metrics or of all, by subject, metric and day."""
    of = coverage.c
    columns = [of[name] for name in DayState.__dataclass_fields__]
    query = select(*columns).where(of.subject_id.in_(tuple(subject_ids)), of.day.between(first, last))
    if metrics:
        query = query.where(of.metric.in_(tuple(metrics)))
    rows = (await session.execute(query.order_by(of.subject_id, of.metric, of.day))).all()
    return [DayState(*row) for row in rows]
