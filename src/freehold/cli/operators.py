"""`freehold clients`, `testers` and `events`: what the operator does through the broker's admin API."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from freehold.broker.operator import BrokerOperator
from freehold.cli.output import AsJson, fail, guarded, print_facts, print_json, print_rows
from freehold.kernel.addresses import AddressPolicy

clients = typer.Typer(help="The clients that the broker serves.", no_args_is_help=True)
testers = typer.Typer(help="Who has a role on the Meta app.", no_args_is_help=True)

Url = Annotated[str, typer.Option("--broker", help="The broker's address.", envvar="FREEHOLD_BROKER_URL")]
Key = Annotated[str, typer.Option("--admin-key", help="An administrator's key.", envvar="FREEHOLD_ADMIN_KEY")]
ClientId = Annotated[str, typer.Argument(help="The client's id.")]
EVENT_COLUMNS = ("occurred_at", "client_id", "step", "outcome", "reason", "duration_ms", "flow_id")
CLIENT_COLUMNS = ("client_id", "company_name", "status", "vm_url", "success_url", "updated_at")


def register(app: typer.Typer) -> None:
    """Put these commands into the tree."""
    app.add_typer(clients, name="clients")
    app.add_typer(testers, name="testers")
    app.command("events")(events)


def operator(url: str, key: str) -> BrokerOperator:
    """The administrator's commands; the operator names the broker, so a private address is fine."""
    return BrokerOperator(url, key, AddressPolicy.of("0.0.0.0/0", "::/0"))


@clients.command("add")
@guarded
async def clients_add(
    url: Url,
    key: Key,
    registration: Annotated[Path, typer.Option(exists=True, help="What `freehold node init` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Register a client with its node's registration."""
    try:
        told = json.loads(registration.read_text(encoding="utf-8"))
    except ValueError as error:
        raise fail(f"{registration} is not JSON.", "Use the registration.json of `freehold node init`.") from error
    async with operator(url, key) as broker:
        print_facts(await broker.add_client(told), as_json=as_json)


@clients.command("list")
@guarded
async def clients_list(url: Url, key: Key, as_json: AsJson = False) -> None:
    """Show all clients."""
    async with operator(url, key) as broker:
        print_rows(await broker.clients(), CLIENT_COLUMNS, as_json=as_json)


@clients.command("show")
@guarded
async def clients_show(url: Url, key: Key, client_id: ClientId, as_json: AsJson = False) -> None:
    """Show one client."""
    async with operator(url, key) as broker:
        print_facts(await broker.client(client_id), as_json=as_json)


@clients.command("update")
@guarded
async def clients_update(
    url: Url,
    key: Key,
    client_id: ClientId,
    change: Annotated[list[str], typer.Option("--set", help="name=value; the value may be JSON.")],
    as_json: AsJson = False,
) -> None:
    """Change a client; a new address, key or allow-list pauses it until it is confirmed."""
    async with operator(url, key) as broker:
        print_facts(await broker.update_client(client_id, _changes(change)), as_json=as_json)


@clients.command("confirm")
@guarded
async def clients_confirm(url: Url, key: Key, client_id: ClientId, as_json: AsJson = False) -> None:
    """Let a paused client connect again."""
    async with operator(url, key) as broker:
        print_facts(await broker.confirm(client_id), as_json=as_json)


@clients.command("remove")
@guarded
async def clients_remove(
    url: Url, key: Key, client_id: ClientId, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Remove a client."""
    if not yes:
        typer.confirm(f"Remove {client_id} from the broker?", abort=True)
    async with operator(url, key) as broker:
        await broker.remove_client(client_id)
    print_json({"removed": client_id})


@clients.command("rotate-key")
@guarded
async def clients_rotate_key(url: Url, key: Key, client_id: ClientId, as_json: AsJson = False) -> None:
    """Make a new key between broker and node; it is shown this once."""
    async with operator(url, key) as broker:
        print_facts({"vm_api_key": await broker.rotate_key(client_id)}, as_json=as_json)


@clients.command("link")
@guarded
async def clients_link(
    url: Url,
    key: Key,
    client_id: ClientId,
    hours: Annotated[int, typer.Option(min=1, max=24, help="How long the link is valid.")] = 24,
    revoke: Annotated[str | None, typer.Option(help="Withdraw the link with this id instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a single-use link for the client's person, or withdraw one."""
    async with operator(url, key) as broker:
        if revoke:
            await broker.revoke_link(client_id, revoke)
            print_json({"revoked": revoke})
            return
        link = await broker.connect_link(client_id, hours * 3600)
        print_facts(link.model_dump(mode="json"), as_json=as_json)


@clients.command("enrol")
@guarded
async def clients_enrol(
    url: Url,
    key: Key,
    client_id: ClientId,
    company: Annotated[str | None, typer.Option(help="The company's name, as people read it.")] = None,
    vm_host: Annotated[str | None, typer.Option(help="The only host name that the node's address may have.")] = None,
    hours: Annotated[int, typer.Option(min=1, max=168, help="How long the code is valid.")] = 24,
    revoke: Annotated[bool, typer.Option("--revoke", help="Withdraw the client's code instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a one-time code with which a new client's node registers itself: `freehold node init --enrol`."""
    async with operator(url, key) as broker:
        if revoke:
            await broker.revoke_enrolment_codes(client_id)
            print_json({"revoked": client_id})
            return
        if company is None:
            raise fail("The company is not named.", "Give its name with --company; the client's people read it.")
        made = await broker.enrolment_code(client_id, company, vm_host, hours * 3600)
    print_facts(made, as_json=as_json)


@testers.command("list")
@guarded
async def list_testers(url: Url, key: Key, as_json: AsJson = False) -> None:
    """Show everybody who is recorded as a tester."""
    async with operator(url, key) as broker:
        rows = await broker.testers()
        print_rows(rows, ("id", "name", "meta_user", "role", "client_id", "present"), as_json=as_json)


@testers.command("add")
@guarded
async def add_tester(
    url: Url,
    key: Key,
    name: Annotated[str, typer.Argument(help="The person's name.")],
    meta_user: Annotated[str, typer.Argument(help="Their Facebook user name or id.")],
    client_id: Annotated[str | None, typer.Option(help="The client they work for.")] = None,
    role: Annotated[str, typer.Option(help="tester or analytics.")] = "tester",
    as_json: AsJson = False,
) -> None:
    """Record a person who was invited in the app's dashboard."""
    async with operator(url, key) as broker:
        print_facts(await broker.add_tester(name, meta_user, client_id, role), as_json=as_json)


@testers.command("remove")
@guarded
async def remove_tester(url: Url, key: Key, tester_id: Annotated[str, typer.Argument(help="The tester's id.")]) -> None:
    """Take a person off the list."""
    async with operator(url, key) as broker:
        await broker.remove_tester(tester_id)
    print_json({"removed": tester_id})


@testers.command("reconcile")
@guarded
async def reconcile_testers(url: Url, key: Key, as_json: AsJson = False) -> None:
    """Compare the list with the roles that Meta lists."""
    async with operator(url, key) as broker:
        print_facts(await broker.reconcile_testers(), as_json=as_json)


@guarded
async def events(
    url: Url,
    key: Key,
    client: Annotated[str | None, typer.Option(help="Only of this client.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what happened at the broker, newest first."""
    async with operator(url, key) as broker:
        rows = await broker.events(client, limit)
    print_rows(rows, EVENT_COLUMNS, as_json=as_json)


def _changes(pairs: list[str]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise fail(f"{pair!r} is not of the form name=value.")
        try:
            changes[name] = json.loads(text)
        except ValueError:
            changes[name] = text
    return changes
