"""`freehold node prune`: delete old rows now; a serving node does it every hour."""

import typer

from freehold.cli.output import AsJson, Data, guarded, print_facts
from freehold.node.context import open_node
from freehold.node.retention.prune import prune as prune_node
from freehold.node.settings import NodeSettings


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(prune)


@guarded
async def prune(data: Data, as_json: AsJson = False) -> None:
    """Delete rows that are older than the settings say; tells how many went of which table."""
    async with open_node(NodeSettings.load(data)) as node:
        gone = await prune_node(node)
    print_facts(gone or {"deleted": 0}, as_json=as_json)
