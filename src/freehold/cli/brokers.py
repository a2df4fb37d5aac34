"""`freehold broker …`: make the broker, serve it, show its keys, give and revoke its administrators' keys."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from freehold.broker import app as broker_app
from freehold.broker.access import keys, queries
from freehold.broker.context import open_broker
from freehold.broker.initialization import initialize
from freehold.broker.keys import KEYRING_FILE, load_keys, replace_lost_keyring
from freehold.broker.registry import keyring
from freehold.broker.retention.prune import prune
from freehold.broker.rotation import rotate_keys
from freehold.broker.settings import BrokerSettings
from freehold.broker.stack import BrokerStack, has_app_secret, write_broker_stack
from freehold.cli import broker_backups
from freehold.cli.output import AsJson, Folder, Operators, guarded, print_facts, print_rows, print_stack, typed
from freehold.kernel import crypto, logs

group = typer.Typer(help="The agency's broker: runs every client's sign-in and keeps no token.", no_args_is_help=True)
admin_keys = typer.Typer(help="Keys of those who administer the broker.", no_args_is_help=True)
group.add_typer(admin_keys, name="admin-key")


def register(app: typer.Typer) -> None:
    """Put these commands into the tree."""
    broker_backups.register(group)
    app.add_typer(group, name="broker")


Data = Annotated[Path, typer.Option("--data", help="The broker's folder.", envvar="FREEHOLD_BROKER_DATA_DIR")]
Name = Annotated[str, typer.Argument(help="Whose key it is; the events name it.")]


@group.command()
@guarded
async def init(data: Data, as_json: AsJson = False) -> None:
    """Make the broker's keys and tables, and the first administrator's key, which is shown this once.

    Settings are read from the environment (FREEHOLD_BROKER_...) and from broker.env in the folder.
    """
    key = await initialize(BrokerSettings.load(data))
    print_facts({"admin_key": key, "next": f"freehold broker serve --data {data}"}, as_json=as_json)


@group.command()
@guarded
async def serve(data: Data) -> None:
    """Serve the broker until the process is told to stop."""
    settings = BrokerSettings.load(data)
    logs.configure("broker", level=settings.log_level, form=settings.log_format)
    await broker_app.run(settings)


@group.command()
@guarded
async def stack(
    folder: Folder,
    host: Annotated[str | None, typer.Option(help="The broker's name in DNS.")] = None,
    email: Annotated[str | None, typer.Option(help="Whom the certificate authority writes to.")] = None,
    tls: Annotated[
        str | None, typer.Option(help="In place of --email: internal, or 'certificate.pem key.pem'.")
    ] = None,
    operators: Operators = None,
    meta_app_id: Annotated[str | None, typer.Option(help="The Meta app's id.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write compose.yaml, Caddyfile, firewall, .env and secrets, or bring them up to date.

    Asks for the Meta app's secret once, or takes it from standard input. Secrets are made once. Files that you edited
    stay; what is new in them lies beside as NAME.new.
    """
    chosen = BrokerStack(host, tuple(operators or ()), tls or email, meta_app_id)
    app_secret = None if has_app_secret(folder) else typed("The Meta app's secret")
    first = (
        "docker compose run --rm broker-1 broker init, then docker compose up -d --wait; client-certificate.pem is for "
        "the nodes that are to ask for it; docs/guides/production.md tells each step"
    )
    print_stack(folder, write_broker_stack(folder, chosen, app_secret), first, as_json=as_json)


@group.command("keys")
@guarded
async def show_keys(data: Data, as_json: AsJson = False) -> None:
    """Show the fingerprints of the broker's public keys, to compare with what a node pinned."""
    found = load_keys(data)
    facts = {
        "signing_key": crypto.fingerprint(found.signing.public_text()),
        "sealing_key": crypto.fingerprint(found.sealing.public_text()),
    }
    print_facts(facts, as_json=as_json)


@group.command("rotate-keys")
@guarded
async def rotate_broker_keys(data: Data, as_json: AsJson = False) -> None:
    """Make a new key for data at rest and encrypt everything anew with it; a serving broker notices."""
    async with open_broker(BrokerSettings.load(data)) as broker:
        rotated = await rotate_keys(broker, "command line")
    following = f"copy {data / KEYRING_FILE} to where it is kept apart from backups"
    print_facts({**asdict(rotated), "next": following}, as_json=as_json)


@group.command("prune")
@guarded
async def prune_rows(data: Data, as_json: AsJson = False) -> None:
    """Delete rows that are older than the settings say; a serving broker does it every hour."""
    async with open_broker(BrokerSettings.load(data)) as broker:
        gone = await prune(broker)
    print_facts(gone or {"deleted": 0}, as_json=as_json)


@group.command("replace-unreadable-keys")
@guarded
async def replace_unreadable_keys(data: Data, as_json: AsJson = False) -> None:
    """Replace clients' keys that do not open, when the keyring is lost for good; then rotate each client's key.

    A keyring that is missing is made anew; one that is there stays.
    """
    settings = BrokerSettings.load(data)
    made = replace_lost_keyring(data)
    async with open_broker(settings) as broker:
        replaced = await keyring.replace_unreadable_keys(broker, "command line")
    following = "freehold clients rotate-key CLIENT, for each of them"
    print_facts({"replaced": replaced, "new_keyring": made, "next": following}, as_json=as_json)


@admin_keys.command("add")
@guarded
async def add_admin_key(data: Data, name: Name, as_json: AsJson = False) -> None:
    """Make another administrator's key, which is shown this once."""
    async with open_broker(BrokerSettings.load(data)) as broker, broker.database.writing() as session:
        key = await keys.create_admin_key(session, broker, name)
    print_facts({"name": name, "admin_key": key}, as_json=as_json)


@admin_keys.command("list")
@guarded
async def list_admin_keys(data: Data, as_json: AsJson = False) -> None:
    """List the administrators' keys; the keys themselves are not kept."""
    async with open_broker(BrokerSettings.load(data)) as broker, broker.database.reading() as session:
        found = await queries.list_admin_keys(session)
    print_rows([asdict(each) for each in found], ("name", "created_at", "revoked_at"), as_json=as_json)


@admin_keys.command("revoke")
@guarded
async def revoke_admin_key(data: Data, name: Name) -> None:
    """Refuse an administrator's key from now on; the last one stays."""
    async with open_broker(BrokerSettings.load(data)) as broker, broker.database.writing() as session:
        await keys.revoke_admin_key(session, broker, name)
