"""How old the newest backup is, and when that is too old."""

from datetime import datetime, timedelta

from freehold.kernel.backups.shelf import Shelf
from freehold.kernel.checks import Check

LATE_AFTER = timedelta(days=2)
"""One night may fail without more than its own notice."""


def check_age(shelf: Shelf | None, now: datetime, setting: str, command: str) -> Check:
    """Whether the newest backup on `shelf` (None: no key is set) is new enough; `setting` and `command` make one.

    Only names and sizes of files are looked at: a whole backup stands under its name, and a half one never does.
    """
    if shelf is None:
        fix = f"Make a key on another machine with `freehold backup-key new`, and set {setting} to its public half."
        return Check("backups", passed=True, detail="none is made, since no key is set", fix=fix, warning=True)
    newest = next(iter(shelf.backups()), None)
    if newest is None:
        fix = f"Make one now: `{command}`."
        return Check("backups", passed=False, detail=f"there is none in {shelf.folder}", fix=fix)
    age = now - newest.made_at
    detail = f"the newest is {_in_words(age)} old ({newest.path}, {newest.size / 1_000_000:,.1f} MB)"
    fix = f"`{command}` makes one, or says why it cannot."
    return Check("backups", passed=age <= LATE_AFTER, detail=detail, fix=fix)


def _in_words(age: timedelta) -> str:
    hours = max(0, int(age.total_seconds() // 3600))
    return f"{hours} hours" if age < LATE_AFTER else f"{hours // 24} days"
