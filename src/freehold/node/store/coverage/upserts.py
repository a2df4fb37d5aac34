"""Writing coverage."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal

from freehold.kernel.database import WriteSession
from freehold.node.store.coverage.tables import coverage
from freehold.node.store.merge import merge

CoverageState = Literal["complete", "empty", "missing"]


@dataclass(frozen=True)
class Coverage:
    """Whether one metric of a subject is there for a day; `reason` says why not."""

    subject_id: str
    metric: str
    day: date
    state: CoverageState
    reason: str = ""


async def save_coverage(session: WriteSession, found: Iterable[Coverage], now: datetime) -> None:
    """Write what is there, what Meta does not give, and what is missing.

    A refusal does not undo what was read before: such a day stays complete as of that earlier reading.
    """
    rows = [asdict(item) | {"read_at": now} for item in found]
    for lost in (False, True):
        chosen = [row for row in rows if (row["state"] == "missing") is lost]
        kept = coverage.c.state != "complete" if lost else None
        await merge(session, coverage, ("subject_id", "metric", "day"), chosen, kept, refresh=True)
