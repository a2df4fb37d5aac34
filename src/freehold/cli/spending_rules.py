"""`freehold node rules …`: what a change at Meta may come to without asking anybody."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, guarded, print_rows, typed
from freehold.node.context import open_node
from freehold.node.settings import NodeSettings
from freehold.node.spending.approvals import approver_of
from freehold.node.spending.choosing import choose_rules
from freehold.node.spending.propose import rules_of
from freehold.node.spending.rehearse import rehearse as rehearsed

group = typer.Typer(help="What a change at Meta may come to.", no_args_is_help=True)
COLUMNS = ("action", "condition", "limit", "currency", "effect")
Account = Annotated[str, typer.Option(help="An ad account (act_…); by default all without rules of their own.")]


def register(node: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    node.add_typer(group, name="rules")


@group.command()
@guarded
async def show(data: Data, account: Account = "", as_json: AsJson = False) -> None:
    """Show the rules that hold."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        rows = [asdict(rule) for rule in await rules_of(session, account)]
    print_rows(rows, COLUMNS, as_json=as_json)


@group.command("set")
@guarded
async def set_(
    data: Data,
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="Rules as JSON; without, the built-in ones.")
    ] = None,
    account: Account = "",
    as_json: AsJson = False,
) -> None:
    """Choose rules in place of those that hold; asks for a key of scope approve."""
    async with open_node(NodeSettings.load(data)) as node:
        approver = await approver_of(node, typed("Your key for approvals"))
        chosen = await choose_rules(node, approver, account, None if file is None else file.read_text())
    print_rows([asdict(rule) for rule in chosen], COLUMNS, as_json=as_json)


@group.command()
@guarded
async def rehearse(
    data: Data,
    account: Annotated[str, typer.Argument(help="The ad account (act_…).")],
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Rules to try; by default those that hold.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=90, help="How far back.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Say what of the last days' changes, whoever made them, these rules would have stopped."""
    async with open_node(NodeSettings.load(data)) as node:
        tried = None if file is None else json.loads(file.read_text())
        rows = [asdict(each) for each in await rehearsed(node, account, tried, days)]
    print_rows(rows, ("at", "event", "object_name", "change", "verdict", "reason"), as_json=as_json)
