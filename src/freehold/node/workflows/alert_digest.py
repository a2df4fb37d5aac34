"""The digest of alerts, every morning: what targets have let wait goes to each of them as one notice."""

from freehold.node.context import Node
from freehold.node.notifications.digest import make_digests
from freehold.node.notifications.targets import TargetRefusedError
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import Desk, Done, Part, Plan, Workflow

DIGEST = Part("", "digest")


async def plan(_node: Node, _run: RunRecord) -> Plan:
    """One part: all targets are one transaction."""
    return Plan((DIGEST,))


async def perform(desk: Desk, _part: Part) -> Done:
    """Make the digests; done again after a crash it finds nothing that is told already."""
    try:
        await make_digests(desk.node)
    except TargetRefusedError as error:
        return Done(str(error), stop=True)
    return Done()


WORKFLOW = Workflow(
    "alert_digest",
    "tells each target what it let wait, in one message",
    plan,
    perform,
    schedule=Schedule(30, hour=6),
    always=True,
    collects=False,
)
