"""The numbers of a text as figures: value, how exactly it is told, and of what kind it is.

The text has no names and dates any more, and no numbers in words. Every digit has to belong to a figure; what does not
is unreadable, and so is a sign of a unit without a number.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from freehold.node.narrative.spelled import UNREADABLE
from freehold.node.narrative.vocabulary import WORDS, words_of

Kind = Literal["plain", "percent", "times", "factor", "money"]
About = Literal["", "about", "over", "under"]

SYMBOLS = {"€": "EUR", "£": "GBP", "¥": "JPY", "$": "$"}
"""What stands for a currency; the dollar sign for those of several countries."""
_FIGURE_WORDS = WORDS["figures"]
_MONEY_WORDS: dict[str, str] = _FIGURE_WORDS["money"]
_SCALES: dict[str, float] = _FIGURE_WORDS["scales"]
_BLANK = "[ \u00a0\u202f\u2009]"
_NUMBERS = {
    "en": r"(?:\d{1,3}(?:[,\u00a0\u202f\u2009 ]\d{3})+(?!\d)|\d+)(?:\.\d+)?",
    "de": r"(?:\d{1,3}(?:[.\u00a0\u202f\u2009 ]\d{3})+(?!\d)|\d+)(?:,\d+)?",
}
_CURRENCY = "|".join([re.escape(each) for each in SYMBOLS] + _FIGURE_WORDS["currencies"].split())
_WORDS_OF_MONEY = "|".join(sorted(_MONEY_WORDS, key=len, reverse=True))
_WORDS_OF_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_PER_CENT = rf"per{_BLANK}?cent\b|pct\b|prozent\b|percentage points?\b|prozentpunkte?n?\b|prozentig\w*"
_UNITS = "|".join([
    rf"{_BLANK}?(?P<percent>%)",
    rf"{_BLANK}?-?(?P<percents>(?i:{_PER_CENT}))",
    rf"{_BLANK}?-?(?P<times>(?i:times\b|mal\b))",
    rf"{_BLANK}?-?(?P<factor>(?i:x\b|\u00d7|fach\w*|fold\b))",
    rf"{_BLANK}?(?P<after>{_CURRENCY})(?!\w)",
    rf"{_BLANK}(?P<money>(?i:{_WORDS_OF_MONEY}))\b",
    r"(?P<rank>st|nd|rd|th)\b",
])  # fmt: skip
_FIGURES = {
    language: re.compile(
        rf"(?P<sign>(?<![\w)\]])[+\-\u2212±])?(?:(?P<before>{_CURRENCY}){_BLANK}?)?(?<![\w.,:/])(?P<number>{number})"
        rf"(?:{_BLANK}?(?P<scale>{_WORDS_OF_SCALE})\b\.?)?(?:{_UNITS})?(?![\w€£¥$%/]|[.,:'\u2019]\d)"
    )
    for language, number in _NUMBERS.items()
}
_RANGE = re.compile(r"\s?(?:[-\u2011\u2013\u2014]|to|and|or|bis|und|oder|auf)\s?")
_LONE_UNIT = re.compile(
    r"[%‰€£¥$]|\b(?:per ?cent|pct|prozent(?:punkte?n?)?|percentage points?|basis points?|bps)\b", re.IGNORECASE
)
_ABOUTS: dict[About, frozenset[str]] = {
    "about": words_of(_FIGURE_WORDS["about"]),
    "over": words_of(_FIGURE_WORDS["over"]),
    "under": words_of(_FIGURE_WORDS["under"]),
}
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_SENTENCE = re.compile(r"[.!?;]\s|\n")
CONTEXT = 6


@dataclass(frozen=True)
class Figure:
    """One number of a text: `value`, told to whole `step`s; `after` and `before` are the nearest words of its sentence.

    `currency` is a code, or "$"; `about` says that it is rounded further, and to which side.
    """

    written: str
    start: int
    end: int
    value: float
    step: float
    kind: Kind
    currency: str
    sign: Literal["", "+", "-"]
    about: About
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Read:
    """The figures of a text in their order, and what looks like a number and cannot be read."""

    figures: tuple[Figure, ...]
    unreadable: tuple[str, ...]


def read_figures(text: str, language: str) -> Read:
    """Every figure of a text whose names, dates and words of numbers were taken away before."""
    figures = _ranges(text, [_figure(text, found, language) for found in _FIGURES[language].finditer(text)])
    rest = list(text)
    for each in figures:
        rest[each.start : each.end] = " " * (each.end - each.start)
    left = "".join(rest)
    odd = [text[max(0, place - 12) : place + 12].strip() for place, each in enumerate(left) if each.isdigit()]
    odd += [found.group() for found in _LONE_UNIT.finditer(left)]
    odd += ["a number in words"] * text.count(UNREADABLE)
    for one, other in itertools.pairwise(figures):
        if not text[one.end : other.start].strip():
            odd.append(text[one.start : other.end])
    return Read(tuple(figures), tuple(odd))


def _figure(text: str, found: re.Match[str], language: str) -> Figure:
    number = found["number"]
    point = "," if language == "de" else "."
    whole, _, decimals = number.partition(point)
    scale = _SCALES[found["scale"]] if found["scale"] else 1.0
    value = float(re.sub(r"\D", "", whole) + "." + (decimals or "0")) * scale
    before, after = _around(text, found.start(), found.end())
    money = found["before"] or found["after"] or _MONEY_WORDS.get((found["money"] or "").lower(), "")
    kinds: dict[Kind, str | None] = {
        "money": money,
        "percent": found["percent"] or found["percents"],
        "times": found["times"],
        "factor": found["factor"],
    }
    return Figure(
        written=found.group().strip(),
        start=found.start(),
        end=found.end(),
        value=value,
        step=scale * 10.0 ** -len(decimals),
        kind=next((kind for kind, told in kinds.items() if told), "plain"),
        currency=SYMBOLS.get(money, money),
        sign="+" if found["sign"] == "+" else "-" if found["sign"] in {"-", "\u2212"} else "",
        about=_about(before),
        before=before,
        after=after,
    )


def _around(text: str, start: int, end: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The nearest words of the same sentence on both sides."""
    earlier, later = _SENTENCE.split(text[:start])[-1], _SENTENCE.split(text[end:])[0]
    return (
        tuple(word.lower() for word in _WORD.findall(earlier)[-CONTEXT:]),
        tuple(word.lower() for word in _WORD.findall(later)[:CONTEXT]),
    )


def _about(before: Sequence[str]) -> About:
    last = before[-1] if before else ""
    if last in {"than", "als"}:
        more = before[-2:-1]
        return "over" if more in {("more",), ("mehr",)} else "under" if more in {("less",), ("weniger",)} else ""
    return next((kind for kind, words in _ABOUTS.items() if last in words), "")


def _ranges(text: str, figures: list[Figure]) -> list[Figure]:
    """In "20 to 30 %" and "10-12 EUR" the first number is of the second's kind."""
    for place in range(len(figures) - 2, -1, -1):
        one, other = figures[place], figures[place + 1]
        if one.kind == "plain" and other.kind != "plain" and _RANGE.fullmatch(text[one.end : other.start]):
            figures[place] = replace(one, kind=other.kind, currency=other.currency)
    return figures
