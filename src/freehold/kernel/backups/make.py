"""Makes a backup: what runs goes on, memory stays the same however much there is, and a name is a whole backup."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import text
from sqlalchemy.engine import make_url

from freehold.kernel.backups import postgres, sqlite
from freehold.kernel.backups.archive import ArchiveWriter
from freehold.kernel.backups.errors import BackupError, explaining_full_disks, full
from freehold.kernel.backups.shelf import PART, Shelf
from freehold.kernel.backups.stream import SealedWriter
from freehold.kernel.crypto import InvalidCiphertextError, Keyring
from freehold.kernel.problems import Problem

Tell = Callable[[str, int], None]
"""Told what is being read, and how many bytes were read so far."""
Rows = dict[str, dict[str, int]]
"""Database -> table -> rows."""
MARGIN = 1.1
SMALLEST = 1 << 20


@dataclass(frozen=True)
class Source:
    """A database under the name that it has in backups; `url` as SQLAlchemy writes it."""

    name: str
    url: str

    def sqlite_file(self) -> Path | None:
        """Its file; None for PostgreSQL."""
        url = make_url(self.url)
        return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


@dataclass(frozen=True)
class Subject:
    """What is backed up: the databases of one service, `files` of its `folder` by their names there, and the keyring
    that proves whose backup it is.

    The keyring itself is never in it. Files that are not there are left out.
    """

    service: str
    name: str
    folder: Path
    files: tuple[str, ...]
    databases: tuple[Source, ...]
    keyring: Keyring

    def sqlite_files(self) -> list[Path]:
        """Of the databases that are files."""
        return [path for source in self.databases if (path := source.sqlite_file()) is not None]


@dataclass(frozen=True)
class Made:
    """A backup that was made: its size in bytes, database -> table -> rows, and what is no longer kept."""

    path: Path
    size: int
    rows: dict[str, dict[str, int]]
    pruned: tuple[Path, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        told = asdict(self)
        return {**told, "path": str(self.path), "pruned": [str(path) for path in self.pruned]}


async def make(subject: Subject, shelf: Shelf, now: datetime, tell: Tell) -> Made:
    """Make a backup and let go of those that are not kept any more. Raises `BackupError`."""
    try:
        with shelf.locked(), sqlite.alone(subject.sqlite_files()), explaining_full_disks(shelf.folder):
            path, rows = await _whole(subject, shelf, now, tell)
            return Made(path, path.stat().st_size, rows, tuple(shelf.prune()))
    except Problem as error:
        raise BackupError(error.advice or error.detail) from error  # a database is away


async def _whole(subject: Subject, shelf: Shelf, now: datetime, tell: Tell) -> tuple[Path, Rows]:
    """A backup under its name, which it is given when all of it is on the disk, and what is in it."""
    await _check_room(subject, shelf)
    path = shelf.path_at(now)
    part = path.with_name(f".{path.name}{PART}")
    try:
        with _new_file(part) as file:
            rows = await _write(subject, shelf, file, now, tell)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path, rows


async def _write(subject: Subject, shelf: Shelf, file: BinaryIO, now: datetime, tell: Tell) -> Rows:
    """All of the backup into `file`."""
    try:
        sink = SealedWriter(file, shelf.key)
    except InvalidCiphertextError as error:
        raise BackupError(
            "the backup key is no public key; use the one that `freehold backup-key new` showed"
        ) from error
    about = {
        "service": subject.service,
        "name": subject.name,
        "made_at": now.isoformat(),
        "version": metadata.version("freehold"),
    }
    archive = ArchiveWriter(sink, about)
    for name in subject.files:
        if (subject.folder / name).exists():
            archive.begin(name, "file")
            archive.block((subject.folder / name).read_bytes())
    rows = {}
    for source in subject.databases:
        rows[source.name] = await _write_database(source, archive, shelf.folder, tell)
    archive.end({"rows": rows}, subject.keyring)
    return rows


async def _write_database(source: Source, archive: ArchiveWriter, folder: Path, tell: Tell) -> dict[str, int]:
    path = source.sqlite_file()
    tell(source.name, archive.written)
    if path is not None:
        with explaining_full_disks(path.parent):
            async with sqlite.copied(path) as copy:
                archive.begin(source.name, "sqlite")
                for block in sqlite.compressed(copy):
                    with explaining_full_disks(folder):
                        archive.block(block)
                    tell(source.name, archive.written)
                    await asyncio.sleep(0)
                return await asyncio.to_thread(sqlite.counts, copy)
    async with postgres.snapshot(source.url) as (session, seen):
        archive.begin(source.name, "postgresql")
        version = await postgres.major_version(session)
        async with contextlib.aclosing(postgres.dump(source.url, version, seen)) as blocks:
            async for block in blocks:
                with explaining_full_disks(folder):  # here, since what a session raises is judged as the database's
                    archive.block(block)
                tell(source.name, archive.written)
        return await postgres.counts(session)


async def _check_room(subject: Subject, shelf: Shelf) -> None:
    """Refuse to begin what the disk has no room for, as far as the backup before or the databases tell."""
    copies: dict[Path, int] = {}
    sizes = []
    for source in subject.databases:
        path = source.sqlite_file()
        if path is None:
            sizes.append(await _size_of(source.url))
        elif not path.exists():
            raise BackupError(f"{path} is not there; is this the right folder?")
        else:
            sizes.append(path.stat().st_size)
            copies[path.parent] = max(copies.get(path.parent, 0), path.stat().st_size)
    before = shelf.backups()
    estimate = int(before[0].size * MARGIN) if before else sum(sizes) // 2
    needed = {shelf.folder: estimate + SMALLEST, **{folder: size + SMALLEST for folder, size in copies.items()}}
    for folder, wanted in needed.items():
        if shutil.disk_usage(folder).free < wanted:
            raise full(folder, wanted)


async def _size_of(url: str) -> int:
    async with postgres.snapshot(url) as (session, _):
        return int((await session.execute(text("SELECT pg_database_size(current_database())"))).scalar_one())


def _new_file(path: Path) -> BinaryIO:
    """A file that was not there, and that only its owner reads."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
