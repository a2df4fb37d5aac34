"""Decides whether a person who authorised connects for a client now, and writes the connection down.

It is written before the grant leaves, so that whatever Meta calls back about later finds its way to the node.
"""

from freehold.broker.audit import AuditEvent
from freehold.broker.authorization.exchange import Authorized
from freehold.broker.authorization.state import StateRecord
from freehold.broker.connections import queries as connections
from freehold.broker.connections.queries import Connection
from freehold.broker.context import Broker
from freehold.broker.registry import clients
from freehold.broker.registry.queries import Client, Lock
from freehold.contracts.grant import Grant, GrantStatus
from freehold.kernel.database import ReadSession, WriteSession
from freehold.kernel.problems import Problem


async def client_of_flow(session: ReadSession, client_id: str, begun: float, *, locked: Lock | None = None) -> Client:
    """The client for which a flow began at `begun` (Unix seconds), if it may be completed now; raises `Problem`."""
    client = await clients.find_connectable(session, client_id, locked=locked)
    if client.created_at.timestamp() > begun:
        raise clients.unknown_client()  # the client for which the flow began is gone, and another has its id
    return client


async def admit(
    broker: Broker, session: WriteSession, record: StateRecord, authorized: Authorized
) -> tuple[Client, GrantStatus]:
    """The client, which stays registered until `session` ends, and what the grant is worth; raises `Problem`."""
    client = await client_of_flow(session, record.client_id, record.created, locked="against changes")
    user_hash = broker.keys.user_hash(record.provider, authorized.inspection.user_id)
    known = await connections.of_client_or_user(session, client.client_id, record.provider, user_hash)
    active = [each for each in known if each.status == "active"]
    _check_shared(broker, client, record, authorized, [each for each in active if each.client_id != client.client_id])
    own = [each for each in active if each.client_id == client.client_id]
    return client, _status(client, record, user_hash, authorized, own)


async def write_down(broker: Broker, session: WriteSession, grant: Grant) -> None:
    """Write the connection that a grant makes; an older grant or a weaker one changes nothing."""
    await connections.upsert(
        session,
        {
            "client_id": grant.client_id,
            "provider": grant.provider,
            "user_hash": broker.keys.user_hash(grant.provider, grant.meta_user_id),
            "asset_ids": sorted({asset.id for asset in grant.assets}),
            "scopes": list(grant.scopes),
            "token_expires_at": grant.token_expires_at,
            "data_access_expires_at": grant.data_access_expires_at,
            "status": grant.status,
            "connected_at": grant.issued_at,
        },
    )


def _status(
    client: Client, record: StateRecord, user_hash: str, authorized: Authorized, active: list[Connection]
) -> GrantStatus:
    """Whether the grant may be used at once, or waits for the node's owner."""
    asset_ids = {asset.id for asset in authorized.found.assets}
    expected = (
        record.link_id is not None
        or user_hash in client.allowed_users
        or bool(asset_ids & client.allowed_assets)
        or any(user_hash == each.user_hash or asset_ids & each.asset_ids for each in active)
    )
    return "active" if expected else "pending"


def _check_shared(
    broker: Broker, client: Client, record: StateRecord, authorized: Authorized, others: list[Connection]
) -> None:
    """One person, several clients: Meta keeps one choice of pages for each person, so a new one may replace theirs.

    By now it has, whether this client takes the grant or not; so the warnings come first. Whoever came without a
    link may be anybody, and writes nothing into another client's events.
    """
    if not others:
        return
    if record.link_id is not None:
        _warn(broker, client.client_id, record.flow_id, "user_serves_other_client")
        found = {asset.id for asset in authorized.found.assets}
        for other in others:
            if other.asset_ids - found and broker.settings.discover:
                _warn(broker, other.client_id, None, "grant_replaced_elsewhere")
    if client.shared_user_policy == "refuse":
        raise Problem(
            409,
            "user_serves_other_client",
            "This Facebook account is connected for another company already.",
            "Use a Facebook account of this company's own, or a system user of its business portfolio. Then check at "
            "the other company that its pages are still ticked.",
        )


def _warn(broker: Broker, client_id: str, flow_id: str | None, reason: str) -> None:
    broker.audit.record(AuditEvent("connection", "warned", client_id=client_id, flow_id=flow_id, reason=reason))
