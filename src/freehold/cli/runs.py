"""`freehold node collect|backfill|worker|runs`: have workflows run, follow them, and see how earlier ones went."""

import json
import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from freehold.cli.output import AsJson, Data, fail, guarded, print_facts, print_json, print_rows
from freehold.kernel import logs
from freehold.node import app as node_app
from freehold.node.collection.collect import chosen_assets
from freehold.node.context import Node, open_node
from freehold.node.runs import queries
from freehold.node.runs.queries import BAD, Order, RunRecord
from freehold.node.settings import NodeSettings
from freehold.node.store.counts import counts
from freehold.node.workflows import follow
from freehold.node.workflows.registry import KINDS, workflow_named
from freehold.node.workflows.runtime import working

COLLECTION = "collection"
WorkflowName = Annotated[str, typer.Option(help="Which workflow; everything by default.")]
DaysBack = Annotated[int | None, typer.Option(min=1, max=720, help="How many whole days back.")]

runs = typer.Typer(help="How the runs of workflows went.")


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(collect)
    group.command()(backfill)
    group.command()(worker)
    group.add_typer(runs, name="runs")


@guarded
async def collect(
    data: Data, workflow: WorkflowName = COLLECTION, days: DaysBack = None, as_json: AsJson = False
) -> None:
    """Run a workflow now and wait for its end; one that was interrupted goes on where it stopped."""
    await _run(data, workflow, days, as_json=as_json)


@guarded
async def backfill(data: Data, days: DaysBack = None, as_json: AsJson = False) -> None:
    """Read the days that are missing, the oldest first, in the budget that is left, and wait for the end."""
    await _run(data, "backfill", days, as_json=as_json)


async def _run(data: Path, workflow: str, days: int | None, *, as_json: bool) -> None:
    workflow_named(workflow)
    async with open_node(NodeSettings.load(data)) as node:
        await chosen_assets(node, KINDS)
        order = Order(f"{workflow}:{secrets.token_hex(8)}", workflow, "command", days)
        run_id = await follow.ordered(node, order)
        async with working(node):
            run = await (_with_lines(node, run_id) if as_json else _with_bar(node, run_id))
        async with node.database.reading() as session:
            stored = await counts(session)
    facts: dict[str, Any] = {**vars(stored), **_receipt(run)}
    if as_json:
        print_facts(facts, as_json=True)
    else:
        print_facts({**facts, "receipt": _told(run)}, as_json=False)
    if run.outcome != "complete":
        raise fail(_ending(run))


@guarded
async def worker(data: Data) -> None:
    """Work on this node's runs until the process is told to stop; several may work side by side on PostgreSQL."""
    logs.configure("worker")
    await node_app.run_worker(NodeSettings.load(data))


@runs.callback(invoke_without_command=True)
def runs_list(
    context: typer.Context,
    data: Data,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that did not bring everything.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 30,
    as_json: AsJson = False,
) -> None:
    """Show the newest runs."""
    if context.invoked_subcommand is None:
        _print_runs(data, failed, limit, as_json)


@guarded
async def _print_runs(data: Data, failed: bool, limit: int, as_json: bool) -> None:
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        found = await queries.list_runs(session, outcomes=BAD if failed else (), limit=limit)
    columns = ("run_id", "outcome", "created_at", "ended_at", "graph_calls", "floor_calls", "failures")
    print_rows([_facts(run) for run in found], columns, as_json=as_json)


@runs.command("show")
@guarded
async def runs_show(data: Data, run_id: str, as_json: AsJson = False) -> None:
    """Show one run, with its receipt and what failed."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        run = await queries.find(session, run_id)
    if run is None:
        raise fail(f"There is no run {run_id}.", "See `freehold node runs`.")
    print_facts({**_facts(run), "receipt": _told(run)}, as_json=as_json)


@runs.command("cancel")
@guarded
async def runs_cancel(data: Data, run_id: str) -> None:
    """Stop a run; what it has read stays."""
    async with open_node(NodeSettings.load(data)) as node, node.database.writing() as session:
        done = await queries.cancel(session, run_id, node.clock.now())
    if not done:
        raise fail(f"There is no run {run_id} that has not ended.", "See `freehold node runs`.")
    print_json({"cancelled": run_id})


@runs.command("resume")
@guarded
async def runs_resume(data: Data, run_id: str) -> None:
    """Have a run that has ended go on where it stopped, as soon as a worker is free."""
    async with open_node(NodeSettings.load(data)) as node, node.database.writing() as session:
        done = await queries.reopen(session, run_id)
    if not done:
        raise fail(f"There is no run {run_id} that has ended.", "See `freehold node runs`.")
    print_json({"resumed": run_id})


def _facts(run: RunRecord) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "workflow": run.order.workflow,
        "trigger": run.order.trigger,
        "days": run.order.days,
        "asset_ids": list(run.order.asset_ids),
        "attempt": run.attempt,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        **_receipt(run),
    }


def _receipt(run: RunRecord) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "outcome": run.outcome,
        "graph_calls": run.graph_calls,
        "floor_calls": round(run.floor_calls),
        "failures": dict(run.failures),
    }


def _told(run: RunRecord) -> str:
    return f"{run.graph_calls} Graph calls; floor {run.floor_calls:.0f}"


def _ending(run: RunRecord) -> str:
    reasons = "; ".join(dict.fromkeys(run.failures.values()))
    if run.outcome not in BAD:
        return f"The run was {run.outcome}"
    assets = {place.partition(":")[0] for place in run.failures}
    return f"{len(assets)} assets could not be read whole ({run.outcome.replace('_', ' ')}): {reasons}"


async def _with_lines(node: Node, run_id: str) -> RunRecord:
    def tell(share: float, doing: str) -> None:
        sys.stderr.write(json.dumps({"progress": round(share, 3), "doing": doing}) + "\n")
        sys.stderr.flush()

    return await follow.to_end(node, run_id, tell)


async def _with_bar(node: Node, run_id: str) -> RunRecord:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns) as bar:
        task = bar.add_task("collecting", total=1.0)

        def tell(share: float, doing: str) -> None:
            bar.update(task, completed=share, description=f"reading {doing:<24}")

        return await follow.to_end(node, run_id, tell)
