"""Writes audit events in groups: one transaction for all that happened within a few milliseconds."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter

from freehold.broker.audit import queries
from freehold.kernel import logs
from freehold.kernel.clock import Clock
from freehold.kernel.database import Database, WriteSession
from freehold.kernel.problems import Problem

log = logs.get(__name__)

Outcome = Literal["succeeded", "pending", "warned", "refused", "failed"]
GROUP = 200
GATHER_SECONDS = 0.02
RETRY_SECONDS = 1.0
MOST_LABELS = 500
KEPT_WHILE_AWAY = 20_000
"""Events held in memory while the database is away; the oldest beyond that are lost, and the log says how many."""


@dataclass(frozen=True)
class AuditEvent:
    """One thing that happened; `reason` is the stable code of a refusal or failure."""

    step: str
    outcome: Outcome
    client_id: str | None = None
    provider: str = "meta"
    flow_id: str | None = None
    reason: str | None = None
    duration_ms: float | None = None
    node_ms: float | None = None
    actor: str | None = None


class AuditLog:
    """Takes events at once and writes them soon; `running` writes the rest when it ends."""

    def __init__(self, database: Database, clock: Clock, registry: CollectorRegistry) -> None:
        self._database, self._clock = database, clock
        self._waiting: deque[dict[str, Any]] = deque()
        self._arrived, self._full = asyncio.Event(), asyncio.Event()
        self._closing = False
        self._one_by_one = False
        """After a failure that is not the database's absence, so that one bad row does not take others with it."""
        self._labels: set[tuple[str, str, str]] = set()
        self._counter = Counter(
            "freehold_broker_events", "Audit events by step, outcome and reason", ["step", "outcome", "reason"],
            registry=registry,
        )  # fmt: skip

    def record(self, event: AuditEvent) -> None:
        """Take an event and go on; while the database is away it waits in memory."""
        self._waiting.append(self._row(event))
        self._forget_oldest()
        self._arrived.set()
        if len(self._waiting) >= GROUP:
            self._full.set()

    async def append(self, session: WriteSession, event: AuditEvent) -> None:
        """Write an event in the transaction of what it tells about, so that there is neither without the other."""
        await queries.insert_events(session, [self._row(event)])

    def count(self, event: AuditEvent) -> None:
        """Count an event without writing it down."""
        labels = (event.step, event.outcome, event.reason or "")
        if len(self._labels) >= MOST_LABELS and labels not in self._labels:
            labels = (event.step, event.outcome, "other")  # a node chooses the codes of its refusals
        self._labels.add(labels)
        self._counter.labels(*labels).inc()

    def _row(self, event: AuditEvent) -> dict[str, Any]:
        self.count(event)
        return {**asdict(event), "at": self._clock.now(), "request_id": logs.request_id()}

    def _forget_oldest(self) -> None:
        """Keep memory bounded while nothing can be written."""
        over = len(self._waiting) - KEPT_WHILE_AWAY
        if over > 0:
            log.error("audit.lost", events=over)
            for _ in range(over):
                self._waiting.popleft()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write in the background for as long as the block runs, and what is left when it ends."""
        self._closing = False
        task = asyncio.create_task(self._write_until_closed())
        try:
            yield
        finally:
            self._closing = True
            self._arrived.set()
            self._full.set()
            await task

    async def _write_until_closed(self) -> None:
        while True:
            await self._arrived.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GATHER_SECONDS):
                    await self._full.wait()
            written = await self._write_group()
            if self._closing and not (written and self._waiting):
                break
            if not written:
                await asyncio.sleep(RETRY_SECONDS)
            if not (self._waiting or self._closing):
                self._arrived.clear()
                self._full.clear()
        if self._waiting:
            log.error("audit.lost", events=len(self._waiting))

    async def _write_group(self) -> bool:
        """Write some of what waits; when that fails, keep the rows."""
        size = 1 if self._one_by_one else GROUP
        group = [self._waiting.popleft() for _ in range(min(size, len(self._waiting)))]
        if not group:
            return True
        try:
            async with self._database.writing() as session:
                await queries.insert_events(session, group)
        except Exception as error:  # noqa: BLE001 - whatever happens, this task lives on
            self._put_back(group, error)
            return False
        self._one_by_one = self._one_by_one and bool(self._waiting)
        return True

    def _put_back(self, group: list[dict[str, Any]], error: Exception) -> None:
        """Keep rows that could not be written, but not a row that cannot be written even by itself."""
        away = isinstance(error, Problem)
        if not away:
            log.error("audit.failed", events=len(group), error=type(error).__name__, frames=logs.frames(error))
        if away or len(group) > 1:
            self._waiting.extendleft(reversed(group))
            self._forget_oldest()
        self._one_by_one = self._one_by_one or not away
