"""A change in one step, where nobody has to be asked; asked for again, it goes on from where it stands."""

from dataclasses import dataclass

from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.spending import queries
from freehold.node.spending.apply import Applied, apply
from freehold.node.spending.change import Change, Principal, check, digest
from freehold.node.spending.plan import Plan, plan_of
from freehold.node.spending.propose import checked_parameters, propose


@dataclass(frozen=True)
class Performed:
    """The plan, and what was changed; nothing yet where it waits for a person, or a rule forbids it."""

    plan: Plan
    applied: Applied | None


async def perform(node: Node, principal: Principal, change: Change, idempotency_key: str) -> Performed:
    """Plan a change, and make it when it needs nobody's approval; with the same key again, give what was done.

    While the same change waits for somebody, no second plan of it is made; once it was approved, it is made. Raises
    what `propose` and `apply` raise, and `Problem` 409 for a key that was used for another change.
    """
    check(change)
    plan = await _done(node, change, idempotency_key) or await _open(node, principal, change)
    if plan is not None and plan.status == "approved":
        try:
            return Performed(plan, await apply(node, principal, plan.id, idempotency_key))
        except Problem as problem:
            if problem.code != "changed_meanwhile":
                raise
            await _drop(node, plan, problem.detail)
            plan = None
    if plan is None:
        plan = await propose(node, principal, change)
    if plan.status in {"waiting", "forbidden"}:
        return Performed(plan, None)
    return Performed(plan, await apply(node, principal, plan.id, idempotency_key))


async def _drop(node: Node, plan: Plan, why: str) -> None:
    """Give up an approved plan whose object somebody has changed: the same change needs a new plan, and a new word."""
    async with node.database.writing() as session:
        ended = {"ended_at": node.clock.now(), "failure": why[:1000]}
        await queries.move_plan(session, plan.id, ("approved",), "failed", **ended)


async def _done(node: Node, change: Change, idempotency_key: str) -> Plan | None:
    """The plan that was applied with this key."""
    async with node.database.reading() as session:
        plan_id = await queries.plan_of_key(session, idempotency_key)
        plan = None if plan_id is None else plan_of(await queries.plan_row(session, plan_id))
    if plan is not None and not _is_of(plan, change):
        hint = "Choose a new idempotency key for each change."
        raise Problem(409, "key_used", "This idempotency key was used for another change.", hint)
    return plan


async def _open(node: Node, principal: Principal, change: Change) -> Plan | None:
    """A plan of the same change by the same principal that is still open."""
    wanted = principal.name, change.account_id, change.kind, change.object_id
    async with node.database.reading() as session:
        rows = await queries.open_rows(session, *wanted, node.clock.now())
    plans = [plan_of(row) for row in rows]
    return next((plan for plan in plans if plan.proposer_id == principal.key_id and _is_of(plan, change)), None)


def _is_of(plan: Plan, change: Change) -> bool:
    """Whether a plan is of exactly this change."""
    same = (plan.kind, plan.account_id, plan.object_id) == (change.kind, change.account_id, change.object_id)
    return same and digest(dict(plan.parameters)) == digest(checked_parameters(change, plan.timezone))
