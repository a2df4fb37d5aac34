"""Takes Meta's callback about a person: verified, recorded once, and written down for every node that it concerns."""

from datetime import timedelta
from typing import Any, Literal

from freehold.broker.audit import AuditEvent
from freehold.broker.connections import queries as connections
from freehold.broker.connections.queries import Connection
from freehold.broker.context import Broker
from freehold.broker.platform_events import queries
from freehold.broker.registry import queries as registry
from freehold.contracts.platform_event import PlatformEvent
from freehold.kernel import crypto
from freehold.kernel.database import WriteSession
from freehold.kernel.problems import Problem
from freehold.providers.meta.oauth import SignedRequest, SignedRequestError, verify_signed_request

EventKind = Literal["deauthorize", "data_deletion"]
OLDEST = timedelta(hours=1)
CLOCK_SKEW = timedelta(minutes=5)
PROVIDER = "meta"


async def receive(broker: Broker, kind: EventKind, signed_request: str) -> tuple[str, list[str]]:
    """Record a callback; gives its confirmation code and the clients concerned. Raises `Problem` 400.

    A repeat changes nothing and gives the same code.
    """
    signed = _verify(broker, signed_request)
    event_id = crypto.digest(f"{kind}|{signed.digest}")
    code = crypto.keyed_digest(broker.keys.pepper, f"confirmation|{event_id}")[:24]
    event = PlatformEvent(
        event_id=event_id,
        kind=kind,
        provider=PROVIDER,
        meta_user_id=signed.user_id,
        occurred_at=signed.issued_at,
    )
    user_hash = broker.keys.user_hash(PROVIDER, signed.user_id)
    concerned = []
    async with broker.database.writing() as session:
        if kind == "data_deletion":
            # Clients before connections, as a flow does it; in another order each could wait for the other.
            await registry.forget_user(session, user_hash)
        for connection in await connections.of_user(session, PROVIDER, user_hash):
            if kind == "deauthorize" and not _ends(connection, signed):
                continue
            if await _pass_on(broker, session, connection, event):
                concerned.append(connection.client_id)
        if kind == "data_deletion":
            row = {"code": code, "event_id": event_id, "provider": PROVIDER, "received_at": broker.clock.now()}
            await queries.insert_deletion(session, row)
    return code, concerned


def _ends(connection: Connection, removed: SignedRequest) -> bool:
    """Whether a removal ends a connection, rather than one before it; Meta tells whole seconds."""
    return connection.status != "revoked" and connection.connected_at.replace(microsecond=0) <= removed.issued_at


async def _pass_on(broker: Broker, session: WriteSession, connection: Connection, event: PlatformEvent) -> bool:
    """Write the event for one client's node and end the connection; False when no event is written.

    A node without a public key is told nothing: an event that is neither sealed nor signed could be anybody's.
    """
    client = await registry.find_client(session, connection.client_id)
    told = client is not None and client.public_key is not None
    if told and not await queries.insert_outbox(session, _outbox_row(broker, connection.client_id, event)):
        return False
    if event.kind == "data_deletion":
        await connections.erase(session, connection.id)
    else:
        await connections.revoke(session, connection)
    if not told:
        step = f"platform_event.{event.kind}"
        broker.audit.record(AuditEvent(step, "failed", connection.client_id, reason="public_key_missing"))
    return told


def _outbox_row(broker: Broker, client_id: str, event: PlatformEvent) -> dict[str, Any]:
    now = broker.clock.now()
    content, context = event.model_dump_json().encode(), content_context(event.event_id, client_id)
    return {
        "event_id": event.event_id,
        "client_id": client_id,
        "kind": event.kind,
        "provider": event.provider,
        "content": broker.keys.keyring.encrypt(content, context),
        "attempts": 0,
        "next_attempt_at": now,
        "created_at": now,
    }


def content_context(event_id: str, client_id: str) -> str:
    """To what an event's ciphertext is bound."""
    return f"platform_event_outbox.content.{event_id}.{client_id}"


def _verify(broker: Broker, signed_request: str) -> SignedRequest:
    try:
        signed = verify_signed_request(signed_request, broker.settings.app_secrets())
        now = broker.clock.now()
        if not now - OLDEST <= signed.issued_at <= now + CLOCK_SKEW:
            _refuse_age()
    except SignedRequestError as error:
        raise Problem(
            400,
            error.code,
            f"The signed request is refused: {error.reason}.",
            "Only Meta calls this address; the operator checks the app secret with `freehold doctor --meta`.",
        ) from error
    return signed


def _refuse_age() -> None:
    raise SignedRequestError("signed_request_stale", "it was not issued within the last hour")
