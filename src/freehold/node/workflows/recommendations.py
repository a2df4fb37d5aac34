"""Recommendations, once a week: one look at everything that is stored, and what came of what was followed."""

from freehold.node.advice.looking import LookingError
from freehold.node.advice.recommend import recommend
from freehold.node.context import Node
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import Desk, Done, Part, Plan, Workflow

LOOK = Part("", "look")


async def plan(_node: Node, _run: RunRecord) -> Plan:
    """One part: every question of one look is corrected together."""
    return Plan((LOOK,))


async def perform(desk: Desk, _part: Part) -> Done:
    """Take the look; one that was begun before a crash is taken anew, and makes nothing twice."""
    try:
        await recommend(desk.node)
    except LookingError as error:
        return Done(str(error), stop=True)
    return Done()


WORKFLOW = Workflow(
    "recommendations",
    "looks at the last four weeks, recommends what follows from them, and measures what came of it",
    plan,
    perform,
    schedule=Schedule(10, hour=15, weekday=0),
    heavy=True,
    collects=False,
    follows=True,
)
"""On Mondays, after that day's collections and before the week's report. More looks would be more accidents."""
