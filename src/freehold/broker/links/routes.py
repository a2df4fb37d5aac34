"""Connect links are made by a node for its own client, or by an administrator for any."""

from typing import Annotated

from fastapi import APIRouter, Path

from freehold.broker.access.keys import Administrator, AdminRoute
from freehold.broker.context import OpenBroker, check_provider
from freehold.broker.links import connect_links
from freehold.broker.registry import clients
from freehold.broker.registry.callers import CallingNode, NodeRoute
from freehold.contracts.connect_link import ConnectLink, ConnectLinkRequest
from freehold.contracts.registration import CLIENT_ID
from freehold.kernel.problem_responses import problem_responses

router = APIRouter()
_for_nodes = APIRouter(tags=["Nodes"], route_class=NodeRoute)
_for_administrators = APIRouter(tags=["Administration"], route_class=AdminRoute)

ClientId = Annotated[str, Path(pattern=CLIENT_ID)]
_STATUSES = (400, 401, 403, 404, 413, 415, 422, 429, 500, 503)


@_for_nodes.post("/connect-links", status_code=201, responses=problem_responses(*_STATUSES))
async def make_for_node(broker: OpenBroker, node: CallingNode, wanted: ConnectLinkRequest) -> ConnectLink:
    """A single-use link for the client whose node calls."""
    check_provider(wanted.provider)
    return await connect_links.make(broker, node, wanted, f"node:{node.client_id}")


@_for_administrators.post(
    "/admin/clients/{client_id}/connect-links",
    status_code=201,
    responses=problem_responses(*_STATUSES),
)
async def make_for_client(
    broker: OpenBroker, admin: Administrator, client_id: ClientId, wanted: ConnectLinkRequest
) -> ConnectLink:
    """A single-use link for a client."""
    check_provider(wanted.provider)
    async with broker.database.reading() as session:
        client = await clients.find_connectable(session, client_id)
    return await connect_links.make(broker, client, wanted, f"admin:{admin}")


@_for_administrators.delete(
    "/admin/clients/{client_id}/connect-links/{link_id}",
    status_code=204,
    responses=problem_responses(400, 401, 404, 422, 429, 500, 503),
)
async def revoke(
    broker: OpenBroker,
    admin: Administrator,
    client_id: ClientId,
    link_id: Annotated[str, Path(pattern="^[0-9a-f]{1,64}$")],
) -> None:
    """Withdraw a link that was not used yet."""
    await connect_links.revoke(broker, client_id, link_id, f"admin:{admin}")


router.include_router(_for_nodes)
router.include_router(_for_administrators)
