"""What is in a backup: a description, then each member in blocks, then what it all came to and who made it.

A record is a letter, a length (4 bytes) and that many bytes: `D`escription, `M`ember (its name and kind), `B`lock of
the member before it, `F`acts, and `P`roof. The proof is the digest of all before it, encrypted with the service's
keyring: a public key is no secret, so being sealed to it does not show who made a backup; this does.
"""

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from freehold.kernel.backups.stream import SealedWriter
from freehold.kernel.crypto import InvalidCiphertextError, Keyring

Kind = Literal["file", "sqlite", "postgresql"]
LARGEST = 1 << 20
_RECORD = struct.Struct("!cI")
_PROOF = "freehold-backup"


@dataclass(frozen=True)
class Record:
    """One record; `what` is its letter."""

    what: str
    payload: bytes

    def json(self) -> Any:
        """The payload, of what is written as JSON."""
        return json.loads(self.payload)


class ArchiveWriter:
    """Writes the records of one backup."""

    def __init__(self, sink: SealedWriter, about: Mapping[str, Any]) -> None:
        self._sink, self._digest, self.written = sink, hashlib.sha256(), 0
        self._put("D", _json(about))

    def begin(self, name: str, kind: Kind) -> None:
        """Begin a member."""
        self._put("M", _json({"name": name, "kind": kind}))

    def block(self, data: bytes) -> None:
        """More of the member that was begun."""
        for start in range(0, len(data), LARGEST):
            self._put("B", data[start : start + LARGEST])

    def end(self, facts: Mapping[str, Any], keyring: Keyring) -> None:
        """Say what it came to, prove who made it, and write the end of the stream."""
        self._put("F", _json(facts))
        self._put("P", keyring.encrypt(self._digest.digest(), _PROOF).encode())
        self._sink.finish()

    def _put(self, what: str, payload: bytes) -> None:
        for data in (_RECORD.pack(what.encode(), len(payload)), payload):
            self._digest.update(data)
            self._sink.write(data)
        self.written += len(payload)


def read_records(pieces: Iterator[bytes], keyring: Keyring | None) -> Iterator[Record]:
    """The records of a backup but for its proof, which is checked unless `keyring` is None.

    Raises `InvalidCiphertextError` when the proof is another's, or the records are none.
    """
    digest, source = hashlib.sha256(), _Bytes(pieces)
    while True:
        head = source.take(_RECORD.size)
        letter, length = _RECORD.unpack(head)
        if length > LARGEST:
            raise InvalidCiphertextError("a record is longer than any that is written")
        payload = source.take(length)
        if letter == b"P":
            break
        digest.update(head)
        digest.update(payload)
        yield Record(letter.decode("ascii", "replace"), payload)
    if not source.is_at_end():
        raise InvalidCiphertextError("there is more behind the end")
    if keyring is not None and keyring.decrypt(payload.decode("ascii", "replace"), _PROOF) != digest.digest():
        raise InvalidCiphertextError("the proof is that of another backup")


class _Bytes:
    """Takes what is needed from pieces of any size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held, self._place = pieces, b"", 0

    def take(self, length: int) -> bytes:
        """The next `length` bytes; raises `InvalidCiphertextError` when there are fewer."""
        while len(self._held) - self._place < length:
            piece = next(self._pieces, None)
            if piece is None:
                raise InvalidCiphertextError("it ends in the middle")
            self._held, self._place = self._held[self._place :] + piece, 0
        self._place += length
        return self._held[self._place - length : self._place]

    def is_at_end(self) -> bool:
        """Whether nothing follows."""
        return self._place == len(self._held) and not any(self._pieces)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
