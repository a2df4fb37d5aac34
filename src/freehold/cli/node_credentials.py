"""`freehold node renew|connect-link|rotate-keys|give-up-unreadable`: keep authorisations, get new ones, re-encrypt."""

import typer

from freehold.cli.output import AsJson, Data, fail, guarded, print_facts, print_rows
from freehold.node.context import open_node
from freehold.node.keys import replace_lost_keyring
from freehold.node.renewal import renew_all
from freehold.node.settings import NodeSettings
from freehold.node.vault import loss


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(renew)
    group.command("connect-link")(connect_link)
    group.command("rotate-keys")(rotate_keys)
    group.command("give-up-unreadable")(give_up_unreadable)


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


@guarded
async def connect_link(data: Data, as_json: AsJson = False) -> None:
    """Ask the broker for a single-use link with which this client's person connects."""
    async with open_node(NodeSettings.load(data)) as node:
        link = await node.broker.connect_link()
    print_facts(link.model_dump(mode="json"), as_json=as_json)


@guarded
async def rotate_keys(data: Data) -> None:
    """Make a new key for data at rest and encrypt everything anew with it."""
    async with open_node(NodeSettings.load(data)) as node:
        rows = await node.vault.rotate_keys(node.database)
    print_facts({"rows_encrypted_anew": rows}, as_json=False)


@guarded
async def give_up_unreadable(data: Data, as_json: AsJson = False) -> None:
    """Revoke the authorisations whose tokens do not open, when their keyring is lost for good; people connect anew.

    A keyring that is missing is made anew; one that is there stays.
    """
    settings = NodeSettings.load(data)
    made = replace_lost_keyring(data)
    async with open_node(settings) as node, node.database.writing() as session:
        lost = await loss.give_up_unreadable(node.vault, session)
    print_facts({"given_up": lost, "new_keyring": made}, as_json=as_json)
