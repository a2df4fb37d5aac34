"""Cells of exported files: texts stay texts in a spreadsheet, numbers stay numbers."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from freehold.node.exports.cells import Value, cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0@", "\uff1d"])
def test_a_text_that_could_be_a_formula_is_marked_as_text(start: str) -> None:
    """Whatever a spreadsheet would calculate has an apostrophe before it, also behind blanks."""
    assert cell(f"{start}cmd|'/c calc'!A1") == f"'{start}cmd|'/c calc'!A1"


@pytest.mark.parametrize("harmless", ["", "Glaze = love", "a-b", "mara@example.com", "17841400000000001"])
def test_other_texts_stay_as_they_are(harmless: str) -> None:
    """Only the beginning of a text makes it a formula."""
    assert cell(harmless) == harmless


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (-5, "-5"),
        (-5.0, "-5"),
        (2.5, "2.5"),
        (Decimal(41), "41"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 8, 30, 15, 7, tzinfo=UTC), "2026-03-01T08:30:15+00:00"),
    ],
)
def test_numbers_and_times_are_written_plainly(value: Value, shown: str) -> None:
    """A negative number is no formula, a whole one has no fraction, and what is not known is empty, not 0."""
    assert cell(value) == shown
