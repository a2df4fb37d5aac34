"""POST /renew/{provider}: sealed both ways, and neither body is written to a log."""

import time

from fastapi import APIRouter

from freehold.broker.audit import AuditEvent
from freehold.broker.context import OpenBroker, check_provider
from freehold.broker.registry.callers import CallingNode, NodeRoute
from freehold.broker.renewals.renew import renew
from freehold.contracts.renewal import SealedMessage
from freehold.kernel.problem_responses import problem_responses
from freehold.kernel.problems import Problem

router = APIRouter(tags=["Nodes"], route_class=NodeRoute)


@router.post(
    "/renew/{provider}",
    responses=problem_responses(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503),
)
async def renew_token(broker: OpenBroker, node: CallingNode, provider: str, message: SealedMessage) -> SealedMessage:
    """A renewed token for the node that holds the old one; once a day for each credential."""
    check_provider(provider)
    started = time.perf_counter()
    outcome, reason = "succeeded", None
    try:
        return await renew(broker, node, provider, message)
    except Problem as problem:
        outcome, reason = ("failed" if problem.status >= 500 else "refused"), problem.code  # noqa: PLR2004
        raise
    finally:
        broker.audit.record(
            AuditEvent(
                "renewal",
                outcome,  # type: ignore[arg-type]
                client_id=node.client_id,
                provider=provider,
                reason=reason,
                duration_ms=round((time.perf_counter() - started) * 1000, 1),
                actor=f"node:{node.client_id}",
            )
        )
