"""`freehold node assets|confirm`: what may be collected, and what is."""

from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, fail, guarded, print_rows
from freehold.node.assets import offered_assets
from freehold.node.confirmation import choose_assets
from freehold.node.context import open_node
from freehold.node.settings import NodeSettings


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(assets)
    group.command()(confirm)


@guarded
async def assets(data: Data, as_json: AsJson = False) -> None:
    """Show what the authorisations cover, what was ticked to be collected, and whether each still stands."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        found = [vars(asset) for asset in await offered_assets(session)]
    print_rows(found, ("kind", "asset_id", "name", "confirmed_at", "credential_status"), as_json=as_json)


@guarded
async def confirm(
    data: Data,
    asset_ids: Annotated[list[str] | None, typer.Argument(help="The assets that belong to this client.")] = None,
    none: Annotated[bool, typer.Option("--none", help="Collect nothing any more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tick exactly these assets, and accept their pending authorisations; nothing else is collected any more."""
    if bool(asset_ids) == none:
        raise fail("Name the assets to collect, or say --none.", "See `freehold node assets`.")
    async with open_node(NodeSettings.load(data)) as node:
        choice = await choose_assets(node, asset_ids or [])
    print_rows([vars(asset) for asset in choice.assets], ("kind", "asset_id", "name"), as_json=as_json)
    if choice.broker_refusals:
        raise fail(
            f"The choice is kept, but the broker could not be told: {'; '.join(choice.broker_refusals)}",
            "The same person's next connection without a link will wait for confirmation again.",
        )
