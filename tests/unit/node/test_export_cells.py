"""Cells of exported files: texts stay texts in a spreadsheet, numbers stay numbers."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from freehold.node.exports.cells import Value, cell

FORMULA = re.compile(r"[\s\"]*[=+\-@\uff0b\uff0d\uff1d\uff20]")
"""How a cell begins that a spreadsheet calculates: also behind blanks and quotes."""
TEXTS = st.text("ab ,;\t\r\n\"'=+-@\uff1d\u00a0", max_size=12)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0@", "\uff1d"])
def test_a_text_that_could_be_a_formula_is_marked_as_text(start: str) -> None:
    """Whatever a spreadsheet would calculate has an apostrophe before it, also behind blanks."""
    assert cell(f"{start}cmd|'/c calc'!A1") == f"'{start}cmd|'/c calc'!A1"


@pytest.mark.parametrize("harmless", ["", "Glaze = love", "a-b", "mara@example.com", "17841400000000001", "a; b\nc\td"])
def test_other_texts_stay_as_they_are(harmless: str) -> None:
    """Only the beginning of a text, or of what could be a cell of its own, makes it a formula."""
    assert cell(harmless) == harmless


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("nice;=1+1;more", "nice;'=1+1;more"),
        ("line\n=1+1", "line\n'=1+1"),
        ("tab\t @SUM(A1)", "tab\t' @SUM(A1)"),
        ('quoted;"=1+1"', 'quoted;\'"=1+1"'),
    ],
)
def test_what_becomes_a_cell_with_another_separator_is_marked_too(text: str, shown: str) -> None:
    """A spreadsheet that separates by semicolons or tabs takes our quotes for characters, and ends rows at breaks."""
    assert cell(text) == shown


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3))
@example(rows=[("nice;=1+1;more", "")])
@example(rows=[("line\n=1+1", 'a;"=1+1"')])
@example(rows=[('a;"', "\n;=1")])
def test_no_text_becomes_a_formula_whatever_separates_cells(rows: list[tuple[str, str]]) -> None:
    """By commas, by semicolons (as where a comma is the decimal sign), by tabs; also where quotes mean nothing."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(["17841", *(cell(each) for each in row), cell(-5)] for row in rows)
    for separator in ",;\t":
        found = [
            each for row in csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=separator) for each in row
        ]
        assert [each for each in found if each != "-5" and FORMULA.match(each)] == [], separator
    assert [each for each in re.split(r"[;\t\r\n]", file.getvalue()) if FORMULA.match(each)] == []


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
