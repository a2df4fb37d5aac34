"""The folder of exports that are made by themselves: a folder for each day, and `latest`, which leads to the newest."""

import contextlib
import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from freehold.kernel.problems import ExplainedError
from freehold.node import children
from freehold.node.exports.kinds import FORMATS
from freehold.node.exports.queries import VIEWS
from freehold.node.exports.wire import FAILURES, FILE_ORDER, FileOrder

CHILD: Final = "freehold.node.exports"
LATEST: Final = "latest"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_OURS: Final = re.compile(rf"\.?({'|'.join(VIEWS)})\.({'|'.join(FORMATS)})(\.\d+)?")
"""A file of a view's, also one that was never finished."""


class ExportFailedError(ExplainedError):
    """The files were not written; the message says why, without anything of the data."""


def folder_of(shelf: Path, day: date) -> Path:
    """Where a day's files are."""
    return shelf / day.isoformat()


async def write_files(order: FileOrder, seconds: float) -> Mapping[str, str]:
    """Have views written; gives why those that failed did. Raises `ExportFailedError` where the whole order did."""
    try:
        return FAILURES.validate_json(await children.ask(CHILD, FILE_ORDER.dump_json(order), seconds))
    except TimeoutError as error:
        raise ExportFailedError(f"the export took longer than {seconds:g} seconds; choose fewer views") from error
    except children.ChildFailedError as error:
        raise ExportFailedError(
            f"the export ended with {error.status}; run `freehold doctor`; out of memory is the usual reason"
        ) from error


def keep_newest(shelf: Path, newest: Path, keep: int) -> None:
    """Have `latest` lead to `newest`, and let go of the oldest days beyond `keep`. Raises `OSError`.

    Of a day only our own files are removed, and its folder once it is empty: what somebody put there stays.
    """
    link = shelf / f".{LATEST}.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(newest.name)
    link.replace(shelf / LATEST)
    days = sorted(each for each in shelf.iterdir() if _DAY.fullmatch(each.name) and each.is_dir())
    for day in days[:-keep]:
        for file in (each for each in day.iterdir() if _OURS.fullmatch(each.name)):
            file.unlink()
        with contextlib.suppress(OSError):
            day.rmdir()
