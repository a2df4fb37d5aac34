"""How much a question in SQL may cost, and what comes back."""

from dataclasses import dataclass
from typing import Any, Final

SECONDS: Final = 5.0
"""In which the database has to answer."""
PATIENCE: Final = 8.0
"""Seconds after which a database that has not given up by itself is left, or its process ended."""
MOST_BYTES: Final = 1_000_000
"""Of all rows together, as JSON."""
MOST_ROW_BYTES: Final = 64_000


@dataclass(frozen=True)
class Found:
    """Titles of columns, and rows of plain JSON values; `cut` says that there are more rows."""

    columns: list[str]
    rows: list[list[Any]]
    cut: bool
