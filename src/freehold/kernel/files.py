"""Files that hold keys: readable by their owner alone, and never half written."""

import os
import tempfile
from pathlib import Path

from freehold.kernel.problems import ExplainedError

OTHERS = 0o077
"""The permission bits that a file with secrets has none of."""


class FileUnreadableError(ExplainedError):
    """A file is there and cannot be read; the message names it and says what to do."""


def read_text(path: Path) -> str:
    """The text of a small file; raises `FileNotFoundError`, or `FileUnreadableError`."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise
    except PermissionError as error:
        raise FileUnreadableError(
            f"{path} cannot be read by this user; `chown` it to the user that runs Freehold, and `chmod 600` it"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise FileUnreadableError(f"{path} cannot be read ({why}); restore it from the backup") from error


def open_to_others(paths: list[Path]) -> list[Path]:
    """Those of the files that are there and that not only their owner may read."""
    return [path for path in paths if path.is_file() and path.stat().st_mode & OTHERS]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads; it appears whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_missing(path: Path, text: str) -> bool:
    """Write such a file where there is none; False, and nothing changes, where there is one."""
    if path.exists():
        return False
    write_private(path, text)
    return True
