"""Makes the tables of a service by its own revisions, fills them with a few rows, and writes both down as plain SQL.

Run by `make_stage.py` with the source of the stage on the path.
"""

import asyncio
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Float, Integer, MetaData, Numeric, String, Table, insert
from sqlalchemy.types import JSON, TypeEngine

from freehold.demo import databases
from freehold.kernel import migrations
from freehold.kernel.database import open_database

ROWS = 3
FIRST_DAY, FIRST_NOON = date(2026, 10, 1), datetime(2026, 11, 1, 12, tzinfo=UTC)
MADE: dict[type[TypeEngine[Any]], Callable[[int], Any]] = {
    Boolean: lambda number: number % 2 == 0,
    DateTime: lambda number: FIRST_NOON + timedelta(hours=number),
    Date: lambda number: FIRST_DAY + timedelta(days=number),
    Integer: lambda number: number + 1,
    Float: lambda number: number + 0.5,
    Numeric: lambda number: number + 0.5,
}
"""Type of a column -> its value in a row."""
SPECIAL: dict[tuple[str, str], tuple[str, ...]] = {
    ("governor_ledger", "key"): ("node", "usage:app", "person:17"),
    ("coverage", "metric"): ("campaign_reach", "reach", "views"),
}
"""Columns whose values a later revision looks at."""
_DROPPED = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*|)$\n?", re.MULTILINE)


async def main(service: str, stem: str) -> None:
    """Write `stem`-sqlite.sql and `stem`-postgresql.sql."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.db"
        await fill(f"sqlite+aiosqlite:///{file}", service)
        with closing(sqlite3.connect(file)) as connection:
            Path(f"{stem}-sqlite.sql").write_text("\n".join(connection.iterdump()) + "\n")
    with databases.postgres() as server:
        where = ("-h", "127.0.0.1", "-p", str(server.port), "-U", "freehold")
        server.run("createdb", *where, "stage")
        await fill(server.url("stage"), service)
        dump = [str(server.programs / "pg_dump"), *where, "--inserts", "--no-owner", "--no-privileges", "stage"]
        told = (await asyncio.to_thread(subprocess.run, dump, check=True, capture_output=True, text=True)).stdout
        Path(f"{stem}-postgresql.sql").write_text(_DROPPED.sub("", told))


async def fill(url: str, service: str) -> None:
    """Make every table and put rows into it."""
    database, found = open_database(url), MetaData()
    try:
        await migrations.upgrade(database, f"freehold.{service}")
        async with database.writing() as session:
            await session.run_sync(found.reflect)
            for table in found.sorted_tables:
                if table.name != "alembic_version":
                    await session.execute(insert(table), [_row(table, number) for number in range(ROWS)])
    finally:
        await database.close()


def _row(table: Table, number: int) -> dict[str, Any]:
    return dict(_members(table, number))


def _members(table: Table, number: int) -> Iterator[tuple[str, Any]]:
    counted = table.autoincrement_column
    for column in table.columns:
        if column is counted:
            continue
        special = SPECIAL.get((table.name, column.name))
        yield column.name, special[number] if special else _value(column, number)


def _value(column: Column[Any], number: int) -> Any:
    """A made-up value; the last row has nothing where there may be nothing."""
    if column.nullable and number == ROWS - 1:
        return None
    for kind, made in MADE.items():
        if isinstance(column.type, kind):
            return made(number)
    named = f"{number} {column.name}"
    if isinstance(column.type, JSON):
        return [named]
    assert isinstance(column.type, String), column.type
    return named[: column.type.length or 200]


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
