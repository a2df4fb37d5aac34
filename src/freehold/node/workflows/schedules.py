"""Begins workflows at their slots, by the node's own clock; two processes that do so order each run once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial

from freehold.kernel import logs
from freehold.node.assets import ticked_assets
from freehold.node.context import Node
from freehold.node.runs import queries
from freehold.node.runs.queries import Order
from freehold.node.workflows.duties import every
from freehold.node.workflows.registry import WORKFLOWS, schedules
from freehold.node.workflows.schedule import slot_id

log = logs.get(__name__)

TICK_SECONDS = 15.0


async def tick(node: Node) -> list[str]:
    """Order the run of each schedule's newest slot that has not been ordered; gives the ids of those that are new.

    Slots that passed while no process ran are made up for once, by the newest. While nobody has confirmed an asset of
    a kind that a workflow reads it is not ordered, so that its first slot is that of the moment in which somebody has.
    """
    now = node.clock.now()
    async with node.database.reading() as session:
        kinds = {asset.kind for asset in await ticked_assets(session)}
    begun = []
    for workflow, schedule in schedules(node.settings).items():
        if not WORKFLOWS[workflow].concerns(kinds):
            continue
        run_id = slot_id(workflow, schedule.latest(now))
        async with node.database.reading() as session:
            known = await queries.find(session, run_id)
        if known is not None:
            continue
        async with node.database.writing() as session:
            if await queries.create(session, Order(run_id, workflow, "schedule"), now):
                begun.append(run_id)
                log.info("schedule.began", run_id=run_id)
    return begun


@contextlib.asynccontextmanager
async def keeping_schedules(node: Node) -> AsyncIterator[None]:
    """Begin workflows at their slots until the block ends."""
    task = asyncio.create_task(every(TICK_SECONDS, partial(tick, node)))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
