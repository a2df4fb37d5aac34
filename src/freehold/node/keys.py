"""The node's keys: files in its data folder, readable by it alone, and never in the database or its dumps."""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from freehold.contracts.registration import BrokerIdentity
from freehold.kernel.crypto import InvalidCiphertextError, Keyring, SealingKey
from freehold.kernel.files import write_private
from freehold.kernel.problems import ExplainedError

KEYRING_FILE = "keyring.json"
SEALING_FILE = "sealing.key"
BROKER_FILE = "broker.json"
API_KEY_FILE = "api.key"


class KeysMissingError(ExplainedError):
    """A key file is absent or unreadable; the message says which, and what to do."""


class KeyringFile:
    """The keyring as it stands in its file now: another process may rotate it while this one runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._ring = self._load()

    def current(self) -> Keyring:
        """The keyring, read again when its file has changed."""
        if self._stamp != self._stamp_now():
            self._ring = self._load()
        return self._ring

    def replace(self, ring: Keyring) -> None:
        """Write `ring` in place of the keyring, whole or not at all."""
        write_private(self._path, ring.to_json())
        self._ring, self._stamp = ring, self._stamp_now()

    def _stamp_now(self) -> tuple[int, int]:
        try:
            status = self._path.stat()
        except FileNotFoundError as error:
            raise _missing(self._path) from error
        return status.st_mtime_ns, status.st_ino

    def _load(self) -> Keyring:
        text = _read(self._path)
        self._stamp = self._stamp_now()
        try:
            return Keyring.from_json(text)
        except InvalidCiphertextError as error:
            raise KeysMissingError(f"{self._path} is not a keyring; restore it from the backup of the keys") from error


@dataclass(frozen=True)
class NodeKeys:
    """What the node holds besides its data. `api_key` is shown to the broker, and by the broker to the node."""

    keyring: KeyringFile
    sealing: SealingKey
    broker: BrokerIdentity
    api_key: str = field(repr=False)


def load_keys(data_dir: Path) -> NodeKeys:
    """Read the keys of the node in `data_dir`; raises `KeysMissingError`."""
    try:
        return NodeKeys(
            keyring=KeyringFile(data_dir / KEYRING_FILE),
            sealing=SealingKey.from_text(_read(data_dir / SEALING_FILE)),
            broker=BrokerIdentity.model_validate_json(_read(data_dir / BROKER_FILE)),
            api_key=_api_key(data_dir / API_KEY_FILE),
        )
    except (InvalidCiphertextError, ValidationError, ValueError) as error:
        raise KeysMissingError(
            f"a key file in {data_dir} is damaged; restore it from the backup of the keys"
        ) from error


def _api_key(path: Path) -> str:
    key = _read(path)
    if not key:
        raise ValueError("the key is empty")
    return key


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise _missing(path) from error


def _missing(path: Path) -> KeysMissingError:
    return KeysMissingError(f"{path} is missing; run `freehold node init` first, or restore the keys")
