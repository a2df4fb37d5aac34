"""The sealed and signed envelope in which the broker sends something to one node.

The content is sealed (HPKE) to the node's public key and the whole is signed (Ed25519) by the broker, so that it may
wait in a person's browser: only that node can read it, and any change shows. What a node has received is an
`Envelope`; only `verify` makes it a `VerifiedEnvelope`, and only that can be opened.
"""

import json
from datetime import datetime, timedelta
from typing import Literal, NewType

from pydantic import BaseModel, ConfigDict

from freehold.kernel import crypto

EnvelopeKind = Literal["grant", "platform_event"]
LIFETIME = timedelta(minutes=30)
CLOCK_SKEW = timedelta(minutes=2)


class Envelope(BaseModel):
    """An envelope as it arrived, not yet trusted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    kind: EnvelopeKind
    client_id: str
    provider: str
    delivery_id: str
    issued_at: datetime
    expires_at: datetime
    sealed: str
    signature: str


VerifiedEnvelope = NewType("VerifiedEnvelope", Envelope)


class DeliveryReceipt(BaseModel):
    """What a node answers when it has accepted an envelope or a plain grant."""

    model_config = ConfigDict(frozen=True)

    delivery_id: str
    outcome: Literal["stored", "pending", "already_received"]


class EnvelopeRefusedError(Exception):
    """An envelope that must not be opened; `code` is stable and says why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def enclose(
    content: bytes,
    *,
    kind: EnvelopeKind,
    client_id: str,
    provider: str,
    delivery_id: str,
    issued_at: datetime,
    recipient: str,
    signing_key: crypto.SigningKey,
) -> Envelope:
    """Seal `content` to the node's public key `recipient` and sign the envelope; it is valid for `LIFETIME`."""
    info = _seal_info(kind, client_id, provider, delivery_id)
    unsigned = Envelope(
        kind=kind,
        client_id=client_id,
        provider=provider,
        delivery_id=delivery_id,
        issued_at=issued_at,
        expires_at=issued_at + LIFETIME,
        sealed=crypto.to_text(crypto.seal(content, recipient, info)),
        signature="",
    )
    return unsigned.model_copy(update={"signature": signing_key.sign(_signing_input(unsigned))})


def verify(envelope: Envelope, *, signer: str, now: datetime) -> VerifiedEnvelope:
    """Check signature and freshness against the broker's public key `signer`; raises `EnvelopeRefusedError`.

    Codes: `envelope_forged`, `envelope_expired`, `envelope_from_future`.
    """
    if not crypto.verify(signer, envelope.signature, _signing_input(envelope)):
        raise EnvelopeRefusedError("envelope_forged", "the signature is not the broker's, or the envelope was altered")
    if now >= min(envelope.expires_at, envelope.issued_at + LIFETIME):
        raise EnvelopeRefusedError("envelope_expired", "the envelope is past its lifetime")
    if envelope.issued_at > now + CLOCK_SKEW:
        raise EnvelopeRefusedError("envelope_from_future", "the envelope was issued in the future; check both clocks")
    return VerifiedEnvelope(envelope)


def open_envelope(envelope: VerifiedEnvelope, key: crypto.SealingKey) -> bytes:
    """The sealed content; raises `EnvelopeRefusedError` (`envelope_unreadable`) when it was sealed to another node."""
    info = _seal_info(envelope.kind, envelope.client_id, envelope.provider, envelope.delivery_id)
    try:
        return key.open(crypto.to_bytes(envelope.sealed), info)
    except crypto.InvalidCiphertextError as error:
        raise EnvelopeRefusedError("envelope_unreadable", "the envelope was sealed to another node's key") from error


def _seal_info(kind: str, client_id: str, provider: str, delivery_id: str) -> bytes:
    return json.dumps(["freehold-envelope-v1", kind, client_id, provider, delivery_id]).encode()


def _signing_input(envelope: Envelope) -> bytes:
    """Every field but the signature, in one canonical form."""
    fields = envelope.model_dump(mode="json", exclude={"signature"})
    return b"freehold-envelope-v1\n" + json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
