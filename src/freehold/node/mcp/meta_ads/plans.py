"""Plans that wait for a person, or that a person has approved; and the way back from what was changed."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from freehold.node.failures import asset_refused
from freehold.node.mcp.cursors import cursor, place_of
from freehold.node.mcp.meta_ads.arguments import After, Limit
from freehold.node.mcp.meta_ads.proposing import Line, Outcome, lines, outcome, principal_of
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText, words
from freehold.node.spending import Plan, apply, shown, undo
from freehold.node.spending import queries as spending
from freehold.node.spending.changes import found
from freehold.node.spending.plan import plan_of

PlanId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
PlanStatus = Literal[
    "ready", "waiting", "approved", "refused", "forbidden", "sending", "applied", "failed", "uncertain"
]


class PlansAsked(Arguments):
    """Plans of which statuses; those that wait or may be applied by default."""

    statuses: list[PlanStatus] = Field(default=["waiting", "ready", "approved"], max_length=9)
    limit: Limit = 25
    after: After = None


class PlanAsked(Arguments):
    """Which plan is meant."""

    plan_id: PlanId


class Application(PlanAsked):
    """A plan that is to be made; with the same key again, it is not made twice."""

    idempotency_key: Annotated[str | None, Field(min_length=8, max_length=100)] = None


class Undoing(Arguments):
    """The change that is to be taken back: the change_id of its outcome."""

    change_id: Annotated[int, Field(ge=1, le=10**12)]


class PlanRow(BaseModel):
    """A plan."""

    plan_id: str
    status: str
    kind: str
    account_id: str
    object_id: str
    object_name: UntrustedText | None
    changes: list[Line]
    spend_after: str
    reasons: list[str]
    proposed_by: UntrustedText | None
    expires_at: datetime


class Plans(Answer):
    """Plans, the newest first."""

    plans: list[PlanRow]
    next_cursor: str | None = None


class OnePlan(Answer):
    """One plan."""

    plan: PlanRow


async def list_plans(call: Call, asked: PlansAsked) -> Plans:
    """Changes that were proposed: those that wait for a person's approval, and those that may be applied now."""
    last: str | None = place_of(call, asked.after).get("plan")
    async with call.node.database.reading() as session:
        rows = await spending.plan_rows(
            session, asked.statuses, asked.limit + 1, accounts=call.caller.assets, after=last
        )
    plans = [plan_of(row) for row in rows[: asked.limit]]
    following = cursor(call, {"plan": plans[-1].id}) if len(rows) > asked.limit else None
    return Plans(source="stored", as_of=call.now(), plans=[_row(plan) for plan in plans], next_cursor=following)


async def get_plan(call: Call, asked: PlanAsked) -> OnePlan:
    """One proposed change: what it changes, what may be spent then, and which rules want a person."""
    return OnePlan(source="stored", as_of=call.now(), plan=_row(await _plan(call, asked.plan_id)))


async def apply_plan(call: Call, asked: Application) -> Outcome:
    """Make a change that was approved. It is refused while nobody approved it, or when the object changed meanwhile."""
    plan = await _plan(call, asked.plan_id)
    key = asked.idempotency_key or f"apply:{plan.id}"
    done = await apply(call.node, principal_of(call), plan.id, f"{call.caller.id}:{key}")
    return outcome(call, plan, done)


async def undo_change(call: Call, asked: Undoing) -> Outcome:
    """Take a change back by a plan of its own; what raises spend waits for a person like any other."""
    async with call.node.database.reading() as session:
        row = await found(session, asked.change_id)
    if row is not None and not call.caller.may_use(row["ad_account_id"]):
        raise asset_refused()
    plan = await undo(call.node, principal_of(call), asked.change_id)
    if plan.status != "ready":
        return outcome(call, plan, None)
    done = await apply(call.node, principal_of(call), plan.id, f"{call.caller.id}:undo:{plan.id}")
    return outcome(call, plan, done)


async def _plan(call: Call, plan_id: str) -> Plan:
    async with call.node.database.reading() as session:
        plan = plan_of(await spending.plan_row(session, plan_id))
    if not call.caller.may_use(plan.account_id):
        raise asset_refused()
    return plan


def _row(plan: Plan) -> PlanRow:
    told = shown(plan)
    worst = told["spend_after"]["in_words"]
    return PlanRow(
        plan_id=plan.id,
        status=plan.status,
        kind=plan.kind,
        account_id=plan.account_id,
        object_id=plan.object_id,
        object_name=words(told["object_name"]),
        changes=lines(told["changes"]),
        spend_after=f"at most {worst['today_worst']} today, {worst['total_worst']} in all",
        reasons=[verdict["reason"] for verdict in told["reasons"]],
        proposed_by=words(told["proposed_by"]),
        expires_at=plan.expires_at,
    )
