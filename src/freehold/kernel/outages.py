"""Why a database cannot be used: what its driver says, as a stable word and as a sentence for the operator.

The sentences name host, database and role, and never a password.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

ROOM = 64 * 1024
"""Bytes of free space below which SQLite cannot even open a database."""


@dataclass(frozen=True)
class Outage:
    """One cause. `reason` is stable and for the logs; `advice` tells the operator what happened and what to do."""

    reason: str
    advice: str


_BY_STATE = {
    "28P01": ("password", "{place} refuses the password; correct it in the settings, or set it with ALTER ROLE"),
    "28000": ("role", "{place} lets this role not in; create the role, or allow it in pg_hba.conf"),
    "3D000": ("database_missing", "{place}: there is no such database; create it, or correct the address"),
    "42501": ("rights", "{place}: this role may not do what is needed; make it the owner of the database"),
    "25006": ("read_only", "{place} takes no writing; name the primary server, not a replica"),
    "53100": ("disk_full", "{place}: the server's disk is full; free some space there"),
    "53300": ("connections", "{place} has no connection left; raise max_connections, or lower DATABASE_POOL"),
    "57P03": ("starting", "{place} is starting or stopping; wait for it, or look into its log"),
}  # fmt: skip
"""SQLSTATE -> stable word, and what the operator reads."""

_BY_CLASS = {
    "08": ("connection", "the connection to {place} broke; check that the server runs"),
    "53": ("resources", "{place} lacks memory or space; look into its log"),
    "58": ("server", "{place} fails inside; look whether its disk is full, and into its log"),
    "XX": ("server", "{place} fails inside; look whether its disk is full, and into its log"),
    "57": ("stopped", "{place} was stopped or restarted; wait for it, or look into its log"),
}
"""Class of SQLSTATE -> the same, for what has no line of its own."""

_BY_SQLITE = (
    ("SQLITE_FULL", "disk_full", "the disk that holds {place} is full; free some space on it"),
    ("SQLITE_IOERR", "disk", "{place} cannot be written or read ({name}); look whether its disk is full or damaged"),
    ("SQLITE_READONLY", "read_only", "{place} cannot be written; give the file and its folder to this user"),
    ("SQLITE_CANTOPEN", "cannot_open", "{place} cannot be opened; check that its folder exists and is this user's"),
    ("SQLITE_PERM", "rights", "{place} cannot be opened; give the file and its folder to this user"),
    ("SQLITE_NOTADB", "damaged", "{place} is no SQLite database; restore it from the backup"),
    ("SQLITE_CORRUPT", "damaged", "{place} is damaged; restore it from the backup"),
    ("SQLITE_BUSY", "busy", "{place} is held by another process; end that one, or wait for it"),
    ("SQLITE_LOCKED", "busy", "{place} is held by another process; end that one, or wait for it"),
)  # fmt: skip
"""How SQLite's name of an error begins -> the same."""


def outage_of(error: BaseException, url: URL) -> Outage | None:
    """What a failure at the database of `url` means when it says that it cannot be used; None for any other failure.

    What fails while a connection is opened arrives unwrapped by SQLAlchemy.
    """
    place = _place(url)
    if isinstance(error, PoolTimeoutError):
        return Outage("pool", f"every connection of this process to {place} is in use; raise its DATABASE_POOL setting")
    cause: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, OSError):
        return _unreached(cause, place)
    named = _by_sqlite(cause, url) or _by_state(cause, place)
    if named is None and isinstance(error, DBAPIError) and error.connection_invalidated:
        return Outage("connection", f"the connection to {place} broke; check that the server runs")
    return named


def _by_sqlite(cause: object, url: URL) -> Outage | None:
    name, place = str(getattr(cause, "sqlite_errorname", "")), _place(url)
    if name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")) and _is_full(Path(url.database or "")):
        name = "SQLITE_FULL"  # what fails first is often the file beside the database
    for beginning, reason, advice in _BY_SQLITE:
        if name.startswith(beginning):
            return Outage(reason, advice.format(place=place, name=name))
    return None


def _is_full(file: Path) -> bool:
    try:
        return shutil.disk_usage(file.parent).free < ROOM
    except OSError:
        return False


def _by_state(cause: object, place: str) -> Outage | None:
    state = str(getattr(cause, "sqlstate", None) or "")
    found = _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
    return None if found is None else Outage(found[0], found[1].format(place=place))


def _unreached(cause: OSError, place: str) -> Outage:
    """Names that do not resolve and times that run out are OSErrors too."""
    if isinstance(cause, TimeoutError):
        return Outage("timeout", f"{place} gives no answer in time; check that it runs, and the way to it")
    why = f" ({cause.strerror})" if cause.strerror else ""
    return Outage("unreachable", f"{place} cannot be reached{why}; start it, or correct the address in the settings")


def _place(url: URL) -> str:
    """The database in a sentence."""
    if url.get_backend_name() == "sqlite":
        return f"the database {url.database}"
    host, port = url.host or "its socket", url.port or 5432
    return f'PostgreSQL at {host}:{port} (database "{url.database}", role "{url.username}")'
