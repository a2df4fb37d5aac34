"""Checks which node calls: each has its own key, and is that one client and no other."""

from typing import Annotated, cast

from fastapi import Depends, Request, Security
from fastapi.routing import APIRoute

from freehold.broker.access.keys import RouteHandler, checked_first, node_key_header, refuse_key
from freehold.broker.context import broker_of
from freehold.broker.registry import clients, queries
from freehold.broker.registry.queries import Client
from freehold.kernel import crypto
from freehold.kernel.listener import set_caller


async def _authenticate(request: Request) -> None:
    """Find the client whose node calls; raises `Problem` 401, 403 or 429."""
    broker, key = await broker_of(request), request.headers.get(node_key_header.model.name)
    if key is None:
        raise await refuse_key(request, broker, "node_key_missing", "This endpoint is for registered nodes.")
    async with broker.database.reading() as session:
        client = await queries.find_by_key(session, broker.keys.api_key_digest(key))
    if client is None or not crypto.same(clients.api_key(broker, client), key):
        raise await refuse_key(request, broker, "node_key_wrong", "The key is not that of a registered node.")
    set_caller(request.scope, f"node:{client.client_id}")
    await broker.limits.hit("node", client.client_id, broker.settings.node_rate)
    clients.check_active(client)
    request.state.node = client


class NodeRoute(APIRoute):
    """A route that knows whose node calls before it reads the body."""

    def get_route_handler(self) -> RouteHandler:
        """The handler, behind the check of the key."""
        return checked_first(_authenticate, super().get_route_handler())


async def _node(request: Request, _key: Annotated[str | None, Security(node_key_header)]) -> Client:
    """The client, which the route has found."""
    return cast("Client", request.state.node)


CallingNode = Annotated[Client, Depends(_node)]
"""The client whose node calls, as a `NodeRoute` asks for it."""
