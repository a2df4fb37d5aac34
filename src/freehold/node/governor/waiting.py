"""Who goes next inside one process: places for calls under way, and queues of those that wait for their budget.

A place goes to the most urgent caller, and among equals to the first. Calls that are alike (same asset, same limits,
same priority) wait in one queue: its head alone asks the budget again, when the time told is over; the others follow
as it is served. So no call overtakes one that is like it, and nobody asks more often than there is something to ask.
"""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator, Hashable
from dataclasses import dataclass, field


class Places:
    """So many calls at once; the most urgent of those that wait takes the next place."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    @contextlib.asynccontextmanager
    async def taken(self, urgency: int) -> AsyncIterator[None]:
        """A place; a smaller `urgency` is more urgent."""
        await self._take(urgency)
        try:
            yield
        finally:
            self._give()

    async def _take(self, urgency: int) -> None:
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give()
            raise

    def _give(self) -> None:
        """Hand a place to whoever is next, or keep it free."""
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


@dataclass
class _Queue:
    head: asyncio.Lock = field(default_factory=asyncio.Lock)
    members: int = 0


class Queues:
    """Queues of calls that are alike."""

    def __init__(self) -> None:
        self._queues: dict[Hashable, _Queue] = {}

    def occupied(self, kind: Hashable) -> bool:
        """Whether calls of this kind wait."""
        return kind in self._queues

    @contextlib.asynccontextmanager
    async def head(self, kind: Hashable, seconds: float) -> AsyncIterator[bool]:
        """Stand in the queue of `kind` until at its head, which ends with the block; False: after `seconds` not yet."""
        queue = self._queues.setdefault(kind, _Queue())
        queue.members += 1
        try:
            reached = await _acquired(queue.head, seconds)
            try:
                yield reached
            finally:
                if reached:
                    queue.head.release()
        finally:
            queue.members -= 1
            if not queue.members:
                del self._queues[kind]


async def _acquired(lock: asyncio.Lock, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await lock.acquire()
    except TimeoutError:
        return False
