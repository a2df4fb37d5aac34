"""The cage in SQLite: a process of its own that may read one file, for some seconds, in little memory.

Reads an order from standard input: {"path", "question", "views", "functions", "most", "seconds", "most_bytes",
"most_row_bytes"}. Writes {"columns", "rows", "cut"} or {"error", "told"} to standard output.

SQLite asks an authorizer about each thing that a statement would do, when the statement is prepared. Allowed is what
the views themselves do: their tables and columns are learned first, by preparing each view. A process can be ended at
any time, where SQLite could not be interrupted, and its memory has an end.
"""

import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final
from urllib.parse import quote

MEMORY: Final = 384 * 1024 * 1024
STEPS: Final = 5_000
"""Of SQLite's machine between two looks at the clock."""
Touch = tuple[str | None, ...]
"""What the authorizer is asked: two details, the database, and the view that leads there; all in lower case."""
Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]

_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 20_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_BY_OPERATORS: Final = frozenset({"like"})
"""Functions that an operator calls."""


def open_cage(path: str) -> sqlite3.Connection:
    """The database, opened to be read alone."""
    connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, isolation_level=None, timeout=2)
    for pragma in ("query_only=ON", "temp_store=MEMORY", "cache_size=-8000", "trusted_schema=OFF", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")
    for limit, most in _LIMITS.items():
        connection.setlimit(limit, most)
    return connection


def learned(connection: sqlite3.Connection, views: Collection[str]) -> frozenset[Touch]:
    """All that the views do: which columns of which tables they read, and which functions they call."""
    touches: set[Touch] = set()

    def learn(_action: int, *details: str | None) -> int:
        touches.add(_lower(details))
        return sqlite3.SQLITE_OK

    connection.set_authorizer(learn)
    for view in views:
        connection.execute(f"EXPLAIN SELECT * FROM {view}").close()  # noqa: S608 - our own views
    connection.set_authorizer(None)
    return frozenset(touches)


def fence(views: Collection[str], functions: Collection[str], known: Collection[Touch]) -> Authorizer:
    """An authorizer that allows SELECT from the views, what they do themselves, and the functions."""
    callable_names = {*functions, *_BY_OPERATORS}

    def allowed(action: int, *details: str | None) -> int:
        first, second, *_ = touch = _lower(details)
        fine = (
            action == sqlite3.SQLITE_SELECT
            or (action == sqlite3.SQLITE_READ and (touch in known or first in views))
            or (action == sqlite3.SQLITE_FUNCTION and (touch in known or second in callable_names))
        )
        return sqlite3.SQLITE_OK if fine else sqlite3.SQLITE_DENY

    return allowed


def answer(connection: sqlite3.Connection, order: dict[str, Any]) -> dict[str, Any]:
    """What the database answers within the order's bounds."""
    ends = time.monotonic() + order["seconds"]
    connection.set_authorizer(fence(order["views"], order["functions"], learned(connection, order["views"])))
    connection.set_progress_handler(lambda: int(time.monotonic() > ends), STEPS)
    try:
        return _rows(connection.execute(order["question"]), order)
    except (sqlite3.Error, sqlite3.Warning) as error:
        told = str(error)
        if "interrupted" in told:
            return {"error": "too_long", "told": ""}
        kind = "refused" if "not authorized" in told or "prohibited" in told else "wrong"
        return {"error": kind, "told": told}
    except MemoryError:
        return {"error": "too_large", "told": ""}


def _rows(cursor: sqlite3.Cursor, order: dict[str, Any]) -> dict[str, Any]:
    columns = [each[0] for each in cursor.description or ()]
    rows: list[list[Any]] = []
    size = 0
    for row in _plain(cursor):
        length = len(json.dumps(row))
        if length > order["most_row_bytes"]:
            return {"error": "too_large", "told": ""}
        size += length
        if len(rows) == order["most"] or size > order["most_bytes"]:
            return {"columns": columns, "rows": rows, "cut": True}
        rows.append(row)
    return {"columns": columns, "rows": rows, "cut": False}


def _plain(cursor: sqlite3.Cursor) -> Iterator[list[Any]]:
    for row in cursor:
        yield [value.hex() if isinstance(value, bytes) else value for value in row]


def _lower(details: tuple[str | None, ...]) -> Touch:
    return tuple(None if each is None else each.lower() for each in details)


def main() -> None:
    """Answer the order on standard input."""
    order = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    processor = round(order["seconds"]) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    json.dump(answer(open_cage(order["path"]), order), sys.stdout)


if __name__ == "__main__":
    main()
