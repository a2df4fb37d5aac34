"""Tokens: each active authorisation is renewed through the broker, and people are told when only they can do more."""

from freehold.node.context import Node
from freehold.node.countdowns import refresh
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import Desk, Done, Part, Plan, Workflow

RENEWAL = Part("", "renewal")


async def plan(_node: Node, _run: RunRecord) -> Plan:
    """One part: all authorisations."""
    return Plan((RENEWAL,))


async def perform(desk: Desk, _part: Part) -> Done:
    """Renew and remind; an authorisation that is refused leaves the others alone."""
    refused = [each for each in await refresh(desk.node) if each.refused]
    return Done("; ".join(f"authorisation {each.credential_id}: {each.refused}" for each in refused))


WORKFLOW = Workflow(
    "token_refresh",
    "renews the tokens of every authorisation, and says when a person has to connect again",
    plan,
    perform,
    schedule=Schedule(15, hour=5),
    collects=False,
)
