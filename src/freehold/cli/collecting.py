"""`freehold node collect|backfill`: have a workflow run, and follow it to its end."""

import json
import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from freehold.cli.output import AsJson, Data, fail, guarded, print_facts
from freehold.cli.receipts import told
from freehold.node.collection.collect import chosen_assets
from freehold.node.context import Node, open_node
from freehold.node.runs.queries import BAD, Order, RunRecord
from freehold.node.settings import NodeSettings
from freehold.node.store.counts import counts
from freehold.node.workflows import follow
from freehold.node.workflows.registry import KINDS, workflow_named
from freehold.node.workflows.runtime import working

COLLECTION = "collection"
WorkflowName = Annotated[str, typer.Option(help="Which workflow; everything by default.")]
DaysBack = Annotated[int | None, typer.Option(min=1, max=720, help="How many whole days back.")]


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(collect)
    group.command()(backfill)


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
    facts: dict[str, Any] = {**vars(stored), **run.told()}
    if as_json:
        print_facts(facts, as_json=True)
    else:
        print_facts({**facts, "receipt": told(run)}, as_json=False)
    if run.outcome != "complete":
        raise fail(_ending(run))


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
