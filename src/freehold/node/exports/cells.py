"""A value as the cell of a CSV file that a spreadsheet opens without running anything."""

from datetime import date, datetime
from decimal import Decimal

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - spreadsheets read the wide forms too
"""With which a spreadsheet takes a text for a formula, or a cell for two."""

Value = str | int | float | Decimal | date | None


def cell(value: Value) -> str:
    """A number in plain digits, a day or an instant in ISO 8601, nothing for None, and a text that stays text.

    A text that could be a formula has an apostrophe before it, also where blanks hide its first character.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_STARTS) or value.lstrip().startswith(_STARTS) else value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
