"""SQLite for SQLAlchemy over aiosqlite, one turn of the connection's thread for each statement instead of four.

aiosqlite gives each step of a statement (open a cursor, execute, fetch, close) to the thread by itself, and the two
threads take turns at Python's one lock for each: that cost more than what SQLite does. Here a statement is executed,
read whole and closed in one step, and a transaction that was never begun is not rolled back.
"""

# ruff: noqa: SLF001 - SQLAlchemy's adapter of aiosqlite is made of what both call private; the locks pin both

import collections
import sqlite3
from dataclasses import dataclass
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util import EMPTY_DICT
from sqlalchemy.util.concurrency import await_


@dataclass(frozen=True)
class _Done:
    """What a statement left: its columns as DB-API tells them, its rows, how many it changed, the last row's id."""

    description: Any = None
    rows: tuple[Any, ...] = ()
    rowcount: int = -1
    lastrowid: int = 0


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that is open in the connection's thread alone, and only while a statement runs."""

    __slots__ = ("_done", "_size")

    def __init__(self, adapt_connection: AsyncAdapt_aiosqlite_connection) -> None:
        # The parent's own would open a cursor, which is a step of the thread.
        self._adapt_connection, self._connection = adapt_connection, adapt_connection._connection
        self._rows = collections.deque()
        self._soft_closed_memoized = EMPTY_DICT
        self._done, self._size = _Done(), 1

    @property
    def description(self) -> Any:
        return self._done.description

    @property
    def rowcount(self) -> int:
        return self._done.rowcount

    @property
    def lastrowid(self) -> int:
        return self._done.lastrowid

    @property
    def arraysize(self) -> int:
        return self._size

    @arraysize.setter
    def arraysize(self, value: int) -> None:
        self._size = value

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Nothing is open."""

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._run(sqlite3.Cursor.execute, operation, parameters or ())

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._run(sqlite3.Cursor.executemany, operation, seq_of_parameters)

    async def _run(self, run: Any, operation: Any, parameters: Any) -> None:
        connection: Any = self._connection
        async with self._adapt_connection._execute_mutex:
            self._done = await connection._execute(_whole, connection._conn, run, operation, parameters)
        self._rows = collections.deque(self._done.rows)


def _whole(connection: sqlite3.Connection, run: Any, operation: str, parameters: Any) -> _Done:
    """Execute a statement and read all of it, in the connection's thread."""
    cursor = connection.cursor()
    try:
        run(cursor, operation, parameters)
        rows = tuple(cursor.fetchall()) if cursor.description else ()
        return _Done(cursor.description, rows, cursor.rowcount, cursor.lastrowid or 0)
    finally:
        cursor.close()


class _Connection(AsyncAdapt_aiosqlite_connection):
    """A connection whose cursors are `_Cursor`."""

    __slots__ = ()
    _cursor_cls: type[AsyncAdapt_aiosqlite_cursor] = _Cursor

    def rollback(self) -> None:
        if self._begun():
            super().rollback()

    def commit(self) -> None:
        if self._begun():
            super().commit()

    def _begun(self) -> bool:
        """Whether there is a transaction; no statement runs now, so the other thread changes nothing meanwhile."""
        connection: Any = self._connection
        return connection._connection is not None and connection.in_transaction


class OneStep(AsyncAdapt_aiosqlite_dbapi):
    """The DB-API module for `create_async_engine(module=…)`."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arguments: Any, **options: Any) -> AsyncAdapt_aiosqlite_connection:
        """A connection; its thread does not outlive the process."""
        connection = aiosqlite.connect(*arguments, **options)
        connection._thread.daemon = True
        return _Connection(self, await_(_opened(connection)))


async def _opened(connection: aiosqlite.Connection) -> Any:
    return await connection
