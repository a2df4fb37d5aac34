"""Encryption at rest, sealing to a recipient, signatures and secrets, each in its one standard form.

At rest: AES-256-GCM with a random 96-bit nonce; the context (which table, column and row) is authenticated, so that a
ciphertext moved to another row does not open. To a recipient: HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM.
Signatures: Ed25519 (RFC 8032). Keys and ciphertexts travel as unpadded base64url text.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

NONCE_BYTES = 12
KEY_BYTES = 32
_HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class InvalidCiphertextError(Exception):
    """The text cannot be opened: wrong key, wrong context, or altered on the way."""


def to_text(data: bytes) -> str:
    """Bytes as unpadded base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def to_bytes(text: str) -> bytes:
    """Unpadded base64url as bytes; raises `InvalidCiphertextError` when it is none.

    Bytes have one text here: one with spare bits set at its end, which others read alike, is none.
    """
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidCiphertextError("not base64url") from error
    if to_text(found) != text:
        raise InvalidCiphertextError("not base64url")
    return found


@dataclass(frozen=True)
class Keyring:
    """Keys for data at rest: the primary encrypts, every one of them decrypts."""

    primary: str
    keys: dict[str, bytes]

    @classmethod
    def generate(cls) -> "Keyring":
        """A ring with one new key."""
        name = secrets.token_hex(4)
        return cls(primary=name, keys={name: secrets.token_bytes(KEY_BYTES)})

    @classmethod
    def from_json(cls, text: str) -> "Keyring":
        """Read what `to_json` wrote; raises `InvalidCiphertextError` when it is not a keyring."""
        try:
            content = json.loads(text)
            keys = {str(name): to_bytes(key) for name, key in content["keys"].items()}
            ring = cls(primary=str(content["primary"]), keys=keys)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidCiphertextError("not a keyring") from error
        if ring.primary not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise InvalidCiphertextError("not a keyring")
        return ring

    def to_json(self) -> str:
        """The ring with its secret keys, for a file outside the database."""
        return json.dumps({"primary": self.primary, "keys": {name: to_text(key) for name, key in self.keys.items()}})

    def rotate(self) -> "Keyring":
        """The ring with a new primary; the older keys stay, to decrypt what they encrypted."""
        new = Keyring.generate()
        return Keyring(primary=new.primary, keys={**self.keys, **new.keys})

    def without_old(self) -> "Keyring":
        """The ring with its primary alone, once everything is encrypted with it."""
        return Keyring(primary=self.primary, keys={self.primary: self.keys[self.primary]})

    def encrypt(self, plaintext: bytes, context: str) -> str:
        """`plaintext` as `v1.<key id>.<base64url>`, bound to `context` (say, "meta_credentials.access_token.<row>")."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.keys[self.primary]).encrypt(nonce, plaintext, context.encode())
        return f"v1.{self.primary}.{to_text(nonce + sealed)}"

    def decrypt(self, text: str, context: str) -> bytes:
        """What `encrypt` was given; raises `InvalidCiphertextError` for another key or context, or altered text."""
        version, _, rest = text.partition(".")
        name, _, encoded = rest.partition(".")
        key = self.keys.get(name)
        if version != "v1" or key is None:
            raise InvalidCiphertextError("encrypted with a key that this keyring does not hold")
        data = to_bytes(encoded)
        try:
            return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise InvalidCiphertextError("altered, or encrypted for another place") from error

    def is_current(self, text: str) -> bool:
        """Whether `text` was encrypted with the primary key."""
        return text.startswith(f"v1.{self.primary}.")

    def key_id(self, text: str) -> str:
        """The id of the key that encrypted `text`."""
        return text.split(".")[1]


def seal(plaintext: bytes, recipient: str, info: bytes) -> bytes:
    """Encrypt to the public sealing key `recipient`; only its holder opens it, and only with the same `info`.

    Raises `InvalidCiphertextError` when `recipient` is no key to which anything can be sealed.
    """
    try:
        return bytes(_HPKE.encrypt(plaintext, X25519PublicKey.from_public_bytes(to_bytes(recipient)), info=info))
    except ValueError as error:
        raise InvalidCiphertextError("not a public sealing key") from error


@dataclass(frozen=True)
class SealingKey:
    """A private HPKE key."""

    private: X25519PrivateKey

    @classmethod
    def generate(cls) -> "SealingKey":
        """A new key."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_text(cls, text: str) -> "SealingKey":
        """Read what `to_text` wrote."""
        return cls(X25519PrivateKey.from_private_bytes(to_bytes(text)))

    def to_text(self) -> str:
        """The private key, for a file outside the database."""
        return to_text(self.private.private_bytes_raw())

    def public_text(self) -> str:
        """The public key, to be registered with whoever seals."""
        return to_text(self.private.public_key().public_bytes_raw())

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """What was sealed to this key; raises `InvalidCiphertextError` for another key or `info`, or altered bytes."""
        try:
            return bytes(_HPKE.decrypt(sealed, self.private, info=info))
        except (InvalidTag, ValueError) as error:
            raise InvalidCiphertextError("sealed to another key, or altered") from error


def verify(public: str, signature: str, message: bytes) -> bool:
    """Whether the holder of the public signing key `public` signed `message`."""
    try:
        Ed25519PublicKey.from_public_bytes(to_bytes(public)).verify(to_bytes(signature), message)
    except (InvalidSignature, InvalidCiphertextError, ValueError):
        return False
    return True


@dataclass(frozen=True)
class SigningKey:
    """A private Ed25519 key."""

    private: Ed25519PrivateKey

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_text(cls, text: str) -> "SigningKey":
        """Read what `to_text` wrote."""
        return cls(Ed25519PrivateKey.from_private_bytes(to_bytes(text)))

    def to_text(self) -> str:
        """The private key, for a file outside the database."""
        return to_text(self.private.private_bytes_raw())

    def public_text(self) -> str:
        """The public key, to be pinned by whoever verifies."""
        return to_text(self.private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> str:
        """The signature of `message`, as base64url."""
        return to_text(self.private.sign(message))


def fingerprint(public: str) -> str:
    """A public key in a form that two people can compare by reading it aloud."""
    digits = hashlib.sha256(public.encode()).hexdigest()[:24]
    return "-".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def new_secret(prefix: str) -> str:
    """A 256-bit random secret that says what it is for: `<prefix>_<base64url>`."""
    return f"{prefix}_{secrets.token_urlsafe(KEY_BYTES)}"


def digest(secret: str) -> str:
    """Hex SHA-256, under which a high-entropy secret is stored and looked up."""
    return hashlib.sha256(secret.encode()).hexdigest()


def keyed_digest(key: bytes, value: str) -> str:
    """Hex HMAC-SHA256, under which a guessable value (a user id) is stored and looked up."""
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
