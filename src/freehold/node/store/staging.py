"""Rows on their way into PostgreSQL: as arrays in the statement, or, where they are many, copied beside the table."""

import contextlib
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, FromClause, MetaData, Table, bindparam, cast, column, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import NullType

from freehold.kernel.database import WriteSession

STAGED_ROWS = 2_000
"""From so many rows on, COPY is faster than arrays: it takes four round trips more."""


@dataclass(frozen=True)
class Source:
    """Rows that a statement can select from, with the parameters that it then needs."""

    rows: FromClause
    parameters: dict[str, list[Any]]


@contextlib.asynccontextmanager
async def source_of(session: WriteSession, table: Table, rows: list[dict[str, Any]]) -> AsyncIterator[Source]:
    """`rows`, all with the same columns of `table`, for the statements of the block."""
    names = tuple(rows[0])
    values = [_values(session, table.c[name], rows) for name in names]
    if len(rows) < STAGED_ROWS:
        yield Source(_arrays(table, names), dict(zip(map(_parameter, range(len(names))), values, strict=True)))
        return
    staging = _staging(table, names)
    await session.execute(CreateTable(staging, if_not_exists=True))  # also begins the transaction that COPY runs in
    connection: Any = (await session.get_raw_connection()).driver_connection
    await connection.copy_records_to_table(staging.name, records=zip(*values, strict=True), columns=names)
    yield Source(staging, {})
    await session.execute(text(f"TRUNCATE {staging.name}"))


def _values(session: WriteSession, of: Column[Any], rows: list[dict[str, Any]]) -> list[Any]:
    """A column of the rows, as the driver takes it."""
    values = [row[of.name] for row in rows]
    process = of.type.dialect_impl(session.dialect).bind_processor(session.dialect)
    return values if process is None else list(map(process, values))


def _parameter(place: int) -> str:
    return f"column_{place}"


@lru_cache
def _arrays(table: Table, names: tuple[str, ...]) -> FromClause:
    """One array for each column, side by side."""
    given = [
        cast(bindparam(_parameter(place), type_=NullType()), ARRAY(table.c[name].type))
        for place, name in enumerate(names)
    ]
    columns = [column(name, table.c[name].type) for name in names]
    return func.unnest(*given).table_valued(*columns, name="given").render_derived()


@lru_cache
def _staging(table: Table, names: tuple[str, ...]) -> Table:
    """A table of the connection's own, kept for its next rows: making one each time would bloat the catalogue."""
    columns = [Column(name, table.c[name].type) for name in names]
    shape = zlib.crc32(",".join(names).encode())
    return Table(f"staged_{table.name}_{shape:08x}", MetaData(), *columns, prefixes=["TEMPORARY"])
