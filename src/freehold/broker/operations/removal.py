"""Removes a client with all that is its own, in one transaction: whoever has its id next inherits nothing."""

from freehold.broker.audit import AuditEvent
from freehold.broker.connections import queries as connections
from freehold.broker.context import Broker
from freehold.broker.enrolment import queries as enrolment
from freehold.broker.links import queries as links
from freehold.broker.platform_events import queries as platform_events
from freehold.broker.registry import queries as registry
from freehold.broker.registry.clients import unknown_client


async def remove_client(broker: Broker, client_id: str, actor: str) -> None:
    """Remove a client, its connections, links, codes and the events that wait for its node; raises `Problem` 404."""
    removed = AuditEvent("admin.client_removed", "succeeded", client_id=client_id, actor=actor)
    async with broker.database.writing() as session:
        if not await registry.delete_client(session, client_id):
            raise unknown_client()
        await connections.delete_of_client(session, client_id)
        await links.delete_of_client(session, client_id)
        await enrolment.delete_of_client(session, client_id)
        await platform_events.delete_of_client(session, client_id)
        await broker.audit.append(session, removed)
