"""`freehold node …`: make a node, serve it, choose its assets, collect, report, keep its keys."""

from typing import Annotated

import typer

from freehold.cli import budget, competitors, coverage, databases, notifications, runs
from freehold.cli.output import AsJson, Data, fail, guarded, print_facts, print_json, print_rows
from freehold.kernel import crypto, logs
from freehold.node import app as node_app
from freehold.node import initialization
from freehold.node.access import create_key, list_keys, revoke_key
from freehold.node.assets import offered_assets
from freehold.node.collection.collect import DAYS
from freehold.node.confirmation import choose_assets
from freehold.node.context import open_node
from freehold.node.pages import report_links
from freehold.node.renewal import renew_all
from freehold.node.reports.write import write_report
from freehold.node.settings import NodeSettings

group = typer.Typer(help="One client's node: owns its tokens and data.", no_args_is_help=True)
keys = typer.Typer(help="Keys of those who call the node.", no_args_is_help=True)
group.add_typer(keys, name="keys")
group.add_typer(competitors.group, name="competitors")
group.add_typer(notifications.group, name="notify")
runs.register(group)
budget.register(group)
coverage.register(group)
databases.register(group)


def register(app: typer.Typer) -> None:
    """Put these commands into the tree."""
    app.add_typer(group, name="node")


Days = Annotated[int, typer.Option(min=1, max=720, help="How many whole days back.")]


@group.command()
@guarded
async def init(
    data: Data,
    client_id: Annotated[str, typer.Option(help="The client's id at the broker, in lower case.")],
    company: Annotated[str, typer.Option(help="The company's name, as people read it.")],
    broker: Annotated[str, typer.Option(help="The broker's address.")],
    vm_url: Annotated[str, typer.Option(help="The origin at which the broker reaches port 3006.")],
    public_url: Annotated[str, typer.Option(help="The origin at which people reach the pages of port 3007.")],
    receiver_port: Annotated[int, typer.Option(help="0 takes a free port.")] = 3006,
    workflows_port: Annotated[int, typer.Option(help="0 takes a free port.")] = 3007,
    as_json: AsJson = False,
) -> None:
    """Make a node's keys, settings and database, and the registration for the broker's operator.

    Every other setting is read from the environment (FREEHOLD_NODE_...) and kept in the folder's node.env.
    """
    settings = NodeSettings(
        data_dir=data,
        client_id=client_id,
        company_name=company,
        public_url=public_url,
        receiver_port=receiver_port,
        workflows_port=workflows_port,
    )
    made = await initialization.initialize(settings, broker, vm_url)
    facts = {
        "registration": str(made.registration),
        "broker": made.broker.broker_url,
        "broker_signing_key": crypto.fingerprint(made.broker.signing_key),
        "broker_sealing_key": crypto.fingerprint(made.broker.sealing_key),
        "next": "compare both fingerprints with `freehold broker keys`, then give the registration to the operator",
    }
    print_facts(facts, as_json=as_json)


@group.command()
@guarded
async def serve(
    data: Data, only: Annotated[list[str] | None, typer.Option(help="receiver or workflows; all by default.")] = None
) -> None:
    """Serve the node's listeners until the process is told to stop."""
    chosen = tuple(only or node_app.LISTENERS)
    if set(chosen) - set(node_app.LISTENERS):
        raise fail(f"Unknown listener; choose from {', '.join(node_app.LISTENERS)}.")
    logs.configure("node")
    await node_app.run(NodeSettings.load(data), chosen)


@group.command()
@guarded
async def assets(data: Data, as_json: AsJson = False) -> None:
    """Show what the authorisations cover, what was ticked to be collected, and whether each still stands."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        found = [vars(asset) for asset in await offered_assets(session)]
    print_rows(found, ("kind", "asset_id", "name", "confirmed_at", "credential_status"), as_json=as_json)


@group.command()
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


@group.command()
@guarded
async def report(data: Data, days: Days = DAYS, as_json: AsJson = False) -> None:
    """Write a report over the last days; prints its file and a link that is valid for seven days."""
    async with open_node(NodeSettings.load(data)) as node:
        path = await write_report(node, days)
        print_facts({"report": str(path), "link": report_links.make(node, path)}, as_json=as_json)


@group.command()
@guarded
async def renew(data: Data, as_json: AsJson = False) -> None:
    """Have the broker renew the token of every active authorisation."""
    async with open_node(NodeSettings.load(data)) as node:
        renewed = await renew_all(node)
    if not renewed:
        raise fail("There is no active authorisation to renew.", "Have the client connect, or see `freehold doctor`.")
    print_rows([vars(each) for each in renewed], ("credential_id", "token_expires_at", "refused"), as_json=as_json)
    if any(each.refused for each in renewed):
        raise typer.Exit(1)


@group.command("connect-link")
@guarded
async def connect_link(data: Data, as_json: AsJson = False) -> None:
    """Ask the broker for a single-use link with which this client's person connects."""
    async with open_node(NodeSettings.load(data)) as node:
        link = await node.broker.connect_link()
    print_facts(link.model_dump(mode="json"), as_json=as_json)


@group.command("rotate-keys")
@guarded
async def rotate_keys(data: Data) -> None:
    """Make a new key for data at rest and encrypt everything anew with it."""
    async with open_node(NodeSettings.load(data)) as node:
        rows = await node.vault.rotate_keys(node.database)
    print_facts({"rows_encrypted_anew": rows}, as_json=False)


@group.command("set-broker-key")
@guarded
async def set_broker_key(
    data: Data,
    key: Annotated[str, typer.Option(prompt="The new key", hide_input=True, help="Better typed when it is asked for.")],
) -> None:
    """Take the key that `freehold clients rotate-key` showed; restart the node afterwards."""
    await initialization.replace_broker_key(NodeSettings.load(data), key.strip())
    print_json({"replaced": True, "next": "restart the node"})


@keys.command("add")
@guarded
async def keys_add(
    data: Data,
    name: Annotated[str, typer.Argument(help="Who will use it.")],
    scope: Annotated[list[str], typer.Option(help="What it may do; give it several times for several.")],
    as_json: AsJson = False,
) -> None:
    """Make a key; it is shown this once."""
    async with open_node(NodeSettings.load(data)) as node, node.database.writing() as session:
        made = await create_key(session, name, scope, node.clock.now())
    print_facts({"id": made.id, "key": made.secret}, as_json=as_json)


@keys.command("list")
@guarded
async def keys_list(data: Data, as_json: AsJson = False) -> None:
    """Show all keys, without the keys themselves."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        rows = [{**vars(key), "scopes": sorted(key.scopes)} for key in await list_keys(session)]
    print_rows(rows, ("id", "name", "scopes", "created_at", "revoked_at"), as_json=as_json)


@keys.command("revoke")
@guarded
async def keys_revoke(data: Data, key_id: Annotated[str, typer.Argument(help="The key's id.")]) -> None:
    """Revoke a key from now on."""
    async with open_node(NodeSettings.load(data)) as node, node.database.writing() as session:
        revoked = await revoke_key(session, key_id, node.clock.now())
    if not revoked:
        raise fail("There is no such key, or it was revoked before.", "See `freehold node keys list`.")
    print_json({"revoked": key_id})
