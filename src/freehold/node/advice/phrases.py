"""The form in which a language has its words for advice; `english` and `german` hold them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrase:
    """One kind of advice. What stands in braces is a number, a date, a name or a label of the evidence."""

    title: str
    action: str
    why: str


@dataclass(frozen=True)
class Words:
    """A language: phrases by kind and direction, labels of metrics and groups of posts, and what is said of any advice.

    `of_campaign` follows a title, and `place` tells where an ad runs: ads of different campaigns often have one name.
    `expected` is by what a forecast is measured, `zone` says whose hours are told. `same`, `more`, `less` and `times`
    tell a ratio; `{}` is its number.
    """

    phrases: Mapping[str, Phrase]
    metrics: Mapping[str, str]
    groups: Mapping[str, str]
    expected: Mapping[str, str]
    of_campaign: str
    place: str
    driver: str
    zone: str
    more: str
    less: str
    times: str
    same: str
    quotes: tuple[str, str]
    day: str
