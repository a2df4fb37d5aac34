"""All SQL over oauth_events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from freehold.broker.audit.tables import oauth_events
from freehold.kernel.database import ReadSession, WriteSession

_INSERT = insert(oauth_events)


@dataclass(frozen=True)
class EventFilter:
    """Which events are asked for; None leaves a column open. `before` is the id at which the last page ended."""

    client_id: str | None = None
    outcome: str | None = None
    flow_id: str | None = None
    before: int | None = None
    limit: int = 100


async def insert_events(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Append events."""
    await session.execute(_INSERT, list(rows))


async def list_events(session: ReadSession, wanted: EventFilter) -> list[dict[str, Any]]:
    """The newest events that pass the filter, newest first."""
    query = select(oauth_events).order_by(oauth_events.c.id.desc()).limit(wanted.limit)
    for name in ("client_id", "outcome", "flow_id"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(oauth_events.c[name] == value)
    if wanted.before is not None:
        query = query.where(oauth_events.c.id < wanted.before)
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def count_since(session: ReadSession, since: datetime) -> dict[str, dict[str, int]]:
    """How often each outcome of each step was recorded since then."""
    counted = await session.execute(
        select(oauth_events.c.step, oauth_events.c.outcome, func.count())
        .where(oauth_events.c.at >= since)
        .group_by(oauth_events.c.step, oauth_events.c.outcome)
    )
    steps: dict[str, dict[str, int]] = {}
    for step, outcome, count in counted:
        steps.setdefault(step, {})[outcome] = count
    return steps
