"""Writes a view into a CSV file, a thousand rows at a time."""

import contextlib
import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from freehold.kernel.database import Database
from freehold.node.exports.cells import cell
from freehold.node.exports.queries import Choice, stream_rows
from freehold.node.store.views import View


@dataclass(frozen=True)
class Exported:
    """A file that was written: its view, path, rows without the head, and bytes."""

    view: str
    path: Path
    rows: int
    size: int


async def export_csv(database: Database, view: View, choice: Choice, folder: Path) -> Exported:
    """Write `<view>.csv` into `folder`; the file is there whole or, when anything fails, as it was before.

    UTF-8 with the mark that spreadsheets need to see it. Raises `OSError`, and `Problem` 503 without a database.
    """
    path = folder / f"{view.source.name}.csv"
    rows = 0
    with _replacing(path) as file:
        writer = csv.writer(file)
        writer.writerow(view.source.c.keys())
        async for row in stream_rows(database, view, choice):
            writer.writerow([cell(value) for value in row])
            rows += 1
    return Exported(view.source.name, path, rows, _size(path))


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """A new file that only its owner reads, and that takes the place of `path` when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size
