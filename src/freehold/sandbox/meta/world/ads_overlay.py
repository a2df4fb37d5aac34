"""What callers wrote over the seeded ads: new objects, changed fields, and when each was switched on or off.

Plain mutable state; the ads surface writes it, the delivery model reads it.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class ReportRun:
    """One asynchronous report; instants are aware UTC. `outcome` other than "complete" makes it fail on command."""

    id: str
    account_id: str
    subject_id: str
    subject_kind: str
    params: dict[str, str]
    requested_at: datetime
    duration_seconds: float
    date_start: str
    date_stop: str
    outcome: str = "complete"


@dataclass
class AdsLimits:
    """How much one call may ask for; `control` may lower them to provoke Meta's refusals."""

    max_rows: int = 100_000
    """Rows a synchronous report may have before error 100/1487534."""
    max_cost: int = 300_000
    """Ad-days (times breakdown cells) a synchronous page may compute before HTTP 500, code 1."""
    max_async_cost: int = 20_000_000
    """The same for an asynchronous report, which then fails with -3/1504045."""
    async_seconds: float = 20.0
    """Sandbox seconds a report takes."""
    review_seconds: float = 600.0
    """How long a new ad stays in review."""
    fail_next_reports: int = 0
    """That many of the next reports end as "Job Failed"."""


@dataclass
class AdsWrites:
    """The mutable state of the ads surface."""

    created: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    budgets: dict[str, list[tuple[datetime, int]]] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    runs: dict[str, ReportRun] = field(default_factory=dict)
    images: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    activities: list[dict[str, Any]] = field(default_factory=list)
    audiences: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Made by callers, by id; the deleted ones of the seed have only their id."""
    schedules: dict[str, dict[str, Any]] = field(default_factory=dict)
    account_caps: dict[str, int] = field(default_factory=dict)
    """Spend caps of accounts in minor units."""
    limits: AdsLimits = field(default_factory=AdsLimits)
    sequence: int = 0

    def next_id(self, kind: int, ordinal: int) -> str:
        """A new id that no seeded object has: kinds 0 schedule, 5 campaign, 6 ad set, 7 ad, 8 creative, 9 report."""
        self.sequence += 1
        return f"1202{kind}{ordinal:03d}{self.sequence:08d}"


def status_at(writes: AdsWrites, object_id: str, at: datetime, seeded: str | None) -> str | None:
    """The configured status at an instant: the last written one, else the seeded one."""
    history = writes.statuses.get(object_id)
    if not history:
        return seeded
    position = bisect_right(history, at, key=lambda entry: entry[0])
    return history[position - 1][1] if position else seeded


def budget_at(writes: AdsWrites, object_id: str, at: datetime, seeded: int) -> int:
    """The daily budget in minor units at an instant."""
    history = writes.budgets.get(object_id)
    if not history:
        return seeded
    position = bisect_right(history, at, key=lambda entry: entry[0])
    return history[position - 1][1] if position else seeded
