"""Port 3007: plans of changes at Meta, approvals, what was changed, and the button that switches everything off."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field, JsonValue

from freehold.kernel.problem_responses import problem_responses
from freehold.node.access import AccessKey, Scope
from freehold.node.context import Node
from freehold.node.failures import asset_refused, problem_of
from freehold.node.guard import identify, scope_missing
from freehold.node.spending import changes, queries
from freehold.node.spending.apply import Applied, apply
from freehold.node.spending.approvals import Decision, Word, decide
from freehold.node.spending.change import Change, Principal
from freehold.node.spending.pause import pause_everything
from freehold.node.spending.plan import Status, plan_of
from freehold.node.spending.propose import propose, rules_of
from freehold.node.spending.show import shown
from freehold.node.spending.undo import undo
from freehold.providers.calls import ProviderError
from freehold.providers.meta.ad_writes import Kind

READERS: tuple[Scope, ...] = ("tools:read", "approve", "tools:write")
REFUSALS = problem_responses(400, 401, 403, 404, 409, 413, 415, 422, 429, 502, 503)
PlanId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
PlanCursor = Annotated[str | None, Query(pattern=r"^[0-9a-f]{16}$")]
Limit = Annotated[int, Query(ge=1, le=500)]
AccountId = Annotated[str, Query(max_length=64, pattern=r"^(act_\d+)?$")]


class ChangeBody(BaseModel, extra="forbid"):
    """A change: what Meta calls it, in which ad account, of which object; amounts are whole minor units."""

    kind: Kind
    account_id: str = Field(max_length=64, pattern=r"^act_\d+$")
    object_id: str = Field(default="", max_length=64, pattern=r"^\w*$")
    parameters: dict[str, JsonValue] = {}
    currency: str | None = Field(default=None, max_length=3)


class ApplyBody(BaseModel, extra="forbid"):
    """A key of the caller's own choice: with the same one again, what was done is told again."""

    idempotency_key: str = Field(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")


class WordBody(BaseModel, extra="forbid"):
    """The hash of the plan that was seen, and why it was decided so."""

    hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    reason: str = Field(default="", max_length=1000)


class PauseBody(BaseModel, extra="forbid"):
    """One ad account, or with none all of them."""

    account_id: str | None = Field(default=None, max_length=64, pattern=r"^act_\d+$")


class AppliedView(BaseModel):
    """What was changed at Meta."""

    plan_id: str
    change_id: int
    account_id: str
    object_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    at: datetime
    repeated: bool


def routes(node: Node) -> APIRouter:
    """The endpoints of spending."""
    router = APIRouter(prefix="/spending", responses=REFUSALS)
    _add_plans(router, node)
    _add_decisions(router, node)
    _add_changes(router, node)
    return router


def _add_plans(router: APIRouter, node: Node) -> None:
    @router.get("/plans")
    async def plans(
        request: Request, status: Status | None = None, after: PlanCursor = None, limit: Limit = 100
    ) -> list[dict[str, Any]]:
        """Plans, the newest first; `after` is the id of the last of the page before."""
        key = await _admit(node, request, *READERS)
        statuses = () if status is None else (status,)
        async with node.database.reading() as session:
            rows = await queries.plan_rows(session, statuses, limit, accounts=key.assets, after=after)
        return [shown(plan_of(row)) for row in rows]

    @router.post("/plans", status_code=201)
    async def plan(request: Request, body: ChangeBody) -> dict[str, Any]:
        """Plan a change; nothing is changed yet."""
        key = await _admit(node, request, "tools:write", account_id=body.account_id)
        change = Change(body.kind, body.account_id, body.object_id, body.parameters, body.currency)
        try:
            return shown(await propose(node, principal_of(key), change))
        except ProviderError as error:
            raise problem_of(error) from error

    @router.get("/plans/{plan_id}")
    async def one_plan(request: Request, plan_id: PlanId) -> dict[str, Any]:
        """One plan."""
        key = await _admit(node, request, *READERS)
        async with node.database.reading() as session:
            found = plan_of(await queries.plan_row(session, plan_id))
        if not key.may_use(found.account_id):
            raise asset_refused()
        return shown(found)

    @router.post("/plans/{plan_id}/apply")
    async def apply_plan(request: Request, plan_id: PlanId, body: ApplyBody) -> AppliedView:
        """Make the change of a plan that is ready or approved."""
        key = await _admit(node, request, "tools:write")
        async with node.database.reading() as session:
            found = plan_of(await queries.plan_row(session, plan_id))
        if not key.may_use(found.account_id):
            raise asset_refused()
        try:
            return _applied(await apply(node, principal_of(key), plan_id, body.idempotency_key))
        except ProviderError as error:
            raise problem_of(error) from error


def _add_decisions(router: APIRouter, node: Node) -> None:
    async def decided(request: Request, plan_id: str, decision: Decision, body: WordBody) -> dict[str, Any]:
        key = await _admit(node, request, "approve")
        return shown(await decide(node, key, plan_id, Word(decision, body.hash, "rest", body.reason)))

    @router.post("/plans/{plan_id}/approve")
    async def approve(request: Request, plan_id: PlanId, body: WordBody) -> dict[str, Any]:
        """Approve a plan, with a key that can propose nothing."""
        return await decided(request, plan_id, "approved", body)

    @router.post("/plans/{plan_id}/refuse")
    async def refuse(request: Request, plan_id: PlanId, body: WordBody) -> dict[str, Any]:
        """Refuse a plan for good."""
        return await decided(request, plan_id, "refused", body)

    @router.post("/pause-everything")
    async def pause(request: Request, body: PauseBody) -> list[dict[str, Any]]:
        """Pause every campaign that runs; waits for nobody."""
        key = await _admit(node, request, "tools:write", "approve", account_id=body.account_id)
        if body.account_id is None and key.assets is not None:
            raise asset_refused()
        try:
            return [asdict(each) for each in await pause_everything(node, principal_of(key), body.account_id)]
        except ProviderError as error:
            raise problem_of(error) from error


def _add_changes(router: APIRouter, node: Node) -> None:
    @router.get("/changes")
    async def changed(
        request: Request,
        account_id: AccountId = "",
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
        limit: Limit = 100,
    ) -> list[dict[str, Any]]:
        """What was changed at Meta, the newest first; `before` is the id of the last of the page before."""
        key = await _admit(node, request, *READERS)
        async with node.database.reading() as session:
            rows = await changes.listed(session, limit, account_id or None, accounts=key.assets, before=before)
        return [changes.told(row) for row in rows]

    @router.get("/changes/verify")
    async def verify(request: Request) -> dict[str, Any]:
        """Whether the chain of changes is whole."""
        await _admit(node, request, *READERS)
        async with node.database.reading() as session:
            return asdict(await changes.verify(session))

    @router.post("/changes/{change_id}/undo", status_code=201)
    async def undone(request: Request, change_id: Annotated[int, Path(ge=1, le=2**62)]) -> dict[str, Any]:
        """Plan what brings back the state before a change."""
        key = await _admit(node, request, "tools:write")
        async with node.database.reading() as session:
            row = await changes.found(session, change_id)
        if row is not None and not key.may_use(row["ad_account_id"] or ""):
            raise asset_refused()
        try:
            return shown(await undo(node, principal_of(key), change_id))
        except ProviderError as error:
            raise problem_of(error) from error

    @router.get("/rules")
    async def rules(request: Request, account_id: AccountId = "") -> list[dict[str, Any]]:
        """The rules of an account."""
        await _admit(node, request, *READERS, account_id=account_id or None)
        async with node.database.reading() as session:
            return [asdict(rule) for rule in await rules_of(session, account_id)]


def principal_of(key: AccessKey, channel: Literal["rest", "mcp"] = "rest") -> Principal:
    """Whoever presented a key."""
    return Principal(key.id, key.name, channel, key.person)


async def _admit(node: Node, request: Request, *scopes: Scope, account_id: str | None = None) -> AccessKey:
    """The key that is presented, if it has one of the scopes and may be used for the account."""
    key = await identify(node, request)
    if not set(scopes) & key.scopes:
        raise await scope_missing(node, request, key, scopes[0])
    if account_id is not None and not key.may_use(account_id):
        raise asset_refused()
    return key


def _applied(applied: Applied) -> AppliedView:
    return AppliedView.model_validate(asdict(applied))
