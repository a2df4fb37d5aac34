"""Port 3007, for n8n and other callers: have people told something, through this node's own targets."""

from typing import Annotated

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, ConfigDict, Field

from freehold.kernel.problem_responses import problem_responses
from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.guard import admit_caller
from freehold.node.notifications.notice import AD_BANDS, CALLERS, Notice, Severity, legible
from freehold.node.notifications.outbox import tell
from freehold.node.notifications.targets import Target, TargetRefusedError, load_targets
from freehold.node.notifications.trying import try_out

RATE = "120/hour"
"""For each key: a workflow that runs wild floods nobody."""
TESTS = "10/hour"
"""For each key: each sends to somebody at once."""


class Telling(BaseModel):
    """What people are to be told. The same `key` is told once; a key of its own makes it a new thing.

    A key that begins with `ad_bands:`, as those of `GET /ads/bands`, goes to whoever wants to hear of ads.
    """

    model_config = ConfigDict(extra="forbid")

    key: str = Field(min_length=1, max_length=180, pattern=r"^[\x21-\x7e]+$")
    severity: Severity = "warning"
    title: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=4000)


class Told(BaseModel):
    """Whether it is new, and to how many targets it goes: those that want to hear of it."""

    new: bool
    targets: int


class Trial(BaseModel):
    """Which target to try, by its name; all where none is named."""

    model_config = ConfigDict(extra="forbid")

    target: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")


class TriedView(BaseModel):
    """Whether a target took the test message, and why not."""

    target: str
    way: str
    taken: bool
    error: str


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
            key=f"{CALLERS}:{wanted.key}",
            kind=_kind(wanted.key),
            severity=wanted.severity,
            title=legible(wanted.title, lines=False),
            text=legible(wanted.text),
        )
        async with node.database.writing() as session:
            new = await tell(session, notice, targets, now)
        return Told(new=new, targets=sum(each.wishes.hears(notice.kind, notice.severity) for each in targets))

    @router.post("/notifications/test", responses=problem_responses(400, 401, 403, 404, 413, 415, 422, 429, 503))
    async def test(request: Request, wanted: Annotated[Trial, Body()]) -> list[TriedView]:
        """Send a test message to one target, or to all, and say whether it was taken; addresses are never told."""
        caller = await admit_caller(node, request, "workflows")
        await node.limits.hit("notification_tests", caller.id, TESTS)
        chosen = [each for each in _targets(node) if wanted.target in {None, each.name}]
        if not chosen:
            raise _nobody(wanted.target)
        return [
            TriedView(target=each.target.name, way=each.target.schema_name, taken=not each.error, error=each.error)
            async for each in try_out(node, chosen)
        ]

    return router


def _kind(key: str) -> str:
    """What a notice is about: ads where a caller passes on what `GET /ads/bands` says."""
    return AD_BANDS if key.startswith(f"{AD_BANDS}:") else CALLERS


def _nobody(target: str | None) -> Problem:
    """Why there is nobody to try: the name that was asked for is unknown, or there is no target at all."""
    if target is None:
        return Problem(
            404, "no_targets", "Nobody is told yet.", "The operator adds a target: `freehold node notify add`."
        )
    return Problem(404, "target_unknown", "There is no such target.", "See `freehold node notify list`.")


def _targets(node: Node) -> list[Target]:
    try:
        return load_targets(node.settings.data_dir)
    except TargetRefusedError as error:
        hint = "The operator restores notify.json; `freehold node notify list` says what is wrong with it."
        raise Problem(503, "targets_damaged", "The list of whom to tell is damaged.", hint) from error
