"""An order of files and what came of it as JSON, as they go into a child process and come out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from freehold.node.exports.kinds import Format


@dataclass(frozen=True)
class FileOrder:
    """Which views are to be written, from which database, as files of which kind, into which folder."""

    database_url: str
    views: Sequence[str]
    kind: Format
    folder: Path

    def __repr__(self) -> str:
        return f"FileOrder({self.views}, {self.kind}, {self.folder})"


FILE_ORDER = TypeAdapter(FileOrder)
FAILURES = TypeAdapter(Mapping[str, str])
"""View -> why its file could not be written."""
