"""A service's database: SQLite in its own folder, or PostgreSQL; one transaction for each step, committed at the edge.

Queries take a session. Whoever only reads asks for a `ReadSession`; whoever writes asks for a `WriteSession`, and only
`Database.writing` makes one.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NewType

from sqlalchemy import URL, BigInteger, ColumnElement, DateTime, Integer, Table, TypeDecorator, delete, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from freehold.kernel import logs
from freehold.kernel.outages import Outage, outage_of
from freehold.kernel.problems import Problem
from freehold.kernel.sqlite_driver import OneStep

log = logs.get(__name__)

ReadSession = AsyncConnection
WriteSession = NewType("WriteSession", AsyncConnection)

ROW_ID = BigInteger().with_variant(Integer, "sqlite")
"""The type of a counted primary key."""

BUSY_TIMEOUT_MS = 15_000
POOL_SIZE = 10
"""Connections that are kept open; opening one costs more than a whole request."""
STATEMENT_TIMEOUT = 60
"""Seconds for one statement; thousands of rows are written in one second."""
DELETED_AT_ONCE = 1_000
PAUSE_SECONDS = 0.05
"""Between two transactions that delete, for those who wait for SQLite's one writer."""
SCHEMA_TIMEOUT = 3600
"""Seconds for one statement of a migration: an index over a large table takes its time."""


class Instant(TypeDecorator[datetime]):
    """An aware instant, always UTC, in databases that keep the zone and in those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """An aware instant as the database keeps it."""
        if value is None:
            return None
        moved = value.astimezone(UTC)
        return moved.replace(tzinfo=None) if dialect.name == "sqlite" else moved

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What the database kept as an aware instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Database:
    """An engine and the two ways into it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        # Under READ COMMITTED each statement has a snapshot of its own, inside a transaction and outside alike;
        # outside, a read costs one round trip instead of three. SQLite begins only what `writing` begins.
        self._reads = engine if _is_sqlite(engine) else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._one_writer = asyncio.Lock() if _is_sqlite(engine) else None

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """A connection that only reads; raises `Problem` 503 when the database cannot be used."""
        with outages_as_problems(self.engine.url):
            async with self._reads.connect() as session:
                yield session

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[WriteSession]:
        """A transaction that is committed when the block ends well; raises `Problem` 503 when it cannot be.

        Must not be nested: on SQLite there is one writer at a time.
        """
        with outages_as_problems(self.engine.url):
            async with self._one_writer or contextlib.nullcontext(), self.engine.begin() as session:
                if self._one_writer is not None:
                    # It takes the write lock at once: upgrading later could fail half way.
                    await session.exec_driver_sql("BEGIN IMMEDIATE")
                yield WriteSession(session)

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def open_database(url: str, *, pool_size: int = POOL_SIZE, statement_timeout: float | None = None) -> Database:
    """A database at `sqlite+aiosqlite:///<path>` or `postgresql+asyncpg://…`; connects on first use.

    `pool_size` connections are open at most, and `statement_timeout` seconds are waited for PostgreSQL's answer.
    """
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_async_engine(
            url,
            module=OneStep(),
            pool_size=pool_size,
            hide_parameters=True,
            connect_args={"isolation_level": None},
        )
        event.listen(engine.sync_engine, "connect", _set_pragmas)
    else:
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            hide_parameters=True,
            connect_args={"timeout": 5, "command_timeout": statement_timeout or STATEMENT_TIMEOUT},
        )
    return Database(engine)


def _is_sqlite(engine: AsyncEngine) -> bool:
    return engine.dialect.name == "sqlite"


def insert(session: ReadSession, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT in the dialect of `session`, which offers `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return sqlite.insert(table) if session.dialect.name == "sqlite" else postgresql.insert(table)


Old = tuple[Table, ColumnElement[bool]]
"""A table with one column as its primary key, and which of its rows may go."""


async def delete_old(database: Database, every: Iterable[Old]) -> dict[str, int]:
    """Delete old rows; gives how many went, by table, for those of which any did. Several processes may do so at once.

    Raises `Problem` 503 when the database is away; what was deleted until then stays so.
    """
    gone: dict[str, int] = {}
    for table, condition in every:
        deleted = await _delete_in_batches(database, table, condition)
        if deleted:
            gone[table.name] = deleted
    if gone:
        log.info("retention.pruned", **gone)
    return gone


async def _delete_in_batches(database: Database, table: Table, condition: ColumnElement[bool]) -> int:
    """A few rows in each transaction, so that others come between; gives how many went."""
    (key,) = table.primary_key
    some = delete(table).where(key.in_(select(key).where(condition).limit(DELETED_AT_ONCE)))
    gone = 0
    while True:
        async with database.writing() as session:
            deleted = (await session.execute(some)).rowcount
        gone += deleted
        if deleted < DELETED_AT_ONCE:
            return gone
        await asyncio.sleep(PAUSE_SECONDS)


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_TIMEOUT_MS}", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextlib.contextmanager
def outages_as_problems(url: URL) -> Iterator[None]:
    """Turn what only says that the database of `url` cannot be used into a `Problem` 503; the rest stays what it is."""
    try:
        yield
    except Exception as error:
        outage = outage_of(error, url)
        if outage is None:
            raise
        raise _unavailable(outage) from error


def _unavailable(outage: Outage) -> Problem:
    """Callers read that it is away; the operator reads why."""
    log.error("database.unavailable", reason=outage.reason)
    return Problem(
        503,
        "database_unavailable",
        "The database cannot be reached.",
        "Nothing was half done. Try again in a few seconds; the operator checks that the database runs.",
        retry_after=5,
        advice=outage.advice,
    )
