"""SQLite's online backup: a copy of one moment, taken while the service goes on, as a stream of compressed bytes.

A copy stands beside its database, in the clear as that is, under a known name: where a copier was killed, whoever comes
next takes its copy away.
"""

import asyncio
import contextlib
import fcntl
import os
import sqlite3
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from freehold.kernel.backups.errors import BackupError, explaining_full_disks

BLOCK = 256 * 1024


@contextlib.contextmanager
def alone(databases: Iterable[Path]) -> Iterator[None]:
    """Be the one who copies these databases or puts others in their places, and clear what one before has left.

    Raises `BackupError`.
    """
    paths = [path for path in databases if path.parent.is_dir()]
    with contextlib.ExitStack() as stack:
        for folder in {path.parent for path in paths}:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, handle)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BackupError(
                    f"the databases in {folder} are being backed up or restored; wait until that ends"
                ) from error
        for path in paths:
            _clear(path)
        yield


def _copy_of(database: Path) -> Path:
    return database.with_name(f".{database.name}.copy")


def _clear(database: Path) -> None:
    """A journal that was left would be played into the next copy."""
    copy = _copy_of(database)
    for ending in ("", "-journal", "-wal", "-shm"):
        copy.with_name(copy.name + ending).unlink(missing_ok=True)


def _new_copy(database: Path) -> BinaryIO:
    """A file that was not there, and that only its owner reads."""
    return os.fdopen(os.open(_copy_of(database), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


@contextlib.asynccontextmanager
async def copied(source: Path) -> AsyncIterator[Path]:
    """A copy of a database beside it, gone afterwards; for who is `alone` with it."""
    try:
        _new_copy(source).close()
        await asyncio.to_thread(_copy, source, _copy_of(source))
        yield _copy_of(source)
    finally:
        _clear(source)


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


@contextlib.asynccontextmanager
async def unpacking(path: Path) -> AsyncIterator["Unpacking"]:
    """A way for a compressed copy into the place of the database at `path`; for who is `alone` with it."""
    with _new_copy(path) as file:
        try:
            yield Unpacking(path, file)
        finally:
            _clear(path)


class Unpacking:
    """A compressed copy on its way into a file beside its database, in whose place it is put by `replace` alone."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file, self._unpacker = path, file, zlib.decompressobj()

    async def feed(self, block: bytes) -> None:
        """More of the copy."""
        with explaining_full_disks(self._path.parent):
            self._file.write(self._unpacker.decompress(block))

    async def finish(self) -> None:
        """The copy is whole: have it on the disk."""
        with explaining_full_disks(self._path.parent):
            self._file.write(self._unpacker.flush())
            self._file.flush()
            await asyncio.to_thread(os.fsync, self._file.fileno())

    async def replace(self) -> None:
        """Put it in the place of what stood there."""
        for ending in ("-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        _copy_of(self._path).replace(self._path)
