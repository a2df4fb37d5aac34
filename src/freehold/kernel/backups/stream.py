"""A stream sealed to a public key, in pieces of 64 KiB: neither end ever holds more than one of them.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015), as age has it: a content key used for this stream
alone is sealed to the recipient by HPKE; each piece is AES-256-GCM under that key, with its number and whether it is
the last as nonce, and the header as associated data. A piece that is altered, missing, moved, doubled, or behind the
last does not open, and a stream without its last piece is not at its end.

    header = "FHBACKUP" | version (1) | length of the sealed key (2) | sealed key
    piece  = AES-256-GCM(content key, nonce = number (11) | last (1), plaintext, header)
"""

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from freehold.kernel import crypto
from freehold.kernel.crypto import InvalidCiphertextError, SealingKey

PIECE = 64 * 1024
_TAG = 16
_MAGIC, _VERSION = b"FHBACKUP", 1
_HEAD = struct.Struct("!8sBH")
_INFO = b"freehold-backup-key-v1"


class SealedWriter:
    """Writes a sealed stream into `file`; it can be read only once `finish` was called."""

    def __init__(self, file: BinaryIO, recipient: str) -> None:
        """Raises `InvalidCiphertextError` when `recipient` is no public key."""
        key = os.urandom(crypto.KEY_BYTES)
        sealed = crypto.seal(key, recipient, _INFO)
        self._header = _HEAD.pack(_MAGIC, _VERSION, len(sealed)) + sealed
        self._file, self._cipher, self._number, self._waiting = file, AESGCM(key), 0, bytearray()
        file.write(self._header)

    def write(self, data: bytes) -> None:
        """Take more of the stream."""
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]

    def finish(self) -> None:
        """Write the last piece."""
        self._put(bytes(self._waiting), last=True)

    def _put(self, plaintext: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), plaintext, self._header))
        self._number += 1


def read_sealed(file: BinaryIO, key: SealingKey) -> Iterator[bytes]:
    """The pieces of a sealed stream, each verified. Raises `InvalidCiphertextError` at the first that is not as it was
    written, and when anything is missing or left over at the end.
    """
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size or head[:8] != _MAGIC or head[8] != _VERSION:
        raise InvalidCiphertextError("this is no backup of Freehold")
    sealed = file.read(_HEAD.unpack(head)[2])
    cipher, header = AESGCM(_content_key(sealed, key)), head + sealed
    piece, number = file.read(PIECE + _TAG), 0
    while True:
        following = file.read(PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), piece, header)
        except (InvalidTag, ValueError) as error:
            raise InvalidCiphertextError(f"piece {number + 1} is altered, or not the one that was written") from error
        if not following:
            return
        piece, number = following, number + 1


def _content_key(sealed: bytes, key: SealingKey) -> bytes:
    try:
        return key.open(sealed, _INFO)
    except InvalidCiphertextError as error:
        raise InvalidCiphertextError("sealed to another key, or altered at its beginning") from error


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
