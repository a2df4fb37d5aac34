"""Runs of a node's workflows, ordered and waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from freehold.node.context import Node
from freehold.node.runs import queries
from freehold.node.runs.queries import OPEN, Order, RunRecord

POLL = 0.05
"""Seconds between a worker's looks at its queues in these tests."""


async def order(node: Node, workflow: str, **chosen: Any) -> str:
    """Order a run of a workflow; gives its id."""
    ordered = Order(**{"run_id": f"{workflow}:test", "workflow": workflow, "trigger": "api", **chosen})
    async with node.database.writing() as session:
        assert await queries.create(session, ordered, node.clock.now())
    return ordered.run_id


async def find(node: Node, run_id: str) -> RunRecord:
    """A run as it is written down."""
    async with node.database.reading() as session:
        found = await queries.find(session, run_id)
    assert found is not None
    return found


async def ended(node: Node, run_id: str, seconds: float = 120.0) -> RunRecord:
    """The run, once it has ended."""
    async with asyncio.timeout(seconds):
        while True:
            run = await find(node, run_id)
            if run.outcome not in OPEN:
                return run
            await asyncio.sleep(0.02)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 120.0) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(seconds):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.02)
