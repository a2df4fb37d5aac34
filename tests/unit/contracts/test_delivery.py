"""The envelope between broker and node."""

from datetime import UTC, datetime, timedelta

import pytest

from freehold.contracts import delivery
from freehold.kernel import crypto

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SIGNER = crypto.SigningKey.generate()
NODE = crypto.SealingKey.generate()


def enclose(content: bytes = b"grant", *, recipient: str | None = None) -> delivery.Envelope:
    """A good envelope."""
    return delivery.enclose(
        content,
        kind="grant",
        client_id="lumen",
        provider="meta",
        delivery_id="d-1",
        issued_at=NOW,
        recipient=recipient or NODE.public_text(),
        signing_key=SIGNER,
    )


def test_a_good_envelope_opens_after_a_trip_over_the_wire() -> None:
    """What was enclosed arrives."""
    arrived = delivery.Envelope.model_validate_json(enclose().model_dump_json())

    verified = delivery.verify(arrived, signer=SIGNER.public_text(), now=NOW)

    assert delivery.open_envelope(verified, NODE) == b"grant"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("client_id", "northwind"),
        ("provider", "tiktok"),
        ("delivery_id", "d-2"),
        ("kind", "platform_event"),
        ("issued_at", NOW + timedelta(seconds=1)),
        ("expires_at", NOW + timedelta(days=1)),
        ("sealed", crypto.to_text(b"else")),
        ("signature", crypto.to_text(b"s" * 64)),
    ],
)
def test_an_altered_envelope_is_refused(field: str, value: object) -> None:
    """No field can be changed without the broker's key."""
    altered = enclose().model_copy(update={field: value})

    with pytest.raises(delivery.EnvelopeRefusedError) as caught:
        delivery.verify(altered, signer=SIGNER.public_text(), now=NOW)

    assert caught.value.code == "envelope_forged"


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (NOW + delivery.LIFETIME, "envelope_expired"),
        (NOW - delivery.CLOCK_SKEW - timedelta(seconds=1), "envelope_from_future"),
    ],
)
def test_an_envelope_is_good_for_its_lifetime_alone(now: datetime, code: str) -> None:
    """Too late and too early are refused, each under its own code."""
    with pytest.raises(delivery.EnvelopeRefusedError) as caught:
        delivery.verify(enclose(), signer=SIGNER.public_text(), now=now)

    assert caught.value.code == code


def test_an_envelope_for_another_node_stays_shut() -> None:
    """A signature does not open what was sealed to someone else."""
    other = enclose(recipient=crypto.SealingKey.generate().public_text())

    with pytest.raises(delivery.EnvelopeRefusedError) as caught:
        delivery.open_envelope(delivery.verify(other, signer=SIGNER.public_text(), now=NOW), NODE)

    assert caught.value.code == "envelope_unreadable"
