"""A new key for what the broker keeps: clients' keys and events that wait; brokers over the same folder go on serving.

The keys that nodes have pinned, by which the broker signs and by which it opens, are not of these.
"""

from dataclasses import dataclass

from freehold.broker.audit import AuditEvent
from freehold.broker.context import Broker
from freehold.broker.platform_events import queries as outbox
from freehold.broker.platform_events.queries import OutboxRow
from freehold.broker.platform_events.receive import content_context
from freehold.broker.registry import queries as registry
from freehold.broker.registry.clients import encrypted_anew
from freehold.broker.registry.keyring import check_keyring
from freehold.kernel.crypto import InvalidCiphertextError, Keyring


@dataclass(frozen=True)
class Rotated:
    """How many rows were encrypted anew."""

    clients: int
    events: int


async def rotate_keys(broker: Broker, actor: str) -> Rotated:
    """Make a new primary key and encrypt every row anew with it. Raises `KeyringMismatchError` when a client's key does
    not open, and then nothing has changed; an event that does not open stays as it is.

    The previous key stays in the ring until the next rotation: for people on their way through Meta, for links that
    were made, and for a broker that has read the ring just before. It stays longer where a row still needs it.
    """
    async with broker.database.writing() as session:
        await check_keyring(broker, session)
        clients, events = await registry.hold_clients(session), await outbox.hold_undelivered(session)
        ring = broker.keys.keyring
        kept = (*(client.encrypted_key for client in clients), *(event.content for event in events))
        broker.keys.ring.replace((ring.without_old() if all(map(ring.is_current, kept)) else ring).rotate())
        ring = broker.keys.keyring
        for client in clients:
            await registry.update_client(session, client.client_id, encrypted_anew(ring, client))
        anew = {event.id: text for event in events if (text := _encrypted_anew(ring, event)) is not None}
        for event_id, text in anew.items():
            await outbox.set_outbox(session, event_id, {"content": text})
        await broker.audit.append(session, AuditEvent("admin.keyring_rotated", "succeeded", actor=actor))
    return Rotated(len(clients), len(anew))


def _encrypted_anew(ring: Keyring, event: OutboxRow) -> str | None:
    """An event's content under the primary key; None of one that is damaged."""
    context = content_context(event.event_id, event.client_id)
    try:
        return ring.encrypt(ring.decrypt(event.content, context), context)
    except InvalidCiphertextError:
        return None
