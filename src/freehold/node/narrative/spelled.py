"""Numbers that are written in words, English and German, as digits: "twenty-five per cent" -> "25 per cent".

Both languages are read in every text: a model may mix them. What stands for a factor becomes "2.0x", a part
"0.50x". What is a number but no definite one ("thousands") becomes `UNREADABLE`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from freehold.node.narrative.vocabulary import WORDS, table_of, words_of

UNREADABLE = "\ue001"
"""Stands where a number is that cannot be read."""

_EN, _DE = WORDS["numbers"]["en"], WORDS["numbers"]["de"]
_BELOW_HUNDRED = table_of(_EN["ones"], 0) | {word: 10 * place for word, place in table_of(_EN["tens"], 2).items()}
_SCALES: dict[str, int] = _EN["scales"]
_SMALLEST_REGULAR = 4
"""From four on ordinals end in "th", and parts are called like ordinals."""
_ORDINALS: dict[str, int] = (
    {
        f"{word}th": value
        for word, value in _BELOW_HUNDRED.items()
        if value >= _SMALLEST_REGULAR and not word.endswith("y")
    }
    | {f"{word[:-1]}ieth": value for word, value in _BELOW_HUNDRED.items() if word.endswith("y")}
    | _EN["ordinals"]
)
_PARTS: dict[str, int] = {
    f"{word}{ending}": value for word, value in _ORDINALS.items() if value >= _SMALLEST_REGULAR for ending in ("", "s")
} | _EN["parts"]
_FACTORS = {word: said for said, words in WORDS["numbers"]["factors"].items() for word in words.split()}
_NO_NUMBERS = words_of(WORDS["numbers"]["unreadable"]["vague"] + " " + WORDS["numbers"]["unreadable"]["foreign"])
_PRONOUN_BEFORE, _PRONOUN_AFTER = words_of(_EN["pronoun_before"]), words_of(_EN["pronoun_after"])
_MOMENT_BEFORE = words_of(_EN["moment_before"])
_FUSED = re.compile(rf"(?:and|{'|'.join(sorted([*_BELOW_HUNDRED, *_SCALES], key=len, reverse=True))}){{2,}}")
"""Words of numbers without a blank between them."""
_ROMAN = re.compile(r"(?=[IVXLCDM]{2,}$)M*(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_NO_ROMAN = words_of(WORDS["numbers"]["unreadable"]["no_roman"])

_DE_ONES = table_of(_DE["below_thirteen"], 0)
_DE_BELOW_HUNDRED: dict[str, int] = (
    _DE_ONES
    | {"eins": 1, "zwo": 2}
    | _DE["teens"]
    | _DE["tens"]
    | {
        f"{one}und{ten}": value + tens
        for one, value in _DE_ONES.items()
        if 0 < value < 10  # noqa: PLR2004 - the ones
        for ten, tens in _DE["tens"].items()
    }
)
_ALL_SCALES: dict[str, int] = _SCALES | _DE["scales"]
_ARTICLES = words_of(_DE["articles"])
_BEFORE_ORDINALS = words_of(_DE["before_ordinals"])
_COUNTED = re.compile(r"per|percent|prozent(?:punkte?n?)?")
_DE_SHAPES: tuple[tuple[re.Pattern[str], Callable[[int], str]], ...] = (
    (re.compile(r"(.+)viertel"), lambda value: f"{value / 4:.2f}x"),
    (re.compile(r"(.+)einhalb"), lambda value: f"{value}.5"),
    (re.compile(r"(?:ver)?(.+?)fach(?:t|te|ten|e|en|er|es|em|ung)?"), lambda value: f"{value}.0x"),
    (re.compile(r"(.+?)mal(?:s|ig|ige|igen|iger|iges)?"), lambda value: f"{value} times"),
    (re.compile(r"(.+?)prozentig\w*"), lambda value: f"{value} %"),
    (re.compile(r"(.+?)(?:tägig|wöchig|monatig|jährig|stündig|minütig|stellig|teilig|köpfig)\w*"), str),
)
_DE_ORDINAL = re.compile(r"(.+?)s?te[rsnm]?")
_DE_RANK = re.compile(
    r"(zweit|dritt|viert|fünft|sechst|siebt|acht|neunt|zehnt)(?:größt|best|höchst|meist|stärkst|wichtigst)\w*"
)
_DE_ODD_ORDINALS: dict[str, int] = _DE["ordinals"]
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class _Word:
    """One word of a text, as it is written and in small letters."""

    start: int
    end: int
    written: str
    low: str


def in_digits(text: str, language: str) -> str:
    """The text with every number in words as digits, written as `language` writes them."""
    words = [
        _Word(each.start(), each.end(), each.group(), _plain(each.group().lower())) for each in _WORD.finditer(text)
    ]
    parts, at = [], 0
    for start, end, said in _numbers(text, words):
        parts += [text[at:start], _localised(said, language)]
        at = end
    return "".join([*parts, text[at:]])


def german(word: str) -> int | None:
    """The number that a German word of small letters is ("zweihundertdreiundzwanzig"), None for another word."""
    for scale, value in (("tausend", 1_000), ("hundert", 100)):
        left, found, right = word.partition(scale)
        if found:
            factor = 1 if not left else german(left)
            rest = 0 if not right else german(right.removeprefix("und"))
            return None if factor is None or rest is None else factor * value + rest
    return _DE_BELOW_HUNDRED.get(word)


def _plain(low: str) -> str:
    """A word without accents, and with umlauts where they are written as two letters."""
    for two, one in WORDS["numbers"]["spelling"].items():
        low = low.replace(two, one)
    if low.isascii():
        return low
    return "".join(each if each in "äöüß" else unicodedata.normalize("NFD", each)[0] for each in low)


def _localised(said: str, language: str) -> str:
    return said.replace(".", ",") if language == "de" else said


def _numbers(text: str, words: Sequence[_Word]) -> Iterator[tuple[int, int, str]]:
    """Where numbers stand in words, and what they are."""
    place = 0
    while place < len(words):
        length, said = _number_at(text, words, place)
        if length:
            yield words[place].start, words[place + length - 1].end, said
        place += length or 1


def _number_at(text: str, words: Sequence[_Word], place: int) -> tuple[int, str]:
    """How many words from `place` on are one number, and which; 0 words where none begins there."""
    length, value = _cardinal(text, words, place)
    if length:
        return _with_part(text, words, place, length, value)
    word = words[place]
    if _ROMAN.fullmatch(word.low.upper()) and word.low.upper() not in _NO_ROMAN:
        return 1, UNREADABLE
    if (
        word.low in _NO_NUMBERS
        or _FUSED.fullmatch(word.low)
        or (word.low in _ALL_SCALES and not _after_digits(text, word))
    ):
        return 1, UNREADABLE
    said = _single(word.low, words, place)
    return (1, said) if said else (0, "")


def _cardinal(text: str, words: Sequence[_Word], place: int) -> tuple[int, float]:
    """A cardinal number in English or German from `place` on: of how many words, and its value."""
    at, total, current, seen = place, 0.0, 0.0, False
    while at < len(words) and (at == place or _joined(text, words[at - 1], words[at])):
        low = words[at].low
        scale = _ALL_SCALES.get(low)
        small = _small(words, at, seen)
        if scale and (seen or (low in _SCALES and at == place and not _after_digits(text, words[at]))):
            if low in {"hundred", "dozen"}:
                current = (current or 1) * scale
            else:
                total, current = total + (current or 1) * scale, 0
        elif small is not None and (not seen or _fits(current, small) or (total and not current)):
            current += small
        elif not (low == "and" and seen and (total or current >= 100) and _continues(words, at)):  # noqa: PLR2004
            break
        at, seen = at + 1, True
    return (at - place, total + current) if seen else (0, 0.0)


def _small(words: Sequence[_Word], at: int, seen: bool) -> float | None:
    """What one word adds to a number, None where it is none; "one", "a" and "ein" are mostly no numbers."""
    low = words[at].low
    following = words[at + 1].low if at + 1 < len(words) else ""
    before = words[at - 1].low if at else ""
    counted = following in _ALL_SCALES or _COUNTED.fullmatch(following) is not None
    if low in {"a", "an"} or low in _ARTICLES:
        return 1.0 if counted and not seen else None
    if low == "one" and not seen and (before in _PRONOUN_BEFORE or following in _PRONOUN_AFTER):
        return None
    value = _BELOW_HUNDRED.get(low)
    return german(low) if value is None else value


def _fits(current: float, small: float) -> bool:
    """Whether a smaller number may follow: twenty-five and hundred five, but not five six."""
    if current == 0:
        return False
    return (current % 10 == 0 and small < 10 and current % 100 >= 20) or (current % 100 == 0 and small < 100)  # noqa: PLR2004


def _continues(words: Sequence[_Word], at: int) -> bool:
    return at + 1 < len(words) and words[at + 1].low in _BELOW_HUNDRED


def _joined(text: str, one: _Word, other: _Word) -> bool:
    """Whether nothing but a blank or a hyphen stands between two words."""
    return text[one.end : other.start] in {" ", "-", "\u2011", "\u00a0"}


def _after_digits(text: str, word: _Word) -> bool:
    return bool(re.search(r"\d[\s\u00a0\u202f-]*$", text[: word.start]))


def _with_part(text: str, words: Sequence[_Word], place: int, length: int, value: float) -> tuple[int, str]:
    """A cardinal with what follows it: "two thirds", "three and a half", "two point five", "five fold"."""
    rest = [each.low for each in words[place + length : place + length + 3]]
    joined = place + length < len(words) and _joined(text, words[place + length - 1], words[place + length])
    if not joined or not rest:
        return length, f"{value:g}" if value < 10**6 else f"{value:.0f}"
    part = _PARTS.get(rest[0]) or _german_part(rest[0])
    if part and value < part:
        return length + 1, f"{value / part:.2f}x"
    if rest[:3] == ["and", "a", "half"]:
        return length + 3, f"{value + 0.5:g}"
    if rest[0] in {"point", "komma"} and len(rest) > 1:
        digits = [each for each in rest[1:] if each in _BELOW_HUNDRED or german(each) is not None][:1]
        return (
            (length + 2, f"{value:g}.{_BELOW_HUNDRED.get(digits[0], german(digits[0]))}")
            if digits
            else (length, UNREADABLE)
        )
    if rest[0] == "fold":
        return length + 1, f"{value:.1f}x"
    return length, f"{value:g}" if value < 10**6 else f"{value:.0f}"


def _german_part(low: str) -> int | None:
    if low == "drittel":
        return 3
    for ending in ("stel", "tel"):
        if low.endswith(ending):
            return german(low.removesuffix(ending))
    return None


def _single(low: str, words: Sequence[_Word], place: int) -> str:
    """A word that is a number by itself, but no cardinal; empty for other words."""
    before = words[place - 1].low if place else ""
    following = words[place + 1].low if place + 1 < len(words) else ""
    if low in _PARTS and low != "halves" and (before in {"a", "an"} or following == "of") and low != "second":
        return f"{1 / _PARTS[low]:.2f}x"
    if low in _FACTORS:
        return str(_FACTORS[low])
    if low in _ORDINALS and not (low == "second" and before in _MOMENT_BEFORE):
        return str(_ORDINALS[low])
    if low.endswith("fold") and low[:-4] in _BELOW_HUNDRED:
        return f"{_BELOW_HUNDRED[low[:-4]]:.1f}x"
    return "" if low in {"achte", "achten"} and before not in _BEFORE_ORDINALS else _german_single(low)


def _german_single(low: str) -> str:
    """The same for German: factors, parts, ordinals, and numbers within longer words."""
    part = _german_part(low)
    if part:
        return f"{1 / part:.2f}x"
    rank = _DE_RANK.fullmatch(low)
    if rank:
        return str(_DE_ODD_ORDINALS[rank.group(1)])
    return next(_within(low), "") or _german_ordinal(low)


def _within(low: str) -> Iterator[str]:
    """A German number with what it is grown together with: "dreimal", "zweieinhalb", "zehnprozentig"."""
    for shape, said in _DE_SHAPES:
        found = shape.fullmatch(low)
        value = german(found.group(1)) if found else None
        if value is not None and low not in {"einmal", "einmalig"} and not low.startswith("einfach"):
            yield said(value)


def _german_ordinal(low: str) -> str:
    found = _DE_ORDINAL.fullmatch(low)
    if not found:
        return ""
    stem = found.group(1)
    value = _DE_ODD_ORDINALS.get(stem + "t") or _DE_ODD_ORDINALS.get(stem) or german(stem)
    return str(value) if value and value > 1 else ""
