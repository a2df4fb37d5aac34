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


def lead_to(shelf: Path, newest: Path) -> None:
    """Have `latest` lead to a day's folder. Raises `OSError`."""
    link = shelf / f".{LATEST}.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(newest.name)
    link.replace(shelf / LATEST)


def let_go(shelf: Path, keep: int) -> None:
    """Let go of the oldest days beyond `keep`, but for the one that `latest` leads to. Raises `OSError`.

    Of a day only our own files are removed, and its folder once it is empty: what somebody put there stays.
    """
    days = sorted(each for each in shelf.iterdir() if _DAY.fullmatch(each.name) and each.is_dir())
    led_to = (shelf / LATEST).resolve()
    for day in (each for each in days[:-keep] if each.resolve() != led_to):
        for file in (each for each in day.iterdir() if _OURS.fullmatch(each.name) and not each.is_dir()):
            file.unlink()
        with contextlib.suppress(OSError):
            day.rmdir()
