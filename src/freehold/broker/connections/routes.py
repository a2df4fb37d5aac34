"""POST /connections/confirm: a node's owner accepted somebody who came without a link."""

from fastapi import APIRouter

from freehold.broker.audit import AuditEvent
from freehold.broker.connections import queries
from freehold.broker.context import OpenBroker, check_provider
from freehold.broker.registry.callers import CallingNode, NodeRoute
from freehold.contracts.connection import ConnectionConfirmation
from freehold.kernel.problem_responses import problem_responses
from freehold.kernel.problems import Problem

router = APIRouter(tags=["Nodes"], route_class=NodeRoute)


@router.post(
    "/connections/confirm",
    status_code=204,
    responses=problem_responses(400, 401, 403, 404, 413, 415, 422, 429, 500, 503),
)
async def confirm_connection(broker: OpenBroker, node: CallingNode, given: ConnectionConfirmation) -> None:
    """Make the calling client's pending connection of a person active; repeating it changes nothing."""
    check_provider(given.provider)
    user_hash = broker.keys.user_hash(given.provider, given.meta_user_id)
    actor = f"node:{node.client_id}"
    async with broker.database.writing() as session:
        if not await queries.confirm(session, node.client_id, given.provider, user_hash):
            raise Problem(
                404,
                "connection_unknown",
                "This client has no connection of that person that could be confirmed.",
                "The person has to connect again: make a connect link.",
            )
        await broker.audit.append(
            session, AuditEvent("connection.confirmed", "succeeded", client_id=node.client_id, actor=actor)
        )
