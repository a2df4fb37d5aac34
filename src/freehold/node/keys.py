"""The node's keys: files in its data folder, readable by it alone, and never in the database or its dumps."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from freehold.contracts.registration import BrokerIdentity
from freehold.kernel.crypto import InvalidCiphertextError, Keyring, SealingKey
from freehold.kernel.files import FileUnreadableError, read_text, write_missing
from freehold.kernel.keyring_file import KeyringFile
from freehold.kernel.problems import ExplainedError

KEYRING_FILE = "keyring.json"
SEALING_FILE = "sealing.key"
BROKER_FILE = "broker.json"
API_KEY_FILE = "api.key"
KEY_FILES = (KEYRING_FILE, SEALING_FILE, API_KEY_FILE, BROKER_FILE)
_API_KEY = re.compile(r"[\x21-\x7e]{24,500}")
"""What may stand in a header: printable, without spaces; the broker takes no shorter one."""

T = TypeVar("T")


class KeysMissingError(ExplainedError):
    """A key file is absent or unreadable; the message says which, and what to do."""


@dataclass(frozen=True)
class NodeKeys:
    """What the node holds besides its data. `api_key` is shown to the broker, and by the broker to the node."""

    keyring: KeyringFile
    sealing: SealingKey
    broker: BrokerIdentity
    api_key: str = field(repr=False)


def load_keys(data_dir: Path) -> NodeKeys:
    """Read the keys of the node in `data_dir`; raises `KeysMissingError`."""
    return NodeKeys(
        keyring=keyring_file(data_dir),
        sealing=_parsed(data_dir / SEALING_FILE, SealingKey.from_text),
        broker=_parsed(data_dir / BROKER_FILE, BrokerIdentity.model_validate_json),
        api_key=_parsed(data_dir / API_KEY_FILE, _api_key),
    )


def keyring_file(data_dir: Path) -> KeyringFile:
    """The keyring in `data_dir`; raises `KeysMissingError`, at any look at it."""
    return KeyringFile(data_dir / KEYRING_FILE, lambda path: _parsed(path, Keyring.from_json))


def replace_lost_keyring(data_dir: Path) -> bool:
    """Write a new keyring where there is none; False, and nothing changes, where there is one."""
    return write_missing(data_dir / KEYRING_FILE, Keyring.generate().to_json())


def _api_key(text: str) -> str:
    if not _API_KEY.fullmatch(text):
        raise ValueError("not a key")
    return text


def _parsed(path: Path, parse: Callable[[str], T]) -> T:
    """What a key file holds; raises `KeysMissingError`."""
    text = _read(path)
    try:
        return parse(text)
    except (InvalidCiphertextError, ValueError) as error:
        raise KeysMissingError(f"{path} is damaged; restore it from the backup of the keys") from error


def _read(path: Path) -> str:
    try:
        return read_text(path).strip()
    except FileNotFoundError as error:
        raise _missing(path) from error
    except FileUnreadableError as error:
        raise KeysMissingError(str(error)) from error


def _missing(path: Path) -> KeysMissingError:
    return KeysMissingError(f"{path} is missing; run `freehold node init` first, or restore the keys")
