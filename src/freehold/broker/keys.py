"""The broker's own keys: files in its data folder, readable by it alone, and never in the database or its dumps."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from freehold.kernel import crypto
from freehold.kernel.crypto import InvalidCiphertextError, Keyring, SealingKey, SigningKey
from freehold.kernel.files import FileUnreadableError, read_text, write_missing, write_private
from freehold.kernel.keyring_file import KeyringFile
from freehold.kernel.problems import ExplainedError

KEYRING_FILE = "keyring.json"
SIGNING_FILE = "signing.key"
SEALING_FILE = "sealing.key"
PEPPER_FILE = "pepper.key"
PEPPER_BYTES = 32
T = TypeVar("T")
KEY_FILES = (KEYRING_FILE, SIGNING_FILE, SEALING_FILE, PEPPER_FILE)


class KeysMissingError(ExplainedError):
    """A key file is absent or unreadable; the message says which, and what to do."""


class KeysExistError(ExplainedError):
    """Keys are there already; making new ones would make every stored key and every node's pin useless."""


@dataclass(frozen=True, repr=False)
class BrokerKeys:
    """`ring` holds the keyring, which encrypts what the database and the `state` hold, `signing` signs what nodes
    receive, `sealing` opens what nodes send, and `pepper` turns user ids and nodes' keys into digests that nobody can
    guess.
    """

    ring: KeyringFile
    signing: SigningKey
    sealing: SealingKey
    pepper: bytes

    @property
    def keyring(self) -> Keyring:
        """The keyring as it stands in its file now."""
        return self.ring.current()

    def user_hash(self, provider: str, user_id: str) -> str:
        """A person at a provider, as the database knows them."""
        return crypto.keyed_digest(self.pepper, f"user|{provider}|{user_id}")

    def api_key_digest(self, api_key: str) -> str:
        """A node's key, as it is looked up."""
        return crypto.keyed_digest(self.pepper, f"vm_api_key|{api_key}")


def has_keys(data_dir: Path) -> bool:
    """Whether every key is there."""
    return all((data_dir / name).exists() for name in KEY_FILES)


def make_keys(data_dir: Path) -> BrokerKeys:
    """Make and write new keys; raises `KeysExistError` when there are any."""
    existing = [name for name in KEY_FILES if (data_dir / name).exists()]
    if existing:
        raise KeysExistError(f"{data_dir} holds keys already ({', '.join(existing)}); they are not replaced")
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(data_dir / KEYRING_FILE, Keyring.generate().to_json())
    write_private(data_dir / SIGNING_FILE, SigningKey.generate().to_text())
    write_private(data_dir / SEALING_FILE, SealingKey.generate().to_text())
    write_private(data_dir / PEPPER_FILE, crypto.to_text(secrets.token_bytes(PEPPER_BYTES)))
    return load_keys(data_dir)


def load_keys(data_dir: Path) -> BrokerKeys:
    """Read the keys in `data_dir`; raises `KeysMissingError`."""
    return BrokerKeys(
        ring=KeyringFile(data_dir / KEYRING_FILE, lambda path: _parsed(path, Keyring.from_json)),
        signing=_parsed(data_dir / SIGNING_FILE, SigningKey.from_text),
        sealing=_parsed(data_dir / SEALING_FILE, SealingKey.from_text),
        pepper=_parsed(data_dir / PEPPER_FILE, _pepper),
    )


def replace_lost_keyring(data_dir: Path) -> bool:
    """Write a new keyring where there is none; False, and nothing changes, where there is one."""
    return write_missing(data_dir / KEYRING_FILE, Keyring.generate().to_json())


def _pepper(text: str) -> bytes:
    pepper = crypto.to_bytes(text)
    if len(pepper) != PEPPER_BYTES:
        raise ValueError("of another length")
    return pepper


def _parsed(path: Path, parse: Callable[[str], T]) -> T:
    """What a key file holds; raises `KeysMissingError`."""
    try:
        return parse(read_text(path).strip())
    except FileNotFoundError as error:
        raise KeysMissingError(f"{path} is missing; run `freehold broker init` first, or restore the keys") from error
    except FileUnreadableError as error:
        raise KeysMissingError(str(error)) from error
    except (InvalidCiphertextError, ValueError) as error:
        raise KeysMissingError(f"{path} is damaged; restore it from the backup of the keys") from error
