"""A value as the cell of a CSV file that a spreadsheet opens without running anything.

Which character separates cells is the spreadsheet's to say: a German one takes the semicolon. To it the quotes around a
cell of ours are characters, and a semicolon, a tab or a line break in a text begins a cell of its own.
"""

import re
from datetime import date, datetime
from decimal import Decimal

_RISKY = re.compile(r'(\A|[;\t\r\n])(?=(?:[^\S\t\r\n]|")*[=+\-@＝＋－＠])')  # noqa: RUF001 - spreadsheets read the wide forms too
_BREAKS = ("\t", "\r", "\n")
"""With which a text begins the next cell or row."""

Value = str | int | float | Decimal | date | None


def cell(value: Value) -> str:
    """A number in plain digits, a day or an instant in ISO 8601, nothing for None, and a text that stays text.

    A text that could be a formula has an apostrophe before it, and so has what begins like one after a semicolon, a tab
    or a line break within it; blanks and quotes hide nothing.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return _as_text(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _as_text(text: str) -> str:
    marked = _RISKY.sub(r"\1'", text)
    return f"'{marked}" if marked.startswith(_BREAKS) else marked
