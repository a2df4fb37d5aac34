"""Port 3007, for n8n and other callers: order a run of a workflow, see how it went, stop it, have it go on."""

import secrets
from datetime import datetime
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from freehold.kernel.addresses import AddressRefusedError
from freehold.kernel.problem_responses import problem_responses
from freehold.kernel.problems import Problem
from freehold.node.assets import ticked_assets
from freehold.node.context import Node
from freehold.node.guard import admit_caller
from freehold.node.runs import queries
from freehold.node.runs.queries import Order, Outcome, RunRecord, Trigger
from freehold.node.workflows.callbacks import without_query
from freehold.node.workflows.registry import WORKFLOWS, schedules

READ = problem_responses(400, 401, 403, 422, 429, 503)
READ_ONE = problem_responses(400, 401, 403, 404, 422, 429, 503)
ORDERED = problem_responses(400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
RunId = Annotated[str, Path(max_length=128)]
WorkflowName = Annotated[str, Path(max_length=64)]


class WorkflowView(BaseModel):
    """A workflow, and when it begins by itself; `schedule` is empty where it does not."""

    name: str
    about: str
    days: int
    schedule: str


class WorkflowList(BaseModel):
    """All workflows."""

    workflows: list[WorkflowView]


class RunOrder(BaseModel):
    """What a run is to do: everything may be left out. `callback_url` is told when it has ended.

    `scheduled` says that a clock orders it and nobody waits: where there is nothing to do, that is then no failure.
    """

    model_config = ConfigDict(extra="forbid")

    days: int | None = Field(default=None, ge=1, le=720)
    asset_ids: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(default=[], max_length=200)
    callback_url: str = Field(default="", max_length=2000)
    scheduled: bool = False


class Ordered(BaseModel):
    """The id under which a run is found."""

    run_id: str


class RunView(BaseModel):
    """A run: what was ordered, how it stands, what it cost, and why something could not be read."""

    run_id: str
    workflow: str
    trigger: Trigger
    days: int | None
    asset_ids: list[str]
    attempt: int
    outcome: Outcome
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    graph_calls: int
    floor_calls: int
    failures: dict[str, str]


class RunList(BaseModel):
    """Runs, the newest first."""

    runs: list[RunView]


def routes(node: Node) -> APIRouter:
    """The endpoints of workflows and runs."""
    router = APIRouter()
    _add_workflows(router, node)
    _add_runs(router, node)
    return router


def _add_workflows(router: APIRouter, node: Node) -> None:
    @router.get("/workflows", responses=READ)
    async def workflows(request: Request) -> WorkflowList:
        """Every workflow that can be ordered."""
        await admit_caller(node, request, "workflows")
        begins = schedules(node.settings)
        told = [(each, begins.get(each.name)) for each in WORKFLOWS.values()]
        return WorkflowList(
            workflows=[
                WorkflowView(name=each.name, about=each.about, days=each.days, schedule=str(at) if at else "")
                for each, at in told
            ]
        )

    @router.post("/workflows/{name}/runs", status_code=202, responses=ORDERED)
    async def order(request: Request, name: WorkflowName, wanted: Annotated[RunOrder, Body()]) -> Ordered:
        """Order a run; it begins as soon as a worker is free and no other run of the workflow is under way."""
        await admit_caller(node, request, "workflows")
        return await _order(node, name, wanted)


def _add_runs(router: APIRouter, node: Node) -> None:
    @router.get("/runs", responses=READ)
    async def runs(
        request: Request,
        workflow: Annotated[str | None, Query(max_length=64)] = None,
        outcome: Annotated[list[Outcome] | None, Query(max_length=len(get_args(Outcome)))] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> RunList:
        """The newest runs."""
        await admit_caller(node, request, "workflows")
        async with node.database.reading() as session:
            found = await queries.list_runs(session, workflow=workflow, outcomes=outcome or (), limit=limit)
        return RunList(runs=[RunView(**run.facts()) for run in found])

    @router.get("/runs/{run_id}", responses=READ_ONE)
    async def run(request: Request, run_id: RunId) -> RunView:
        """One run."""
        await admit_caller(node, request, "workflows")
        return RunView(**(await _found(node, run_id)).facts())

    @router.post("/runs/{run_id}/{change}", responses=ORDERED)
    async def changed(request: Request, run_id: RunId, change: Literal["cancel", "resume"]) -> RunView:
        """Cancel a run that has not ended, or have one that has ended go on where it stopped."""
        await admit_caller(node, request, "workflows")
        await _found(node, run_id)
        return await _change(node, run_id, change)


async def _order(node: Node, name: str, wanted: RunOrder) -> Ordered:
    if name not in WORKFLOWS:
        raise Problem(404, "workflow_unknown", "There is no such workflow.", "See GET /workflows.")
    if wanted.callback_url:
        _check_callback(node, wanted.callback_url)
    await _check_assets(node, wanted.asset_ids)
    order = Order(
        run_id=f"{name}:{secrets.token_hex(8)}",
        workflow=name,
        trigger="schedule" if wanted.scheduled else "api",
        days=wanted.days,
        asset_ids=tuple(dict.fromkeys(wanted.asset_ids)),
        callback_url=wanted.callback_url,
    )
    async with node.database.writing() as session:
        await queries.create(session, order, node.clock.now())
    return Ordered(run_id=order.run_id)


def _check_callback(node: Node, url: str) -> None:
    try:
        node.settings.addresses().check_url(without_query(url)[0])
    except AddressRefusedError as error:
        raise Problem(
            422,
            "callback_refused",
            f"The callback address may not be reached: {error.reason}.",
            "Name a public https address, or one that FREEHOLD_NODE_ALLOWED_NETWORKS and …_PLAIN_HOSTS allow.",
        ) from error


async def _check_assets(node: Node, asset_ids: list[str]) -> None:
    async with node.database.reading() as session:
        ticked = {asset.asset_id for asset in await ticked_assets(session)}
    if set(asset_ids) - ticked:
        raise Problem(
            422,
            "asset_not_confirmed",
            "One of these assets is not confirmed for this client.",
            "See `freehold node assets`, and leave `asset_ids` out to read all of them.",
        )


async def _found(node: Node, run_id: str) -> RunRecord:
    async with node.database.reading() as session:
        found = await queries.find(session, run_id)
    if found is None:
        raise Problem(404, "run_unknown", "There is no such run.", "See GET /runs.")
    return found


async def _change(node: Node, run_id: str, change: str) -> RunView:
    async with node.database.writing() as session:
        if change == "cancel":
            done = await queries.cancel(session, run_id, node.clock.now())
        else:
            done = await queries.reopen(session, run_id)
    if not done:
        state = "has ended" if change == "cancel" else "has not ended"
        raise Problem(409, f"run_{state.replace(' ', '_')}", f"This run {state}.", "See GET /runs/{run_id}.")
    return RunView(**(await _found(node, run_id)).facts())
