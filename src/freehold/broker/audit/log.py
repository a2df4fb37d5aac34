"""Writes audit events in groups: one transaction for all that happened within a few milliseconds."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import structlog
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy.exc import SQLAlchemyError

from freehold.broker.audit import queries
from freehold.kernel import logs
from freehold.kernel.clock import Clock
from freehold.kernel.database import Database
from freehold.kernel.problems import Problem

log = logs.get(__name__)

Outcome = Literal["succeeded", "pending", "warned", "refused", "failed"]
GROUP = 200
GATHER_SECONDS = 0.02
RETRY_SECONDS = 1.0
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


_Waiting = tuple[dict[str, Any], asyncio.Future[None] | None]


class AuditLog:
    """Takes events at once and writes them soon; `running` writes the rest when it ends."""

    def __init__(self, database: Database, clock: Clock, registry: CollectorRegistry) -> None:
        self._database, self._clock = database, clock
        self._waiting: deque[_Waiting] = deque()
        self._arrived, self._full = asyncio.Event(), asyncio.Event()
        self._lost = 0
        self._counter = Counter(
            "freehold_broker_events", "Audit events by step, outcome and reason", ["step", "outcome", "reason"],
            registry=registry,
        )  # fmt: skip

    def record(self, event: AuditEvent) -> None:
        """Take an event and go on; while the database is away it waits in memory."""
        self._take(event, None)

    async def write(self, event: AuditEvent) -> None:
        """Take an event and return when it is written; raises `Problem` 503 when the database is away."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._take(event, written)
        await written

    def _take(self, event: AuditEvent, written: asyncio.Future[None] | None) -> None:
        row = {**asdict(event), "at": self._clock.now()}
        row["request_id"] = structlog.contextvars.get_contextvars().get("request_id")
        self._counter.labels(event.step, event.outcome, event.reason or "").inc()
        if len(self._waiting) >= KEPT_WHILE_AWAY:
            self._forget_oldest()
        self._waiting.append((row, written))
        self._arrived.set()
        if len(self._waiting) >= GROUP:
            self._full.set()

    def _forget_oldest(self) -> None:
        _, written = self._waiting.popleft()
        self._lost += 1
        if written is not None and not written.done():
            written.cancel()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write in the background for as long as the block runs, and once more at its end."""
        task = asyncio.create_task(self._write_for_ever())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            while self._waiting and await self._write_group():
                pass

    async def _write_for_ever(self) -> None:
        while True:
            await self._arrived.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), GATHER_SECONDS)
            if not await asyncio.shield(self._write_group()):
                await asyncio.sleep(RETRY_SECONDS)
            if not self._waiting:
                self._arrived.clear()
            self._full.clear()

    async def _write_group(self) -> bool:
        """Write what waits; when that fails, tell those who wait for it and keep the rows."""
        group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
        if not group:
            return True
        try:
            async with self._database.writing() as session:
                await queries.insert_events(session, [row for row, _ in group])
        except Problem as problem:
            _tell([written for _, written in group], problem)
            self._waiting.extendleft(reversed([(row, None) for row, _ in group]))
            return False
        except SQLAlchemyError as error:
            log.exception("audit.lost", events=len(group))
            _tell([written for _, written in group], error)
            return False
        _tell([written for _, written in group], None)
        if self._lost:
            log.error("audit.lost", events=self._lost)
            self._lost = 0
        return True


def _tell(waiting: list[asyncio.Future[None] | None], error: Exception | None) -> None:
    for written in waiting:
        if written is None or written.done():
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)
