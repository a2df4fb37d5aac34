"""`freehold node changes …` and `freehold node pause-everything`: what was changed at Meta, and taking it back."""

import getpass
from dataclasses import asdict
from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, fail, guarded, print_facts, print_rows
from freehold.node.context import open_node
from freehold.node.settings import NodeSettings
from freehold.node.spending import Principal, changes, pause_everything, undo
from freehold.node.spending.apply import apply
from freehold.node.spending.change import MACHINE
from freehold.node.spending.show import shown

group = typer.Typer(help="What was changed at Meta.", no_args_is_help=True)
COLUMNS = ("id", "at", "kind", "object_id", "before", "after", "changed_by", "channel", "approval_id")
Account = Annotated[str | None, typer.Option(help="One ad account (act_…); all by default.")]


def register(node: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    node.add_typer(group, name="changes")
    node.command("pause-everything")(pause)


@group.command("list")
@guarded
async def list_(
    data: Data,
    account: Account = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what was changed, the newest first."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        rows = [changes.told(row) for row in await changes.listed(session, limit, account)]
    print_rows(rows, COLUMNS, as_json=as_json)


@group.command()
@guarded
async def verify(data: Data, as_json: AsJson = False) -> None:
    """Check that no change was altered, taken out or put in; keep the hash that it prints elsewhere."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        checked = await changes.verify(session)
    print_facts(asdict(checked), as_json=as_json)
    if checked.wrong:
        raise fail("The chain of changes is not whole.", "Compare it with a backup.")


@group.command("undo")
@guarded
async def undo_(
    data: Data, change_id: Annotated[int, typer.Argument(help="The change's id in the list.")], as_json: AsJson = False
) -> None:
    """Bring back what was before a change: at once where that lowers spend, else as a plan that waits."""
    async with open_node(NodeSettings.load(data)) as node:
        plan = await undo(node, _operator(), change_id)
        if plan.status == "ready":
            await apply(node, _operator(), plan.id, f"undo:{plan.id}")
            print_facts({"plan_id": plan.id, "status": "applied", "object": plan.object_id}, as_json=as_json)
            return
    print_facts({name: shown(plan)[name] for name in ("plan_id", "status", "object_id", "hash")}, as_json=as_json)


@guarded
async def pause(data: Data, account: Account = None, as_json: AsJson = False) -> None:
    """Pause every campaign that runs, at once and without anybody's approval."""
    async with open_node(NodeSettings.load(data)) as node:
        paused = await pause_everything(node, _operator(), account)
    print_rows([asdict(each) for each in paused], ("campaign_id", "name", "account_id", "failure"), as_json=as_json)
    if any(each.failure for each in paused):
        raise fail("Some campaigns still run.", "Try again, or pause them in Ads Manager.")


def _operator() -> Principal:
    """Whoever has a shell on the node's machine."""
    return Principal(MACHINE, getpass.getuser(), "cli")
