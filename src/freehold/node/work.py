"""A process that works on the node's runs and listens to nobody."""

import asyncio

from freehold.kernel import migrations
from freehold.node.context import open_node
from freehold.node.settings import NodeSettings
from freehold.node.workflows.runtime import working


async def run_worker(settings: NodeSettings) -> None:
    """Work on the node's runs until the task is cancelled; it orders none itself."""
    async with open_node(settings) as node:
        await migrations.upgrade(node.database, "freehold.node")
        async with working(node):
            await asyncio.Event().wait()
