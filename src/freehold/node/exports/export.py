"""Writes a view into a file, a thousand rows at a time."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from freehold.kernel.database import Database
from freehold.node.exports.formats import OPENED
from freehold.node.exports.kinds import Format
from freehold.node.exports.queries import Choice, stream_rows
from freehold.node.store.views import View


@dataclass(frozen=True)
class Exported:
    """A file that was written: its view, path, rows without the head, and bytes."""

    view: str
    path: Path
    rows: int
    size: int


async def export_view(database: Database, view: View, choice: Choice, folder: Path, kind: Format) -> Exported:
    """Write `<view>.<kind>` into `folder`; the file is there whole or, when anything fails, as it was before.

    Raises `OSError`, `TooLargeError`, and `Problem` 503 without a database.
    """
    path = folder / f"{view.source.name}.{kind}"
    rows, found = 0, contextlib.aclosing(stream_rows(database, view, choice))
    with _replacing(path) as unfinished, OPENED[kind](unfinished, list(view.source.c)) as write:
        async with found as stream:
            async for row in stream:
                write(row)
                rows += 1
    return Exported(view.source.name, path, rows, _size(path))


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A new file that only its owner reads, and that takes the place of `path` when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size
