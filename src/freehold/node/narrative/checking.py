"""Whether a text tells nothing but its evidence: every number, date and name has to be one of the facts.

Numbers count in whichever way they are written: digits, words (English and German), per cents, factors, money, rounded.
A number in any other script, or one that cannot be read with certainty, is a problem: what is not understood is not
told. Templates pass the same check as a model.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from freehold.node.narrative.dated import Dated, take_dates
from freehold.node.narrative.directions import direction_of
from freehold.node.narrative.facts import Facts, Language
from freehold.node.narrative.figures import Figure, Read, read_figures
from freehold.node.narrative.named import MARK, take_names, unknown_names
from freehold.node.narrative.resolving import keys_of, value_of
from freehold.node.narrative.spelled import UNREADABLE, in_digits
from freehold.node.narrative.vocabulary import WORDS

_SIGNS = frozenset(WORDS["signs"]["allowed"])
MOST_CHARACTERS = 5_000
"""Longer texts than any that is told are not read: the time that it takes grows with the square."""
_LATIN = re.compile(r"LATIN (?:SMALL|CAPITAL) (?:LETTER|LIGATURE)")
_TURNS = re.compile(r"\s*\b(?:to|auf)\s*")
_STARTS = frozenset({"from", "von"})


@dataclass(frozen=True)
class Reading:
    """A text taken apart: `unnamed` has a `MARK` for each of `names`; `digits` also has its numbers in digits.

    The places of `dated` and `figures` are those in `digits`.
    """

    unnamed: str
    names: tuple[str, ...]
    digits: str
    dated: Dated
    read: Read


def read_text(text: str, facts: Facts, language: Language) -> Reading:
    """Find the names, dates and figures of a text that holds neither `MARK` nor `UNREADABLE`."""
    unnamed, names = take_names(unicodedata.normalize("NFC", text), facts.names)
    digits = in_digits(unnamed, language)
    dated = take_dates(digits, facts.dates, facts.names, language)
    return Reading(unnamed, names, digits, dated, read_figures(dated.rest, language))


def problems(text: str, facts: Facts, language: Language) -> tuple[str, ...]:
    """Why a text may not be told; nothing where every number, date and name in it is one of the facts."""
    if len(text) > MOST_CHARACTERS:
        return ("it is too long",)
    if MARK in text or UNREADABLE in text:
        return ("it holds characters that mean nothing",)
    reading = read_text(text, facts, language)
    figures = reading.read.figures
    found = [
        *_odd_characters(reading.unnamed),
        *unknown_names(_without_dates(reading), language),
        *(f"the evidence knows no date “{each.written}”" for each in reading.dated.dates if not each.days),
        *(f"“{each.replace(MARK, '…')}” is no number that can be checked" for each in reading.read.unreadable),
        *(f"“{each.written}” is no number of the evidence" for each in figures if not keys_of(each, facts)),
        *_turned(reading.dated.rest, figures, facts),
    ]
    return tuple(dict.fromkeys(found))


def _without_dates(reading: Reading) -> str:
    """The text with its dates in small letters: names of months and days are capitals too."""
    text = reading.unnamed
    for each in reading.dated.dates:
        text = text.replace(each.written, each.written.lower())
    return text


def _odd_characters(text: str) -> Iterator[str]:
    """Letters but of the Latin script, digits but ASCII's, signs that draw, hide or turn: none is needed."""
    for each in dict.fromkeys(text):
        ascii_digit = each.isascii() and each.isdigit()
        latin = each.isalpha() and bool(_LATIN.match(unicodedata.name(each, "")))
        if not (ascii_digit or latin or each in _SIGNS or each == MARK):
            yield f"the character U+{ord(each):04X} is not allowed"


def _turned(text: str, figures: tuple[Figure, ...], facts: Facts) -> Iterator[str]:
    """Of "from A to B" both numbers may be true, and the direction false."""
    for one, other in itertools.pairwise(figures):
        if not (one.before and one.before[-1] in _STARTS and _TURNS.fullmatch(_between(text, one, other))):
            continue
        first, last = value_of(one, facts), value_of(other, facts)
        said = {direction_of(word) for word in (*one.before, *other.after[:2])} - {""}
        if first is None or last is None or len(said) != 1:
            continue
        if ("up" in said) != (last > first):
            yield f"from “{one.written}” to “{other.written}” it did not go {said.pop()}"


def _between(text: str, one: Figure, other: Figure) -> str:
    """The words between two figures, without what stands in brackets or names a unit."""
    return re.sub(r"\([^)]*\)|\b(?!to\b|auf\b)\w+\b", "", text[one.end : other.start])
