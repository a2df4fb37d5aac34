"""Checks which node calls: each has its own key, and is that one client and no other."""

from typing import Annotated

from fastapi import Depends, Request, Security

from freehold.broker.access.keys import node_key_header, refuse_key
from freehold.broker.context import OpenBroker
from freehold.broker.registry import clients, queries
from freehold.broker.registry.queries import Client
from freehold.kernel import crypto
from freehold.kernel.listener import set_caller


async def require_node(
    request: Request, broker: OpenBroker, key: Annotated[str | None, Security(node_key_header)]
) -> Client:
    """The client whose node calls; raises `Problem` 401, 403 or 429."""
    if key is None:
        raise await refuse_key(request, broker, "node_key_missing", "This endpoint is for registered nodes.")
    async with broker.database.reading() as session:
        client = await queries.find_by_key(session, broker.keys.api_key_digest(key))
    if client is None or not crypto.same(clients.api_key(broker, client), key):
        raise await refuse_key(request, broker, "node_key_wrong", "The key is not that of a registered node.")
    set_caller(request.scope, f"node:{client.client_id}")
    await broker.limits.hit("node", client.client_id, broker.settings.node_rate)
    clients.check_active(client)
    return client


CallingNode = Annotated[Client, Depends(require_node)]
"""The client whose node calls, as a route asks for it."""
