"""A clock that runs many times as fast as the machine's, so that minutes are waited by real callers at once."""

import asyncio
import time
from datetime import datetime, timedelta

from freehold.kernel.clock import MovableClock


class QuickClock(MovableClock):
    """Runs `speed` times as fast as real time from the moment it is made; it can be moved as well."""

    def __init__(self, start: datetime, speed: float) -> None:
        super().__init__(start)
        self.speed = speed
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The instant that this clock shows."""
        return super().now() + timedelta(seconds=(time.monotonic() - self._began) * self.speed)

    async def sleep(self, seconds: float) -> None:
        """Wait for so many of this clock's seconds."""
        await asyncio.sleep(seconds / self.speed)
