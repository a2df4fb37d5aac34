"""The access log: one row for each request on every listener, written in groups beside the requests."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from freehold.kernel import logs
from freehold.kernel.clock import Clock
from freehold.kernel.database import Database
from freehold.kernel.problems import Problem
from freehold.kernel.request_record import RequestRecord
from freehold.node.access import queries

log = logs.get(__name__)

FLUSH_SECONDS = 0.2
GROUP = 500
METHOD_LENGTH = 16
ADDRESS_LENGTH = 64
KEPT_WHILE_AWAY = 20_000
"""Requests held in memory while the database is away; the oldest beyond that are lost, and the log says how many."""

Group = list[tuple[datetime, RequestRecord]]


class AccessLog:
    """Takes records at once and writes them soon; `running` writes the rest when it ends."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._one_writer = asyncio.Lock()
        self._waiting: deque[tuple[datetime, RequestRecord]] = deque()
        self._lost = 0

    def record(self, record: RequestRecord) -> None:
        """Take one request; called by the listener after each."""
        if len(self._waiting) >= KEPT_WHILE_AWAY:
            self._waiting.popleft()
            self._lost += 1
        self._waiting.append((self._clock.now(), record))

    async def flush(self) -> None:
        """Write all that waits; what cannot be written now keeps waiting."""
        async with self._one_writer:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
                left = await self._write(group)
                self._waiting.extendleft(reversed(left))
                if left:
                    return
        if self._lost:
            log.error("access_log.lost", requests=self._lost)
            self._lost = 0

    async def _write(self, group: Group) -> Group:
        """Write these records; gives those that have to wait because the database is away."""
        try:
            async with self._database.writing() as session:
                await queries.insert_requests(session, [_row(at, record) for at, record in group])
        except Problem:
            return group
        except Exception as error:  # noqa: BLE001 - one record that no row can be made of must not stop the log
            if len(group) > 1:
                half = len(group) // 2
                return [*await self._write(group[:half]), *await self._write(group[half:])]
            self._lost += 1
            told = {"request_id": group[0][1].request_id, "error": type(error).__name__, "frames": logs.frames(error)}
            log.error("access_log.refused", **told)  # noqa: TRY400 - frames only: a message may quote what was sent
        return []

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
            await self.flush()

    async def _write_for_ever(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await asyncio.shield(self.flush())


def storable(text: str) -> str:
    """`text` without the one character that PostgreSQL does not keep; a path or a header may bring it."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _row(at: datetime, record: RequestRecord) -> dict[str, Any]:
    return {
        "at": at,
        "request_id": record.request_id,
        "listener": record.listener,
        "method": record.method[:METHOD_LENGTH],
        "path": storable(record.path),
        "status": record.status,
        "duration_ms": record.duration_ms,
        "address": storable(record.address)[:ADDRESS_LENGTH],
        "caller": record.caller,
        "tool": record.tool,
        "person": record.person,
    }
