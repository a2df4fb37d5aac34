"""The folder in which a service's backups stand: their names, which of them are kept, and one writer at a time."""

import contextlib
import fcntl
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from freehold.kernel.backups.errors import BackupError, full, is_full

ENDING = ".fhbackup"
PART = ".part"
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Kept:
    """A backup in the folder."""

    path: Path
    made_at: datetime

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size


@dataclass(frozen=True)
class Shelf:
    """Where the backups of `label` ("node-northwind-coffee") stand, sealed to `key`, and how many are kept.

    Kept are the newest of each of the last `daily` days, and of each of the last `weekly` weeks, that have any.
    """

    folder: Path
    key: str
    label: str
    daily: int
    weekly: int

    def path_at(self, now: datetime) -> Path:
        """Where a backup of this moment goes."""
        return self.folder / f"{self.label}-{now.astimezone(UTC):{_STAMP}}{ENDING}"

    def backups(self) -> list[Kept]:
        """Those that are whole, the newest first; other files are left alone."""
        kept = [
            Kept(path, datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)) for path, stamp in self._named("", ENDING)
        ]
        return sorted(kept, key=lambda each: each.made_at, reverse=True)

    def prune(self) -> list[Path]:
        """Delete the backups that are not kept any more; gives them."""
        held = self.backups()
        kept = chosen((each.made_at for each in held), self.daily, self.weekly)
        gone = [each.path for each in held if each.made_at not in kept]
        for path in gone:
            path.unlink()
        return gone

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one who writes here, and clear what a writer before left half done. Raises `BackupError`."""
        with self._lock() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BackupError(f"another backup is being written into {self.folder}; wait until it ends") from error
            for left, _ in self._named(".", ENDING + PART):
                left.unlink()
            yield

    def _lock(self) -> TextIO:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return (self.folder / f".{self.label}.lock").open("w")
        except OSError as error:
            if is_full(error):
                raise full(self.folder) from error
            why = f"backups cannot be written into {self.folder} ({error.strerror})"
            raise BackupError(f"{why}; give the folder to this user, or choose another one") from error

    def _named(self, beginning: str, ending: str) -> list[tuple[Path, str]]:
        """The files of this label's own, each with its stamp: what another label begins with may be this one."""
        form = re.compile(re.escape(f"{beginning}{self.label}-") + r"(\d{8}T\d{6}Z)" + re.escape(ending))
        found = [(path, form.fullmatch(path.name)) for path in self.folder.glob(f"*{ending}")]
        return [(path, name[1]) for path, name in found if name]


def chosen(made: Iterable[datetime], daily: int, weekly: int) -> set[datetime]:
    """Which of backups made at these moments are kept; always the newest."""
    newest_first = sorted(made, reverse=True)
    days: dict[object, datetime] = {}
    weeks: dict[object, datetime] = {}
    for moment in newest_first:
        days.setdefault(moment.date(), moment)
        weeks.setdefault(moment.isocalendar()[:2], moment)
    return {*newest_first[:1], *list(days.values())[:daily], *list(weeks.values())[:weekly]}
