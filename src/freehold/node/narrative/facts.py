"""What a text may tell: the numbers, dates and names of the evidence; the draft that tells them; the worded text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Language = Literal["en", "de"]
TEMPLATE = "template"
"""Who worded a text that no model did."""


@dataclass(frozen=True)
class Facts:
    """The evidence of one text.

    `units` says of each number what it is, a count where it says nothing:
    "count": 1234, told "1,234"; "ratio": 1.3, told "1.3 times", "30 % more", or, of a share, "130 %";
    "percent": 30.0, told "30 %", and -12.0 "12 % less"; "minor_units:EUR": 1250, told "12.50 EUR".
    `names` stand in the text letter for letter. Where one holds a number ("Summer 2026") it counts within quotation
    marks alone.
    """

    numbers: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    dates: tuple[date, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A text as a template words it, and all that it may tell. `key` tells it apart from the others of one request."""

    key: str
    title: str
    text: str
    facts: Facts


@dataclass(frozen=True)
class Worded:
    """A text as it is stored; `worded_by` is "template", or the model's name."""

    title: str
    text: str
    worded_by: str
