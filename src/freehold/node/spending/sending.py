"""The one place from which a change leaves for Meta: here, and nowhere else, an `ApprovedWrite` is made."""

from freehold.node.context import Node
from freehold.node.governor import Priority
from freehold.node.governor.approved import ApprovedWrite
from freehold.node.spending.plan import Plan
from freehold.providers.calls import JSON
from freehold.providers.meta.ad_writes import OPERATIONS, State, write_call

PATIENCE = 20.0
"""Seconds that a change waits for room in the budget."""


async def validate(node: Node, plan: Plan) -> bool:
    """Let Meta check a plan's change without making it; False where it offers no check. Raises `ProviderError`."""
    if not OPERATIONS[plan.kind].validates:
        return False
    call = write_call(
        node.settings.graph_version,
        plan.kind,
        plan.account_id,
        plan.object_id,
        _sent(plan),
        plan.currency,
        validate=True,
    )
    leave = ApprovedWrite(call, plan.id, repeatable=True)
    await node.governor.send(call, Priority.INTERACTIVE, patience=PATIENCE, approved=leave)
    return True


async def send(node: Node, plan: Plan) -> JSON:
    """Make a plan's change at Meta; what only stops or lowers goes before all else. Raises `ProviderError`."""
    call = write_call(
        node.settings.graph_version, plan.kind, plan.account_id, plan.object_id, _sent(plan), plan.currency
    )
    leave = ApprovedWrite(call, plan.id, OPERATIONS[plan.kind].repeatable)
    priority = Priority.PAUSE_AD if plan.harmless else Priority.WRITE
    try:
        return await node.governor.send(call, priority, patience=PATIENCE, approved=leave)
    finally:
        # Also after a failure: Meta may have made the change all the same.
        node.live_answers.drop()


def _sent(plan: Plan) -> State:
    """What is new is paused, whatever was asked."""
    switched = OPERATIONS[plan.kind].makes in {"campaign", "ad_set", "ad"} and OPERATIONS[plan.kind].edge != "copies"
    return {**plan.parameters, "status": "PAUSED"} if switched else plan.parameters
