"""Dates in a text, English and German: which days, months and years are told, and whether the evidence knows them."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from freehold.node.narrative.vocabulary import WORDS, table_of, words_of

_DATES = WORDS["dates"]
_MONTHS: dict[str, int] = table_of(_DATES["english"], 1) | table_of(_DATES["german"], 1) | _DATES["short"]
_WEEKDAYS = {word: day for words in _DATES["weekdays"] for word, day in table_of(words, 0).items()} | {"sonnabend": 5}
_MONTH = r"(?:{})\b\.?".format("|".join(sorted((word.capitalize() for word in _MONTHS), key=len, reverse=True)))
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|\.)?"
_YEAR = r"(?:19|20)\d\d"
_TO = r"\s?(?:[-\u2011\u2013\u2014]|to|until|through|and|bis|und)\s?"
_EDGE, _END = r"(?<![\w.,:/])", r"(?![\w/]|[.,:]\d)"
_AND_THEN = (
    r"(?=\s?(?:[.,;:!?)\u2013-]|$|(?:and|to|until|through|was|had|were|is|on|it|its|the|your|und|bis|war|hatte)\b))"
)
"""What may follow a day or year: in "in March 5 posts" the five is none."""
_PREPOSITION = "(?:{})".format(
    "|".join(
        f"(?<=\\b{word} )"
        for word in ("in", "In", "of", "since", "Since", "from", "until", "im", "Im", "Jahr", "seit", "Seit", "bis")
    )
)
_SHAPES = tuple(
    re.compile(_EDGE + shape + _END)
    for shape in (
        rf"(?P<year>{_YEAR})-(?P<month>\d\d)-(?P<day>\d\d)",
        rf"(?P<day>\d?\d)\.\s?(?P<month>\d?\d)\.\s?(?P<year>{_YEAR})",
        rf"(?P<first>{_DAY}){_TO}(?P<day>{_DAY})\s(?:of\s)?(?P<name>{_MONTH})(?:,?\s(?P<year>{_YEAR}))?",
        rf"(?P<name>{_MONTH})\s(?P<first>{_DAY}){_TO}(?P<day>{_DAY})(?:,?\s(?P<year>{_YEAR}))?",
        rf"(?P<day>{_DAY})\s(?:of\s)?(?P<name>{_MONTH})(?:,?\s(?P<year>{_YEAR}))?",
        rf"(?P<name>{_MONTH})\s(?P<day>{_DAY}),?\s(?P<year>{_YEAR})",
        rf"(?P<name>{_MONTH})\s(?P<day>{_DAY}){_AND_THEN}",
        rf"(?P<name>{_MONTH})\s(?P<year>{_YEAR})",
        rf"{_PREPOSITION}(?P<name>{_MONTH})",
        rf"(?P<name>(?!May\b|Mai\b|March\b|Mar\b|Jan\b|Jun\b){_MONTH})",
        rf"{_PREPOSITION}(?P<year>{_YEAR}){_AND_THEN}",
    )
)
_WITHOUT_YEAR = re.compile(r"(?<![\w.,:/])(?P<day>\d?\d)\.\s?(?P<month>\d?\d)\.(?![\w/]|[.,:]\d)")
"""A German date; in English it is a number at the end of a sentence."""
_DAYS = {*_WEEKDAYS, *(word.capitalize() for word in _WEEKDAYS)} - words_of(_DATES["words_too"])
_WEEKDAY = re.compile(rf"(?<!\w)({'|'.join(sorted(_DAYS, key=len, reverse=True))})s?\b")


@dataclass(frozen=True)
class ToldDate:
    """A date as it is written in a text, where, and the days of the evidence that it may be, if any."""

    start: int
    written: str
    days: frozenset[date]


@dataclass(frozen=True)
class Dated:
    """The dates of a text in their order, and the text with blanks in their places."""

    rest: str
    dates: tuple[ToldDate, ...]


def take_dates(text: str, known: Collection[date], names: Collection[str], language: str) -> Dated:
    """Find every date of a text. A weekday may be a name of the evidence: it then stands for the days of its name."""
    told: list[ToldDate] = []
    for shape in (*_SHAPES[:2], *((_WITHOUT_YEAR,) if language == "de" else ()), *_SHAPES[2:]):
        told += [
            ToldDate(found.start(), found.group(), _days(found.groupdict(), known)) for found in shape.finditer(text)
        ]
        text = shape.sub(lambda found: " " * len(found.group()), text)
    named = {_WEEKDAYS[each.group(1).lower()] for name in names for each in _WEEKDAY.finditer(name)}
    for found in _WEEKDAY.finditer(text):
        weekday = _WEEKDAYS[found.group(1).lower()]
        days = {each for each in known if each.weekday() == weekday}
        days |= {date.fromordinal(weekday + 1)} if weekday in named else set()
        told.append(ToldDate(found.start(), found.group(), frozenset(days)))
    rest = _WEEKDAY.sub(lambda found: " " * len(found.group()), text)
    return Dated(rest, tuple(sorted(told, key=lambda each: each.start)))


def _days(parts: dict[str, str | None], known: Collection[date]) -> frozenset[date]:
    """Days of the evidence that a date may be; none as well where the first day of a range is none of them."""
    year, first, month = parts.get("year"), parts.get("first"), _month(parts)
    if first is not None and not _among(known, year, month, first):
        return frozenset()
    return _among(known, year, month, parts.get("day"))


def _month(parts: dict[str, str | None]) -> int | None:
    name, number = parts.get("name"), parts.get("month")
    if name:
        return _MONTHS[name.rstrip(".").lower()]
    return int(number) if number else None


def _among(known: Collection[date], year: str | None, month: int | None, day: str | None) -> frozenset[date]:
    """The days of the evidence that have this year, month and day, as far as they are told."""
    number = int(re.sub(r"\D", "", day)) if day else None
    return frozenset(
        each
        for each in known
        if (year is None or each.year == int(year))
        and (month is None or each.month == month)
        and (number is None or each.day == number)
    )
