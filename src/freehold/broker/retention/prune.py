"""Deletes what is older than the settings say, a few rows at a time, and tells how much went."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

from freehold.broker.context import Broker
from freehold.broker.enrolment import codes
from freehold.broker.links import connect_links
from freehold.broker.retention import queries
from freehold.kernel import logs
from freehold.kernel.database import Old, delete_old

log = logs.get(__name__)

FIRST_SECONDS, ROUND_SECONDS = 60.0, 3600.0
"""A broker that has just started has more urgent things to do."""


async def prune(broker: Broker) -> dict[str, int]:
    """Delete old rows; gives how many went, by table. Raises `Problem` 503 when the database is away."""
    return await delete_old(broker.database, _old(broker))


def _old(broker: Broker) -> list[Old]:
    now, settings = broker.clock.now(), broker.settings
    callbacks = now - timedelta(days=settings.keep_platform_events_days)
    return [
        queries.audited(now - timedelta(days=settings.keep_events_days)),
        queries.forwarded(callbacks),
        queries.deletions(callbacks),
        queries.states(now),
        queries.links(now - connect_links.KEPT_AFTERWARDS),
        queries.codes(now - codes.KEPT_AFTERWARDS),
    ]


@contextlib.asynccontextmanager
async def pruning(broker: Broker) -> AsyncIterator[None]:
    """Prune every hour for as long as the block runs, in the background."""
    task = asyncio.create_task(_prune_for_ever(broker))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _prune_for_ever(broker: Broker) -> None:
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        try:
            await prune(broker)
        except Exception:  # whatever it is, the next round may go well
            log.exception("retention.failed")
        await asyncio.sleep(ROUND_SECONDS)
