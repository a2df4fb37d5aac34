"""Packs a grant for its node, and checks an envelope that comes back from a person's page."""

from dataclasses import dataclass

from pydantic import ValidationError

from freehold.broker.context import Broker
from freehold.broker.registry.queries import Client
from freehold.contracts import delivery
from freehold.contracts.delivery import Envelope, EnvelopeRefusedError
from freehold.contracts.grant import Grant
from freehold.kernel.problems import Problem

MAX_ENVELOPE = 240 * 1024


@dataclass(frozen=True, repr=False)
class Parcel:
    """What is posted to the node, and whether only the node can read it."""

    body: bytes
    sealed: bool


def pack(broker: Broker, client: Client, grant: Grant) -> Parcel:
    """Seal and sign a grant, unless the client's node has registered no public key."""
    content = grant.model_dump_json().encode()
    if client.public_key is None:
        return Parcel(content, sealed=False)
    envelope = delivery.enclose(
        content,
        kind="grant",
        client_id=client.client_id,
        provider=grant.provider,
        delivery_id=grant.delivery_id,
        issued_at=grant.issued_at,
        recipient=client.public_key,
        signing_key=broker.keys.signing,
    )
    return Parcel(envelope.model_dump_json().encode(), sealed=True)


def check_returned(broker: Broker, text: str) -> Envelope:
    """An envelope that a person's page held, if it is our own, unaltered and fresh; raises `Problem` 400 or 410."""
    try:
        envelope = Envelope.model_validate_json(text)
        _check_kind(envelope)
        delivery.verify(envelope, signer=broker.keys.signing.public_text(), now=broker.clock.now())
    except (ValidationError, EnvelopeRefusedError) as error:
        code = error.code if isinstance(error, EnvelopeRefusedError) else "envelope_malformed"
        expired = code == "envelope_expired"
        raise Problem(
            410 if expired else 400,
            code,
            "This delivery has expired." if expired else "This delivery is not ours, or was altered.",
            "Start again from your link: Facebook remembers your consent, so it is one click.",
        ) from error
    return envelope


def _check_kind(envelope: Envelope) -> None:
    if envelope.kind != "grant":
        raise EnvelopeRefusedError("envelope_kind", "it holds no grant")
