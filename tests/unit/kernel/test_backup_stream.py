"""A sealed stream opens whole and as it was written, or not at all."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.kernel.backups.stream import PIECE, SealedWriter, read_sealed
from freehold.kernel.crypto import InvalidCiphertextError, SealingKey

KEY = SealingKey.generate()
HEAD = 11 + 80
SEALED_PIECE = PIECE + 16


def sealed(data: bytes, key: SealingKey = KEY, cut: int = 50_000) -> bytes:
    """`data`, sealed, written in parts of `cut` bytes."""
    file = io.BytesIO()
    writer = SealedWriter(file, key.public_text())
    for start in range(0, len(data), cut):
        writer.write(data[start : start + cut])
    writer.finish()
    return file.getvalue()


def opened(stream: bytes, key: SealingKey = KEY) -> bytes:
    """What a sealed stream holds."""
    return b"".join(read_sealed(io.BytesIO(stream), key))


THREE = bytes(range(256)) * (3 * PIECE // 256)


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE])
def test_what_was_sealed_is_what_opens(length: int) -> None:
    """At every edge of a piece; and each piece but the last is full."""
    stream = sealed(THREE[:length])
    assert opened(stream) == THREE[:length]
    pieces = max(1, -(-length // PIECE))
    assert len(stream) == HEAD + length + 16 * pieces


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_stream_cut_anywhere_is_refused(data: st.DataObject) -> None:
    """At the end of a piece too: the last one is missing then."""
    stream = sealed(THREE)
    edges = [HEAD + SEALED_PIECE * number for number in range(3)]
    length = data.draw(st.sampled_from(edges) | st.integers(0, len(stream) - 1))
    with pytest.raises(InvalidCiphertextError):
        opened(stream[:length])


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_stream_altered_anywhere_is_refused(data: st.DataObject) -> None:
    """One bit is enough, in the header as well."""
    stream = bytearray(sealed(THREE[: PIECE + 100]))
    place = data.draw(st.integers(0, HEAD - 1) | st.integers(0, len(stream) - 1))
    stream[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(InvalidCiphertextError):
        opened(bytes(stream))


def _pieces(stream: bytes) -> tuple[bytes, list[bytes]]:
    body = stream[HEAD:]
    return stream[:HEAD], [body[start : start + SEALED_PIECE] for start in range(0, len(body), SEALED_PIECE)]


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2), (0, 0, 1, 2), (0, 1, 2, 2), (0, 2, 1), (2,), ()])
def test_pieces_moved_doubled_or_left_out_are_refused(order: tuple[int, ...]) -> None:
    """Each piece opens in its own place alone."""
    head, pieces = _pieces(sealed(THREE))
    with pytest.raises(InvalidCiphertextError):
        opened(head + b"".join(pieces[number] for number in order))


@pytest.mark.parametrize("more", [b"\0", b"x" * SEALED_PIECE])
def test_a_stream_with_more_behind_its_end_is_refused(more: bytes) -> None:
    """Whatever it is that follows."""
    with pytest.raises(InvalidCiphertextError):
        opened(sealed(THREE[:100]) + more)


def test_pieces_of_another_stream_are_refused() -> None:
    """Each stream has a key of its own, though the recipient is the same."""
    head, _ = _pieces(sealed(THREE))
    _, pieces = _pieces(sealed(THREE))
    with pytest.raises(InvalidCiphertextError):
        opened(head + b"".join(pieces))


def test_another_key_opens_nothing() -> None:
    """It says so before anything is read."""
    with pytest.raises(InvalidCiphertextError, match="another key"):
        opened(sealed(THREE), SealingKey.generate())


def test_what_is_no_backup_is_told() -> None:
    """A file of another kind, and an empty one."""
    for data in (b"", b"PGDMP" + bytes(1000)):
        with pytest.raises(InvalidCiphertextError, match="no backup"):
            opened(data)
