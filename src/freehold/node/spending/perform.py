"""A change in one step, where nobody has to be asked."""

from dataclasses import dataclass

from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.spending import queries
from freehold.node.spending.apply import Applied, apply
from freehold.node.spending.change import Change, Principal
from freehold.node.spending.plan import Plan, plan_of
from freehold.node.spending.propose import propose


@dataclass(frozen=True)
class Performed:
    """The plan, and what was changed; nothing yet where it waits for a person, or a rule forbids it."""

    plan: Plan
    applied: Applied | None


async def perform(node: Node, principal: Principal, change: Change, idempotency_key: str) -> Performed:
    """Plan a change, and make it when it needs nobody's approval; with the same key again, give what was done.

    Raises what `propose` and `apply` raise.
    """
    async with node.database.reading() as session:
        done = await queries.plan_of_key(session, idempotency_key)
        plan = None if done is None else plan_of(await queries.plan_row(session, done))
    if plan is None:
        plan = await propose(node, principal, change)
    elif (plan.kind, plan.account_id, plan.object_id) != (change.kind, change.account_id, change.object_id):
        raise Problem(409, "key_used", "This idempotency key was used for another change.", "Choose a new one.")
    if plan.status != "ready" and done is None:
        return Performed(plan, None)
    return Performed(plan, await apply(node, principal, plan.id, idempotency_key))
