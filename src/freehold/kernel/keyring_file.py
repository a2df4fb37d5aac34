"""A keyring in a file that may be rotated while programs run: each looks again when the file has changed."""

from collections.abc import Callable
from pathlib import Path

from freehold.kernel.crypto import Keyring
from freehold.kernel.files import write_private

_Stamp = tuple[int, int] | None


class KeyringFile:
    """The keyring as it stands in its file now: another process may rotate it while this one runs.

    `load` reads the file, and raises what its service says of a file that is missing or damaged.
    """

    def __init__(self, path: Path, load: Callable[[Path], Keyring]) -> None:
        self._path, self._load = path, load
        self._stamp: _Stamp = None
        self._ring = self._read()

    def current(self) -> Keyring:
        """The keyring, read again when its file has changed."""
        if self._stamp is None or self._stamp != self._stamp_now():
            self._ring = self._read()
        return self._ring

    def replace(self, ring: Keyring) -> None:
        """Write `ring` in place of the keyring, whole or not at all."""
        write_private(self._path, ring.to_json())
        self._ring = self._read()

    def _read(self) -> Keyring:
        """The stamp is taken first: of a file that is replaced meanwhile the next look reads again."""
        self._stamp = self._stamp_now()
        return self._load(self._path)

    def _stamp_now(self) -> _Stamp:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino
