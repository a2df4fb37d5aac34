"""`freehold node recommend` and `freehold node recommendations`: what is advised, decided, and came of it."""

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, guarded, print_facts, print_json, print_rows
from freehold.node.advice.deciding import Decision, decide, find
from freehold.node.advice.recommend import recommend
from freehold.node.advice.scoreboard import scoreboard
from freehold.node.context import open_node
from freehold.node.settings import NodeSettings
from freehold.node.store.recommendations import queries
from freehold.node.store.recommendations.queries import Status

group = typer.Typer(help="What is recommended, and what came of it.", no_args_is_help=True)
COLUMNS = ("recommendation_id", "status", "confidence", "effort", "title")
SCORES = ("title", "expected", "low", "high", "measured", "verdict")
RecommendationId = Annotated[str, typer.Argument(metavar="ID", help="Its id in the list.")]
By = Annotated[str | None, typer.Option(help="Who decides; by default who runs this.")]


def register(node: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    node.command("recommend")(recommend_now)
    node.add_typer(group, name="recommendations")


@guarded
async def recommend_now(data: Data, as_json: AsJson = False) -> None:
    """Look at what is stored now, and keep what is new; a run of the workflow `recommendations` does the same."""
    async with open_node(NodeSettings.load(data)) as node:
        found = await recommend(node)
    if as_json:
        print_json(asdict(found))
        return
    print_rows([vars(each) for each in found.made], COLUMNS, as_json=False)
    facts = {"new": len(found.made), "found": found.found, "questions": found.tested, "measured": found.measured}
    print_facts({**facts, "too little data for": len(found.too_little)}, as_json=False)


@group.command("list")
@guarded
async def list_(
    data: Data,
    status: Annotated[Status | None, typer.Option(help="Of this status alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what is recommended, the newest first."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        found = await queries.listed(session, statuses=[status] if status else (), limit=limit)
    print_rows([vars(each) for each in found], COLUMNS, as_json=as_json)


@group.command()
@guarded
async def show(data: Data, recommendation_id: RecommendationId, as_json: AsJson = False) -> None:
    """Show one with its text, evidence and forecast."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        found = await find(session, recommendation_id)
    print_facts(vars(found), as_json=as_json)


@group.command()
@guarded
async def accept(data: Data, recommendation_id: RecommendationId, by: By = None, as_json: AsJson = False) -> None:
    """Follow it from now on: what comes of it is measured after four weeks."""
    await _decide(data, recommendation_id, "accept", by, as_json=as_json)


@group.command()
@guarded
async def dismiss(data: Data, recommendation_id: RecommendationId, by: By = None, as_json: AsJson = False) -> None:
    """Do not follow it; it is not recommended again."""
    await _decide(data, recommendation_id, "dismiss", by, as_json=as_json)


@group.command()
@guarded
async def done(data: Data, recommendation_id: RecommendationId, by: By = None, as_json: AsJson = False) -> None:
    """It has been done; what comes of it is measured after four weeks."""
    await _decide(data, recommendation_id, "done", by, as_json=as_json)


@group.command()
@guarded
async def reopen(data: Data, recommendation_id: RecommendationId, by: By = None, as_json: AsJson = False) -> None:
    """Take a decision back."""
    await _decide(data, recommendation_id, "reopen", by, as_json=as_json)


@group.command("scoreboard")
@guarded
async def show_scoreboard(data: Data, as_json: AsJson = False) -> None:
    """Show every forecast that was followed to its end beside what happened, misses included."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        found = await scoreboard(session)
    if as_json:
        print_json(asdict(found))
        return
    print_rows([vars(each) for each in found.scores], SCORES, as_json=False)
    print_facts({name: value for name, value in vars(found).items() if name != "scores"}, as_json=False)


async def _decide(data: Path, recommendation_id: str, decision: Decision, by: str | None, *, as_json: bool) -> None:
    async with open_node(NodeSettings.load(data)) as node:
        kept = await decide(node, recommendation_id, decision, by or getpass.getuser())
    print_facts({name: getattr(kept, name) for name in (*COLUMNS, "changed_by", "changed_at")}, as_json=as_json)
