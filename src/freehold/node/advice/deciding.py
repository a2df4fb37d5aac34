"""What people decide on a recommendation, by whichever way they come."""

from typing import Final, Literal

from freehold.kernel.database import ReadSession
from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.store.recommendations import queries, upserts
from freehold.node.store.recommendations.queries import Recommendation, Status

Decision = Literal["accept", "dismiss", "done", "reopen"]
STATUS_OF: Final[dict[Decision, Status]] = {
    "accept": "accepted",
    "dismiss": "dismissed",
    "done": "done",
    "reopen": "new",
}


async def find(session: ReadSession, recommendation_id: str) -> Recommendation:
    """One recommendation. Raises `Problem` 404 where there is none of this id."""
    found = await queries.find(session, recommendation_id)
    if found is None:
        raise Problem(
            404,
            "recommendation_unknown",
            "There is no such recommendation.",
            "See GET /recommendations, or `freehold node recommendations list`.",
        )
    return found


async def decide(node: Node, recommendation_id: str, decision: Decision, by: str) -> Recommendation:
    """Write down a decision and who made it; gives the recommendation as it stands then.

    Raises `Problem` 404 for one that there is not, 409 where another one of the same topic stands.
    """
    async with node.database.writing() as session:
        await find(session, recommendation_id)
        done = await upserts.change_status(session, recommendation_id, STATUS_OF[decision], by, node.clock.now())
        kept = await find(session, recommendation_id)
    if not done:
        raise Problem(
            409,
            "recommendation_stands",
            "A newer recommendation about the same stands.",
            "Decide on that one; of one topic one stands at a time.",
        )
    return kept
