"""What can go wrong without a fault of ours, as the one line that a person reads: what happened, and what to do."""

import errno

from pydantic import ValidationError

from freehold.kernel.addresses import AddressRefusedError
from freehold.kernel.problems import ExplainedError, Problem

EXPECTED = (ExplainedError, Problem, ValidationError, AddressRefusedError, OSError)
"""Everything else shows its stack trace."""

_ADVICE = {
    errno.ENOSPC: "free some space on that disk, then run this again",
    errno.EDQUOT: "free some space, or have the quota raised, then run this again",
    errno.EACCES: "give it to the user that runs this (`chown`), or run this as its owner",
    errno.EPERM: "give it to the user that runs this (`chown`), or run this as its owner",
    errno.EROFS: "choose a folder on a disk that can be written",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "name a folder",
    errno.EISDIR: "name a file",
    errno.EMFILE: "raise the limit of open files (`ulimit -n`)",
}


_SILENT = "Something failed that gives no reason ({}); run this again, and see the logs of what it works with"
"""Of an error without a text, such as `TimeoutError`."""


def told(error: Exception) -> str:
    """An expected error as one line."""
    if isinstance(error, Problem):
        return error.advice or f"{error.detail} ({error.code}) {error.hint}"
    if isinstance(error, ValidationError):
        found = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        return f"The settings are not complete: {found}. docs/guides/operating.md has all of them."
    if isinstance(error, OSError) and not isinstance(error, AddressRefusedError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        advice = _ADVICE.get(error.errno or 0)
        return f"{where}{error.strerror}" + (f"; {advice}" if advice else "")
    return str(error) or _SILENT.format(type(error).__name__)


def only_expected(group: ExceptionGroup[Exception]) -> Exception:
    """One of the failures of work that ran side by side; raises the group when one of them was not to be expected."""
    _, other = group.split(EXPECTED)
    if other is not None:
        raise group
    found = group.exceptions[0]
    return only_expected(found) if isinstance(found, ExceptionGroup) else found
