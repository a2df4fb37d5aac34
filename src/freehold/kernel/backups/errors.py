"""What can go wrong with a backup, in words for the person who looks after it."""

import contextlib
import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from freehold.kernel.problems import ExplainedError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
MEGABYTE = 1_000_000


class BackupError(ExplainedError):
    """No backup was made; those before it are as they were."""


class RestoreError(ExplainedError):
    """The backup cannot be restored; the message says whether anything was changed."""


@contextlib.contextmanager
def explaining_full_disks(folder: Path) -> Iterator[None]:
    """Raise `BackupError` when `folder` has no room for what the block writes."""
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise
        raise full(folder) from error
    except sqlite3.OperationalError as error:
        if "full" not in str(error):
            raise
        raise full(folder) from error


def is_full(error: OSError) -> bool:
    """Whether a disk, a quota or a limit is used up."""
    return error.errno in _FULL


def full(folder: Path, needed: int | None = None) -> BackupError:
    """`needed` is in bytes."""
    free = shutil.disk_usage(folder).free / MEGABYTE
    wanted = "" if needed is None else f", and about {needed / MEGABYTE:,.0f} MB are needed"
    return BackupError(
        f"there is no room for a backup in {folder}: {free:,.0f} MB are free{wanted}. Nothing was kept of it, and the "
        "backups before it are untouched; make room, or choose another folder"
    )
