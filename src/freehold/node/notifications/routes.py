"""Port 3007, for n8n and other callers: have people told something, through this node's own targets."""

from typing import Annotated

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, ConfigDict, Field

from freehold.kernel.problem_responses import problem_responses
from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.guard import admit_caller
from freehold.node.notifications.notice import Notice, Severity, legible
from freehold.node.notifications.outbox import tell
from freehold.node.notifications.targets import Target, TargetRefusedError, load_targets

KIND = "workflow"
RATE = "120/hour"
"""For each key: a workflow that runs wild floods nobody."""


class Telling(BaseModel):
    """What people are to be told. The same `key` is told once; a key of its own makes it a new thing."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(min_length=1, max_length=180, pattern=r"^[\x21-\x7e]+$")
    severity: Severity = "warning"
    title: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=4000)


class Told(BaseModel):
    """Whether it is new, and how many targets it goes to; none where the operator has added none."""

    new: bool
    targets: int


def routes(node: Node) -> APIRouter:
    """The endpoint of notifications."""
    router = APIRouter()

    @router.post("/notifications", status_code=202, responses=problem_responses(400, 401, 403, 413, 415, 422, 429, 503))
    async def notify(request: Request, wanted: Annotated[Telling, Body()]) -> Told:
        """Tell people by e-mail, chat or webhook, as `freehold node notify` has set up."""
        caller = await admit_caller(node, request, "workflows")
        await node.limits.hit("notifications", caller.id, RATE)
        targets, now = _targets(node), node.clock.now()
        notice = Notice(
            key=f"{KIND}:{wanted.key}",
            kind=KIND,
            severity=wanted.severity,
            title=legible(wanted.title, lines=False),
            text=legible(wanted.text),
        )
        async with node.database.writing() as session:
            new = await tell(session, notice, targets, now)
        return Told(new=new, targets=len(targets))

    return router


def _targets(node: Node) -> list[Target]:
    try:
        return load_targets(node.settings.data_dir)
    except TargetRefusedError as error:
        hint = "The operator restores notify.json; `freehold node notify list` says what is wrong with it."
        raise Problem(503, "targets_damaged", "The list of whom to tell is damaged.", hint) from error
