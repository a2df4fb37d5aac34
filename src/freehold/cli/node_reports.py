"""`freehold node report`: the numbers of the last days as a file."""

from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, guarded, print_facts
from freehold.node.collection.collect import DAYS
from freehold.node.context import open_node
from freehold.node.pages import report_links
from freehold.node.reports.write import write_report
from freehold.node.settings import NodeSettings

Days = Annotated[int, typer.Option(min=1, max=720, help="How many whole days back.")]


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(report)


@guarded
async def report(data: Data, days: Days = DAYS, as_json: AsJson = False) -> None:
    """Write a report over the last days; prints its file and a link that is valid for seven days."""
    async with open_node(NodeSettings.load(data)) as node:
        path = await write_report(node, days)
        print_facts({"report": str(path), "link": report_links.make(node, path)}, as_json=as_json)
