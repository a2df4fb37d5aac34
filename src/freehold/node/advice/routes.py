"""Port 3007, for n8n and other callers: what is recommended, what people decide on it, and how good forecasts were."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from freehold.kernel.problem_responses import problem_responses
from freehold.node.advice.deciding import Decision, decide
from freehold.node.advice.scoreboard import Scoreboard, scoreboard
from freehold.node.context import Node
from freehold.node.guard import admit_caller
from freehold.node.store.recommendations import queries
from freehold.node.store.recommendations.queries import STATUSES, Recommendation, Status

READ = problem_responses(400, 401, 403, 422, 429, 503)
DECIDED = problem_responses(400, 401, 403, 404, 409, 422, 429, 503)
RecommendationId = Annotated[str, Path(max_length=64)]


class RecommendationView(BaseModel):
    """One recommendation: in words, with its evidence, what is expected of it, and what people decided.

    `text` may quote names that people gave. `account_id` is empty for what is about competitors.
    """

    recommendation_id: str
    kind: str
    account_id: str
    title: str
    text: str
    action: str
    why: str
    language: str
    worded_by: str
    confidence: str
    effort: str
    first_day: date
    last_day: date
    evidence: dict[str, Any]
    forecast: dict[str, Any] | None
    status: Status
    changed_by: str
    changed_at: datetime | None
    made_at: datetime
    found_at: datetime
    acted_at: datetime | None
    outcome: dict[str, Any] | None
    measured_at: datetime | None
    note: str | None


class RecommendationList(BaseModel):
    """Recommendations, the newest first."""

    recommendations: list[RecommendationView]


def view(kept: Recommendation) -> RecommendationView:
    """As it is shown to callers."""
    return RecommendationView(**{name: getattr(kept, name) for name in RecommendationView.model_fields})


def routes(node: Node) -> APIRouter:
    """The endpoints of recommendations."""
    router = APIRouter()

    @router.get("/recommendations", responses=READ)
    async def recommendations(
        request: Request,
        status: Annotated[list[Status] | None, Query(max_length=len(STATUSES))] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> RecommendationList:
        """What is recommended, of some statuses or of all."""
        await admit_caller(node, request, "workflows")
        async with node.database.reading() as session:
            found = await queries.listed(session, statuses=status or (), limit=limit)
        return RecommendationList(recommendations=[view(each) for each in found])

    @router.get("/recommendations/scoreboard", responses=READ)
    async def scores(request: Request) -> Scoreboard:
        """Every forecast that was followed to its end beside what happened, misses included."""
        await admit_caller(node, request, "workflows")
        async with node.database.reading() as session:
            return await scoreboard(session)

    @router.post("/recommendations/{recommendation_id}/{decision}", responses=DECIDED)
    async def decided(request: Request, recommendation_id: RecommendationId, decision: Decision) -> RecommendationView:
        """Accept it, dismiss it, say that it is done, or take a decision back (reopen)."""
        caller = await admit_caller(node, request, "workflows")
        return view(await decide(node, recommendation_id, decision, caller.name))

    return router
