"""What a process does again and again, however often it fails."""

import asyncio
from collections.abc import Awaitable, Callable

from freehold.kernel import logs

log = logs.get(__name__)


async def every(seconds: float, *duties: Callable[[], Awaitable[object]]) -> None:
    """Do the duties again and again; one that fails is logged, and tried again with the next round."""
    while True:
        for duty in duties:
            try:
                await duty()
            except Exception as error:  # noqa: BLE001 - a worker outlives a database that is away
                log.error("worker.duty_failed", error=type(error).__name__, frames=logs.frames(error))  # noqa: TRY400
        await asyncio.sleep(seconds)
