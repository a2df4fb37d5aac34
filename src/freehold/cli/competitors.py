"""`freehold node competitors add|list|remove`: whom the client watches."""

import getpass
from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, guarded, print_facts, print_json, print_rows
from freehold.node import competitors
from freehold.node.context import open_node
from freehold.node.settings import NodeSettings

group = typer.Typer(help="Whom the client watches.", no_args_is_help=True)
COLUMNS = ("competitor_id", "kind", "name", "countries", "added_by", "added_at")


def register(node: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    node.add_typer(group, name="competitors")


@group.command()
@guarded
async def add(
    data: Data,
    kind: Annotated[str, typer.Argument(help="instagram, page or search.")],
    name: Annotated[str, typer.Argument(help="A user name, a page's id, or words that ads hold.")],
    country: Annotated[
        list[str] | None, typer.Option(help="Where ads are shown, as an ISO code; several times for several.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who wants it watched; by default who runs this.")] = None,
    as_json: AsJson = False,
) -> None:
    """Watch an Instagram account, a page's ads, or ads with some words; the next collection begins."""
    async with open_node(NodeSettings.load(data)) as node:
        added = await competitors.add(node, kind, name, country or [], by or getpass.getuser())
    print_facts(vars(added), as_json=as_json)


@group.command("list")
@guarded
async def list_(data: Data, as_json: AsJson = False) -> None:
    """Show all that is watched."""
    async with open_node(NodeSettings.load(data)) as node:
        found = [vars(each) for each in await competitors.listed(node)]
    print_rows(found, COLUMNS, as_json=as_json)


@group.command()
@guarded
async def remove(data: Data, competitor_id: Annotated[int, typer.Argument(help="Its id in the list.")]) -> None:
    """Watch it no longer; what was read stays."""
    async with open_node(NodeSettings.load(data)) as node:
        await competitors.remove(node, competitor_id)
    print_json({"removed": competitor_id})
