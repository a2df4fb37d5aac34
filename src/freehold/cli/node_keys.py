"""`freehold node keys …`: the keys of those who call the node."""

from datetime import timedelta
from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, fail, guarded, print_facts, print_json, print_rows
from freehold.node.access import create_key, list_keys, revoke_key
from freehold.node.context import open_node
from freehold.node.settings import NodeSettings

keys = typer.Typer(help="Keys of those who call the node.", no_args_is_help=True)


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.add_typer(keys, name="keys")


@keys.command("add")
@guarded
async def keys_add(
    data: Data,
    name: Annotated[str, typer.Argument(help="Who will use it.")],
    scope: Annotated[list[str], typer.Option(help="What it may do; give it several times for several.")],
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it expires; never by default.")] = None,
    asset: Annotated[
        list[str] | None, typer.Option(help="Tools may be about this asset alone; give it several times for several.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Whose it is, where approvals tell people apart.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key; it is shown this once."""
    async with open_node(NodeSettings.load(data)) as node, node.database.writing() as session:
        now = node.clock.now()
        ends = None if days is None else now + timedelta(days=days)
        made = await create_key(session, name, scope, now, expires_at=ends, assets=asset or (), person=person)
    print_facts({"id": made.id, "key": made.secret}, as_json=as_json)


@keys.command("list")
@guarded
async def keys_list(data: Data, as_json: AsJson = False) -> None:
    """Show all keys, without the keys themselves."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        listed = await list_keys(session)
    rows = [{**vars(key), "scopes": sorted(key.scopes), "assets": sorted(key.assets or ())} for key in listed]
    columns = ("id", "name", "scopes", "assets", "person", "created_at", "expires_at", "revoked_at")
    print_rows(rows, columns, as_json=as_json)


@keys.command("revoke")
@guarded
async def keys_revoke(data: Data, key_id: Annotated[str, typer.Argument(help="The key's id.")]) -> None:
    """Revoke a key from now on."""
    async with open_node(NodeSettings.load(data)) as node, node.database.writing() as session:
        revoked = await revoke_key(session, key_id, node.clock.now())
    if not revoked:
        raise fail("There is no such key, or it was revoked before.", "See `freehold node keys list`.")
    print_json({"revoked": key_id})
