"""Encryption at rest, sealing, signatures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.kernel import crypto


@given(st.binary(max_size=500), st.text(max_size=50))
def test_what_is_encrypted_opens_only_in_its_own_place(plaintext: bytes, context: str) -> None:
    """A ciphertext opens with its context and with no other."""
    ring = crypto.Keyring.generate()

    sealed = ring.encrypt(plaintext, context)

    assert ring.decrypt(sealed, context) == plaintext
    with pytest.raises(crypto.InvalidCiphertextError):
        ring.decrypt(sealed, context + "!")


def test_a_rotated_ring_reads_the_old_and_writes_the_new() -> None:
    """After a rotation both ciphertexts open, and only the new one is current."""
    old = crypto.Keyring.generate()
    before = old.encrypt(b"token", "row")

    ring = crypto.Keyring.from_json(old.rotate().to_json())

    assert ring.decrypt(before, "row") == b"token"
    assert not ring.is_current(before)
    assert ring.is_current(ring.encrypt(b"token", "row"))
    with pytest.raises(crypto.InvalidCiphertextError):
        ring.without_old().decrypt(before, "row")


@pytest.mark.parametrize("text", ["", "v1", "v1.aa.bb", "v2.x.y", "{}", "v1.é.ü"])
def test_text_that_is_no_ciphertext_is_refused(text: str) -> None:
    """Anything else gives the one error that callers expect."""
    with pytest.raises(crypto.InvalidCiphertextError):
        crypto.Keyring.generate().decrypt(text, "row")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"primary": "a", "keys": {}}', '{"primary": "a", "keys": {"a": "AA"}}']
)
def test_a_broken_keyring_file_is_refused(text: str) -> None:
    """A keyring without a usable primary is an error when it is read, not when it is used."""
    with pytest.raises(crypto.InvalidCiphertextError):
        crypto.Keyring.from_json(text)


def test_a_sealed_message_opens_for_its_recipient_and_purpose_alone() -> None:
    """Another key, another purpose or an altered byte does not open it."""
    key, other = crypto.SealingKey.generate(), crypto.SealingKey.generate()
    sealed = crypto.seal(b"grant", key.public_text(), b"purpose")

    assert crypto.SealingKey.from_text(key.to_text()).open(sealed, b"purpose") == b"grant"
    for reader, message, purpose in (
        (other, sealed, b"purpose"),
        (key, sealed, b"else"),
        (key, sealed[:-1] + b"x", b"purpose"),
    ):
        with pytest.raises(crypto.InvalidCiphertextError):
            reader.open(message, purpose)


def test_a_signature_holds_for_its_message_alone() -> None:
    """An altered message, another key or nonsense in place of a key does not verify."""
    key = crypto.SigningKey.generate()
    signature = crypto.SigningKey.from_text(key.to_text()).sign(b"message")

    assert crypto.verify(key.public_text(), signature, b"message")
    assert not crypto.verify(key.public_text(), signature, b"massage")
    assert not crypto.verify(crypto.SigningKey.generate().public_text(), signature, b"message")
    assert not crypto.verify("nonsense", signature, b"message")
    assert not crypto.verify(key.public_text(), "nonsense", b"message")


@pytest.mark.parametrize("key", [bytes(32), b"\x01" + bytes(31), b"short"])
def test_nothing_is_sealed_to_what_is_no_key(key: bytes) -> None:
    """Points of small order and wrong lengths are refused in one way."""
    with pytest.raises(crypto.InvalidCiphertextError):
        crypto.seal(b"token", crypto.to_text(key), b"info")


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_bytes_have_one_text_alone(length: int) -> None:
    """Whatever the last character is exchanged for, the text is refused or means other bytes."""
    data = b"\xff" * length
    text = crypto.to_text(data)
    alphabet = crypto.to_text(bytes(range(256)))
    for last in set(alphabet) - {text[-1]}:
        try:
            assert crypto.to_bytes(text[:-1] + last) != data
        except crypto.InvalidCiphertextError:
            continue
