"""`freehold node approvals …`: what waits for somebody, and their word on it."""

from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, guarded, print_facts, print_rows, typed
from freehold.node.context import open_node
from freehold.node.settings import NodeSettings
from freehold.node.spending import queries
from freehold.node.spending.approvals import Decision, Word, approver_of, decide
from freehold.node.spending.plan import plan_of
from freehold.node.spending.show import shown

group = typer.Typer(help="Changes at Meta that wait for somebody's approval.", no_args_is_help=True)
COLUMNS = ("plan_id", "status", "kind", "object_name", "account_name", "proposed_by", "expires_at")
PlanId = Annotated[str, typer.Argument(help="The plan's id in the list.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the plan.")]


def register(node: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    node.add_typer(group, name="approvals")


@group.command("list")
@guarded
async def list_(
    data: Data,
    every: Annotated[bool, typer.Option("--all", help="Also those that wait for nobody.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the plans that wait, the newest first."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        rows = await queries.plan_rows(session, () if every else ("waiting",))
    print_rows([shown(plan_of(row)) for row in rows], COLUMNS, as_json=as_json)


@group.command()
@guarded
async def show(data: Data, plan_id: PlanId, as_json: AsJson = False) -> None:
    """Show one plan: what it changes, what it may cost, and why it waits."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        plan = shown(plan_of(await queries.plan_row(session, plan_id)))
    if not as_json:
        for name in ("spend_before", "spend_after"):
            plan[name] = plan[name]["in_words"]
        plan["changes"] = {line["field"]: f"{line['before'] or 'new'} -> {line['after']}" for line in plan["changes"]}
        plan["reasons"] = [reason["reason"] for reason in plan["reasons"]]
    print_facts(plan, as_json=as_json)


@group.command()
@guarded
async def approve(data: Data, plan_id: PlanId, reason: Reason = "", as_json: AsJson = False) -> None:
    """Approve a plan; asks for a key of scope approve, which can propose nothing."""
    await _decide(data, plan_id, "approved", reason, as_json=as_json)


@group.command()
@guarded
async def refuse(data: Data, plan_id: PlanId, reason: Reason = "", as_json: AsJson = False) -> None:
    """Refuse a plan for good; asks for a key of scope approve."""
    await _decide(data, plan_id, "refused", reason, as_json=as_json)


async def _decide(data: Data, plan_id: str, decision: Decision, reason: str, *, as_json: bool) -> None:
    async with open_node(NodeSettings.load(data)) as node:
        async with node.database.reading() as session:
            seen = plan_of(await queries.plan_row(session, plan_id))
        approver = await approver_of(node, typed("Your key for approvals"))
        plan = await decide(node, approver, plan_id, Word(decision, seen.hash, "cli", reason))
    print_facts({"plan_id": plan.id, "status": plan.status, "object": plan.object_name}, as_json=as_json)
