"""`freehold node runs`: see how runs went, stop one, have one go on."""

from pathlib import Path
from typing import Annotated, Any

import typer

from freehold.cli.output import DATA, AsJson, Data, console, fail, guarded, print_facts, print_json, print_rows
from freehold.cli.receipts import told
from freehold.node.context import open_node
from freehold.node.runs import queries
from freehold.node.runs.queries import BAD, RunRecord
from freehold.node.settings import NodeSettings

runs = typer.Typer(help="How the runs of workflows went.")


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.add_typer(runs, name="runs")


@runs.callback(invoke_without_command=True)
def runs_list(
    context: typer.Context,
    data: Annotated[Path | None, DATA] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that did not bring everything.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 30,
    as_json: AsJson = False,
) -> None:
    """Show the newest runs."""
    if context.invoked_subcommand is not None:
        return
    if data is None:
        raise typer.BadParameter("say in which folder the node is", context, param_hint="'--data'")
    _print_runs(data, failed, limit, as_json)


@guarded
async def _print_runs(data: Path, failed: bool, limit: int, as_json: bool) -> None:
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        found = await queries.list_runs(session, outcomes=BAD if failed else (), limit=limit)
    if as_json:
        print_json([run.facts() for run in found])
        return
    print_rows([_line(run) for run in found], ("run_id", "outcome", "ended (UTC)", "calls / floor"), as_json=False)
    for run in found:
        for part, reason in run.failures.items():
            console.print(f"{run.run_id}  {part}: {reason}", highlight=False, markup=False, soft_wrap=True)


@runs.command("show")
@guarded
async def runs_show(data: Data, run_id: str, as_json: AsJson = False) -> None:
    """Show one run, with its receipt and what failed."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        run = await queries.find(session, run_id)
    if run is None:
        raise fail(f"There is no run {run_id}.", "See `freehold node runs`.")
    print_facts({**run.facts(), "receipt": told(run)}, as_json=as_json)


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


def _line(run: RunRecord) -> dict[str, Any]:
    """One run as a person reads it in a list."""
    return {
        "run_id": run.run_id,
        "outcome": run.told()["outcome"],
        "ended (UTC)": None if run.ended_at is None else f"{run.ended_at:%d %b %H:%M}",
        "calls / floor": f"{run.told()['graph_calls']} / {run.told()['floor_calls']:g}",
    }
