"""Fills any table of collected data with rows that keep its unique constraint, without knowing the table."""

from sqlalchemy import Boolean, Column, Date, DateTime, Float, Index, Integer, String, Table, UniqueConstraint, text
from sqlalchemy.ext.asyncio import AsyncConnection

ACCOUNTS = 200
DAYS = 90
PARTS = 5
"""How many metrics, periods or parts there are of a subject's day."""


async def fill(connection: AsyncConnection, table: Table, rows: int) -> None:
    """Write `rows` rows: subjects of 200 accounts, each with 90 days and five of every kind of part."""
    columns = [column for column in table.columns if column.name != "id"]
    values = _key(table)
    named = ", ".join(column.name for column in columns)
    chosen = ", ".join(values.get(column.name, _value(column, _subjects(table))) for column in columns)
    source = f"SELECT {chosen} FROM generate_series(0, {rows - 1}) AS n"
    await connection.execute(
        text(f"INSERT INTO {table.name} ({named.replace('before', chr(34) + 'before' + chr(34))}) {source}")
    )
    await connection.execute(text(f"ANALYZE {table.name}"))


def _unique(table: Table) -> list[Column[object]]:
    found: list[UniqueConstraint | Index] = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    found += [each for each in table.indexes if each.unique]
    return list(found[0].columns) if found else list(table.primary_key.columns)


def _radix(column: Column[object]) -> int:
    return DAYS if isinstance(column.type, Date) else PARTS


def _key(table: Table) -> dict[str, str]:
    """The columns of the unique constraint: digits of n, the first of them what is left of it."""
    first, *others = _unique(table)
    step, values = 1, dict[str, str]()
    for column in others:
        values[column.name] = _shown(column, f"n / {step} % {_radix(column)}")
        step *= _radix(column)
    counted = {column.name: _shown(column, "n") for column in table.primary_key.columns}
    return {**counted, **values, first.name: _shown(first, f"n / {step}")}


def _subjects(table: Table) -> int:
    """How many rows a subject has."""
    step = 1
    for column in _unique(table)[1:]:
        step *= _radix(column)
    return step


def _shown(column: Column[object], number: str) -> str:
    """A number as a value of the column."""
    if isinstance(column.type, String):
        return f"left('{column.name}_' || ({number}), {column.type.length or 1000})"
    if isinstance(column.type, Date):
        return f"date '2026-01-01' + ({number})"
    if isinstance(column.type, Boolean):
        return f"({number}) % 2 = 0"
    if isinstance(column.type, Float | Integer):
        return f"({number})"
    return f"timestamptz '2026-01-01' + ({number}) * interval '1 minute'"


def _value(column: Column[object], subjects: int) -> str:
    """A value of a column that is in no unique constraint: ids depend on the subject, times on the row."""
    if isinstance(column.type, String) and column.name.endswith("_id"):
        of = ACCOUNTS if "account" in column.name or column.name == "page_id" else 5000
        return _shown(column, f"n / {subjects} % {of}")
    if (column.comment or "").startswith("JSON"):
        return """'{"days": null, "asset_ids": []}'""" if column.name == "parameters" else "'{}'"
    if isinstance(column.type, DateTime) or "_at" in column.name:
        return "timestamptz '2026-01-01' + (n % 130000) * interval '1 minute'"
    return _shown(column, f"n % {DAYS if isinstance(column.type, Date) else PARTS}")
