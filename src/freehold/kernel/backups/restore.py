"""Restores a backup: it is read and verified to its end before anything is changed.

Then each database is written aside, or in a transaction that stays open; only when every one is written to its end do
they replace what stood before, one after the other. Until that moment all is as it was. Within it, a crash or a lost
connection may leave some replaced and some not: they are files and databases of several owners, and nothing holds them
together. Restoring once more with --replace mends that.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from freehold.kernel.backups import postgres, sqlite
from freehold.kernel.backups.archive import Kind, Record, read_records
from freehold.kernel.backups.errors import RestoreError
from freehold.kernel.backups.make import Source, Tell
from freehold.kernel.backups.stream import read_sealed
from freehold.kernel.crypto import InvalidCiphertextError, Keyring, SealingKey
from freehold.kernel.database import open_database
from freehold.kernel.files import write_private

_NOTHING = "nothing was changed"


@dataclass
class Contents:
    """What is in a verified backup: its description, files whole, databases by their kind, and the rows of each."""

    about: Mapping[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    databases: dict[str, Kind] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """A backup and what opens it. `keyring` None: nothing proves who made it, since the keyring is lost."""

    file: BinaryIO
    key: SealingKey
    keyring: Keyring | None

    def records(self) -> Iterator[Record]:
        """Its records from the beginning; raises `RestoreError` at the first thing that is wrong."""
        self.file.seek(0)
        try:
            yield from read_records(read_sealed(self.file, self.key), self.keyring)
        except InvalidCiphertextError as error:
            raise RestoreError(f"{self.file.name} cannot be restored, and {_NOTHING}: {error}") from error


def verify(backup: Opened, service: str) -> Contents:
    """Read a backup to its end. Raises `RestoreError` when it is not whole, unaltered, and of this service."""
    records = backup.records()
    first = next(records, None)
    if first is None or first.what != "D":
        raise RestoreError(f"{backup.file.name} cannot be restored, and {_NOTHING}: it does not say what it is")
    contents = Contents(first.json())
    if contents.about["service"] != service:
        raise RestoreError(f"this is a backup of a {contents.about['service']}; restore it with that command")
    current: list[bytes] | None = None
    for record in records:
        if record.what == "M":
            member = record.json()
            current = [] if member["kind"] == "file" else None
            if member["kind"] == "file":
                contents.files[member["name"]] = b""
            else:
                contents.databases[member["name"]] = member["kind"]
        elif record.what == "B" and current is not None:
            name = next(reversed(contents.files))
            contents.files[name] += record.payload
        elif record.what == "F":
            contents.rows = record.json()["rows"]
    return contents


class Writing(Protocol):
    """A database on its way: aside in a file, or in a transaction. Each part raises `RestoreError` or `BackupError`."""

    async def feed(self, block: bytes) -> None:
        """More of it."""

    async def finish(self) -> None:
        """It is whole: see it through, so that only `replace` is left."""

    async def replace(self) -> None:
        """Put it in the place of what stood there."""


Targets = Mapping[str, Source]
"""Name of a database in the backup -> where it goes."""


async def check_empty(targets: Targets, contents: Contents) -> None:
    """Raise `RestoreError` when a database is there already, or is of another kind than the backup's."""
    for name, target in targets.items():
        path = target.sqlite_file()
        if (path is None) != (contents.databases[name] == "postgresql"):
            wanted = contents.databases[name]
            raise RestoreError(f"the backup has {name} from {wanted}; give an address of {wanted} for it ({_NOTHING})")
        if path.exists() if path is not None else await _clearing(target.url):
            raise RestoreError(
                f"the database {name} is not empty, and {_NOTHING}; --replace puts the backup in its place"
            )


async def restore_databases(backup: Opened, targets: Targets, tell: Tell) -> dict[str, dict[str, int]]:
    """Put the databases of a verified backup in their places; gives the rows of each, as they are there now.

    Raises `RestoreError` and `BackupError`; see `replace_all` for what may have been replaced then.
    """
    files = [path for target in targets.values() if (path := target.sqlite_file()) is not None]
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with sqlite.alone(files):
        async with contextlib.AsyncExitStack() as stack:
            await replace_all(await _write_all(backup, targets, stack, tell))
    return {name: await _rows_of(target) for name, target in targets.items()}


async def replace_all(written: Mapping[str, Writing]) -> None:
    """Replace one database after the other by what was written for it.

    Nothing holds several of them together: when one cannot be replaced any more, those before it have been, and the
    `RestoreError` names them. A server may refuse, a file hardly does: so these come last.
    """
    replaced: list[str] = []
    servers_first = sorted(written.items(), key=lambda item: isinstance(item[1], sqlite.Unpacking))
    for name, each in servers_first:
        try:
            await each.replace()
        except (RestoreError, OSError) as error:
            before = (
                f"{', '.join(replaced)} had been replaced before it" if replaced else "nothing was replaced before it"
            )
            raise RestoreError(
                f"the database {name} was written, and could not be put in its place: {error}; {before}. Mend the "
                "cause, and restore all of it again with --replace"
            ) from error
        replaced.append(name)


def put_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files that only their owner reads."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.name:
            raise RestoreError(f"{name!r} is no name of a file in this folder")
        (folder / path).parent.mkdir(exist_ok=True, mode=0o700)
        write_private(folder / path, content.decode("utf-8"))


def check_lost(backup: Opened, keyring: Path) -> None:
    """Raise `RestoreError` when the keyring is said to be lost and one stands where the restored service has its own:
    it may be the very one, and it may be the last copy.
    """
    if backup.keyring is None and keyring.exists():
        raise RestoreError(
            f"{keyring} is there, and {_NOTHING}: give it with --keyring; if it does not fit the backup, move it away"
        )


def put_keyring(path: Path, keyring: Keyring | None) -> None:
    """Write the keyring, a new one when it is lost. Another one that stands there is kept beside it under a number:
    newer backups may need it.
    """
    text = (keyring or Keyring.generate()).to_json()
    if path.exists() and path.read_bytes() != text.encode():
        numbered = (path.with_name(f"{path.name}.{number}") for number in itertools.count(1))
        path.rename(next(name for name in numbered if not name.exists()))
    write_private(path, text)


async def _write_all(
    backup: Opened, targets: Targets, stack: contextlib.AsyncExitStack, tell: Tell
) -> dict[str, Writing]:
    """Write every database whole, on `stack`, which leaves nothing of those that replace nothing before it ends."""
    written: dict[str, Writing] = {}
    read, name = 0, ""
    for record in backup.records():
        if record.what == "M":
            if name in written:
                await written[name].finish()
            name = record.json()["name"]
            if name in targets:
                written[name] = await _begin(targets[name], stack)
        elif record.what == "B":
            read += len(record.payload)
            if name in written:
                await written[name].feed(record.payload)
            tell(name, read)
    if name in written:
        await written[name].finish()
    return written


async def _begin(target: Source, stack: contextlib.AsyncExitStack) -> Writing:
    path = target.sqlite_file()
    if path is not None:
        return await stack.enter_async_context(sqlite.unpacking(path))
    return await stack.enter_async_context(postgres.restoring(target.url, await _clearing(target.url)))


async def _clearing(url: str) -> str:
    database = open_database(url, pool_size=1)
    try:
        async with database.reading() as session:
            return await postgres.clearing(session)
    finally:
        await database.close()


async def _rows_of(target: Source) -> dict[str, int]:
    path = target.sqlite_file()
    if path is not None:
        return await asyncio.to_thread(sqlite.counts, path)
    async with postgres.snapshot(target.url) as (session, _):
        return await postgres.counts(session)
