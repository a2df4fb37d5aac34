"""The kinds of files that rows are exported as. Each is opened for a head of columns, and takes one row after another.

A text of a client's, or of a stranger's, is a text in each of them: no spreadsheet calculates it.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import xlsxwriter
from pyarrow import parquet
from sqlalchemy import Boolean, ColumnClause, Date, Integer, Numeric

from freehold.kernel.database import Instant
from freehold.kernel.problems import ExplainedError
from freehold.node.exports.cells import cell
from freehold.node.exports.kinds import Format

MOST_ROWS: Final = 1_048_576
"""Of a spreadsheet's page, its head included."""
MOST_CHARACTERS: Final = 32_767
"""Of a spreadsheet's cell."""
GROUP: Final = 50_000
"""Rows of a Parquet file that are held before they are written."""

Row = Sequence[Any]
Columns = Sequence[ColumnClause[Any]]
Write = Callable[[Row], None]


class TooManyRowsError(ExplainedError):
    """A spreadsheet has no room for so many rows."""


@contextmanager
def csv_file(path: Path, columns: Columns) -> Iterator[Write]:
    """UTF-8 with the mark that spreadsheets need to see it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in columns])
        yield lambda row: writer.writerow([cell(value) for value in row])


@contextmanager
def xlsx_file(path: Path, columns: Columns) -> Iterator[Write]:
    """One page with a head that stays in view; instants are in UTC. Raises `TooManyRowsError`."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, {**options, "strings_to_urls": False}) as book:
        page = book.add_worksheet(path.name.strip(".").partition(".")[0][:31])
        head, day, instant = (book.add_format(each) for each in _STYLES)
        page.freeze_panes(1, 0)
        page.write_row(0, 0, [column.name for column in columns], head)
        number = 0

        def write(row: Row) -> None:
            nonlocal number
            number += 1
            if number >= MOST_ROWS:
                told = f"a spreadsheet has room for {MOST_ROWS - 1:,} rows, and there are more"
                raise TooManyRowsError(f"{told}; choose fewer days or accounts, or another format")
            for place, value in enumerate(row):
                if isinstance(value, datetime):
                    page.write_datetime(number, place, value.astimezone(UTC).replace(tzinfo=None), instant)
                elif isinstance(value, date):
                    page.write_datetime(number, place, value, day)
                elif isinstance(value, str):
                    page.write_string(number, place, value[:MOST_CHARACTERS])
                elif value is not None:
                    page.write_number(number, place, float(value))

        yield write


_STYLES: Final = ({"bold": True}, {"num_format": "yyyy-mm-dd"}, {"num_format": "yyyy-mm-dd hh:mm:ss"})


@contextmanager
def parquet_file(path: Path, columns: Columns) -> Iterator[Write]:
    """Columns with their types: days, instants in UTC, whole numbers, numbers, texts; compressed with Zstandard."""
    schema = pa.schema([(column.name, _arrow(column)) for column in columns])
    held: list[Row] = []
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:

        def flush() -> None:
            values = [[_plain(row[place]) for row in held] for place in range(len(columns))]
            writer.write_batch(pa.record_batch(values, schema=schema))
            held.clear()

        def write(row: Row) -> None:
            held.append(row)
            if len(held) >= GROUP:
                flush()

        yield write
        flush()


def _arrow(column: ColumnClause[Any]) -> pa.DataType:
    kind = column.type
    if isinstance(kind, Instant):
        return pa.timestamp("us", tz="UTC")
    if isinstance(kind, Date):
        return pa.date32()
    if isinstance(kind, Boolean):
        return pa.bool_()
    if isinstance(kind, Integer):
        return pa.int64()
    return pa.float64() if isinstance(kind, Numeric) else pa.string()


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


OPENED: Final[Mapping[Format, Callable[[Path, Columns], AbstractContextManager[Write]]]] = {
    "csv": csv_file,
    "xlsx": xlsx_file,
    "parquet": parquet_file,
}
