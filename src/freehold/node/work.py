"""A process that works on the node's runs and listens to nobody."""

import asyncio

from freehold.node.settings import NodeSettings
from freehold.node.startup import started_node
from freehold.node.workflows.runtime import working


async def run_worker(settings: NodeSettings) -> None:
    """Work on the node's runs until the task is cancelled; it orders none itself. Raises what `started_node` raises."""
    async with started_node(settings) as node, working(node):
        await asyncio.Event().wait()
