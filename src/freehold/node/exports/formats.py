"""The kinds of files that rows are exported as. Each is opened for a head of columns, and takes one row after another.

A text of a client's, or of a stranger's, is a text in each of them: no spreadsheet calculates it.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import xlsxwriter
from pyarrow import parquet
from sqlalchemy import Boolean, ColumnClause, Date, Integer, Numeric
from xlsxwriter.exceptions import FileSizeError
from xlsxwriter.format import Format as Look
from xlsxwriter.worksheet import Worksheet

from freehold.kernel.database import Instant
from freehold.kernel.problems import ExplainedError
from freehold.node.exports.cells import cell
from freehold.node.exports.kinds import Format

MOST_ROWS: Final = 1_048_576
"""Of a spreadsheet's page, its head included."""
MOST_LETTERS: Final = 31
"""Of a page's name."""
MOST_CHARACTERS: Final = 32_767
"""Of a spreadsheet's cell."""
GROUP: Final = 50_000
"""Rows of a Parquet file that are held before they are written."""

Row = Sequence[Any]
Columns = Sequence[ColumnClause[Any]]
Write = Callable[[Row], None]


class TooLargeError(ExplainedError):
    """A spreadsheet would be larger than programs open."""


@contextmanager
def csv_file(path: Path, columns: Columns) -> Iterator[Write]:
    """UTF-8 with the mark that spreadsheets need to see it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in columns])
        yield lambda row: writer.writerow([cell(value) for value in row])


@contextmanager
def xlsx_file(path: Path, columns: Columns) -> Iterator[Write]:
    """Pages with a head that stays in view, as many as the rows need; instants are in UTC. Raises `TooLargeError`."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(path, {**options, "strings_to_urls": False}) as book:
            head, day, instant = (book.add_format(each) for each in _STYLES)
            names = _page_names(path.name.strip(".").partition(".")[0])
            page, number = _begun(book.add_worksheet(next(names)), columns, head), 0

            def write(row: Row) -> None:
                nonlocal page, number
                number += 1
                if number >= MOST_ROWS:
                    page, number = _begun(book.add_worksheet(next(names)), columns, head), 1
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
    except FileSizeError as error:
        told = "a spreadsheet of so many rows is larger than programs open"
        raise TooLargeError(f"{told}; have them written as csv or parquet, or choose fewer days or accounts") from error


def _page_names(name: str) -> Iterator[str]:
    """The first page is called as what is on it; those with which it goes on have a number as well."""
    yield name[:MOST_LETTERS]
    for number in count(2):
        which = f" ({number})"
        yield f"{name[: MOST_LETTERS - len(which)]}{which}"


def _begun(page: Worksheet, columns: Columns, head: Look) -> Worksheet:
    page.freeze_panes(1, 0)
    page.write_row(0, 0, [column.name for column in columns], head)
    return page


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
