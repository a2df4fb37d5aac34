"""SQLite's online backup: a copy of one moment, taken while the service goes on, as a stream of compressed bytes."""

import asyncio
import contextlib
import os
import sqlite3
import tempfile
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

BLOCK = 256 * 1024


@contextlib.asynccontextmanager
async def copied(source: Path) -> AsyncIterator[Path]:
    """A copy of a database beside it, gone afterwards."""
    handle, name = tempfile.mkstemp(dir=source.parent, prefix=f".{source.name}.")  # made with mode 0600
    os.close(handle)
    try:
        await asyncio.to_thread(_copy, source, Path(name))
        yield Path(name)
    finally:
        Path(name).unlink()


def _copy(source: Path, target: Path) -> None:
    """Read in one step: a copy in several begins anew whenever somebody writes."""
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        new.execute("PRAGMA synchronous=OFF")
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")


def compressed(path: Path) -> Iterator[bytes]:
    """A file as zlib has it."""
    packer = zlib.compressobj(level=3)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if packed := packer.compress(block):
                yield packed
    yield packer.flush()


def counts(path: Path) -> dict[str, int]:
    """Table -> rows."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        listed = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        names = sorted(name for (name,) in listed)
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608 - names from the database's own catalogue


class Unpacking:
    """A compressed copy on its way into a file beside `path`, in whose place it is put by `finish`."""

    def __init__(self, path: Path) -> None:
        self._path, self._unpacker = path, zlib.decompressobj()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, self._name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        self._file = os.fdopen(handle, "wb")

    def feed(self, block: bytes) -> None:
        """More of the copy."""
        self._file.write(self._unpacker.decompress(block))

    def close(self) -> None:
        """The copy is whole, and on the disk."""
        self._file.write(self._unpacker.flush())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def finish(self) -> None:
        """Put it in the place of what stood there."""
        for ending in ("-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        Path(self._name).replace(self._path)

    def discard(self) -> None:
        """Leave nothing of it."""
        self._file.close()
        Path(self._name).unlink(missing_ok=True)
