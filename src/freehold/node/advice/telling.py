"""Puts a basis into words of a language: numbers as people there write them, dates, and names in quotation marks."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from babel.dates import format_date
from babel.numbers import format_decimal

from freehold.node.advice.basis import Basis
from freehold.node.advice.english import ENGLISH
from freehold.node.advice.german import GERMAN
from freehold.node.advice.phrases import Words
from freehold.node.narrative.facts import Facts, Language
from freehold.node.narrative.resolving import MONEY
from freehold.providers.meta.money import exponent

WORDS: Final[dict[Language, Words]] = {"en": ENGLISH, "de": GERMAN}
SHARE: Final = "share"
"""The unit of a part of a whole, told in per cent of it."""
BLANK: Final = "\u00a0"
MOST_OF_A_NAME: Final = 70
"""Characters of a name that people gave."""
FEW = 10
TIMES = 3
"""From so many times on, a ratio is told as a factor."""
UNCHANGED = 0.0005
"""Ratios nearer to 1 are told as the same."""


@dataclass(frozen=True)
class Told:
    """Advice in a language, and everything that its text may tell."""

    title: str
    action: str
    why: str
    facts: Facts

    @property
    def text(self) -> str:
        """What to do, and why."""
        return f"{self.action} {self.why}"


def told(basis: Basis, language: Language) -> Told:
    """The words of the templates."""
    words = WORDS[language]
    phrase = words.phrases[basis.phrase]
    said = _said(basis, language)
    why = [
        words.place if "ad_set" in said else "",
        phrase.why,
        words.zone if basis.zone else "",
        words.driver if "driver" in said else "",
        words.expected.get(basis.expected, ""),
    ]
    return Told(
        title=(phrase.title + (words.of_campaign if "campaign" in said else "")).format_map(said),
        action=phrase.action.format_map(said),
        why=" ".join(part.format_map(said) for part in why if part),
        facts=Facts(
            numbers=dict(basis.numbers),
            units={name: "ratio" if unit == SHARE else unit for name, unit in basis.units.items()},
            dates=(basis.first, basis.last),
            names=tuple(dict.fromkeys([*_names(basis, words).values(), *_labels(basis, words), *_zones(basis)])),
        ),
    )


def written(number: float, unit: str, language: Language) -> str:
    """A number with its unit as people of the language write it; shares and changes as per cents."""
    words = WORDS[language]
    if unit.startswith(MONEY):
        currency = unit.removeprefix(MONEY)
        places = exponent(currency)
        amount = format_decimal(number / 10**places, "#,##0" + (f".{'0' * places}" if places else ""), language)
        return f"{amount}{BLANK}{currency}"
    if unit == SHARE:
        return _per_cent(100 * number, language)
    if unit != "ratio":
        return _count(number, language)
    if abs(number - 1) < UNCHANGED:
        return words.same
    if number >= TIMES:
        return words.times.format(format_decimal(number, "#,##0.0", language))
    return (words.more if number > 1 else words.less).format(_per_cent(100 * abs(number - 1), language))


def quoted(name: str, words: Words) -> str:
    """What people called something, in one line without quotation marks of its own."""
    begin, end = words.quotes
    return f"{begin}{clean(name)}{end}"


def clean(name: str) -> str:
    """A name as it may stand in a text: one line, no quotation mark, no sign that hides or turns, not too long."""
    shown = "".join(each if each.isprintable() and each not in _MARKS else " " for each in name)
    short = " ".join(shown.split())
    return short if len(short) <= MOST_OF_A_NAME else f"{short[: MOST_OF_A_NAME - 1].rstrip()}…"


_MARKS = frozenset("\"'\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb")


def _said(basis: Basis, language: Language) -> dict[str, str]:
    """Everything that phrases may have in braces."""
    words = WORDS[language]
    metric = words.metrics.get(basis.labels.get("metric", ""), basis.labels.get("metric", ""))
    group = basis.labels.get("group", "")
    known = words.groups.get(group, group)
    return {
        **{name: written(number, basis.units.get(name, "count"), language) for name, number in basis.numbers.items()},
        **{name: quoted(found, words) for name, found in _names(basis, words).items()},
        "zone": quoted(basis.zone, words),
        "first": _day(basis.first, language),
        "last": _day(basis.last, language),
        "metric": metric,
        "Metric": metric[:1].upper() + metric[1:],
        "group": known if _is_word(basis) and group in words.groups else quoted(_group(group, words), words),
    }


def _names(basis: Basis, words: Words) -> dict[str, str]:
    """What people called things. What drove a change may be a position or a format, which have names of their own."""
    return {name: clean(words.groups.get(found, found)) for name, found in basis.names.items()}


def _labels(basis: Basis, words: Words) -> list[str]:
    group = basis.labels.get("group", "")
    return [] if not group or (_is_word(basis) and group in words.groups) else [clean(_group(group, words))]


def _zones(basis: Basis) -> list[str]:
    return [basis.zone] if basis.zone else []


def _is_word(basis: Basis) -> bool:
    """Whether the group of posts stands in a sentence as a word, not as a name."""
    return basis.phrase.startswith("format.")


def _group(group: str, words: Words) -> str:
    """A group of posts in the language: `Monday 18:00-21:00` has two parts."""
    if group in words.groups:
        return words.groups[group]
    day, _, rest = group.partition(" ")
    return f"{words.groups[day]} {rest}" if rest and day in words.groups else group


def _day(day: date, language: Language) -> str:
    return format_date(day, WORDS[language].day, locale=language)


def _per_cent(percent: float, language: Language) -> str:
    return f"{format_decimal(percent, '#,##0' if percent >= FEW else '0.0', language)}{BLANK}%"


def _count(number: float, language: Language) -> str:
    """Whole from ten on; smaller ones with three digits that count."""
    if number == int(number) or abs(number) >= FEW:
        return str(format_decimal(number, "#,##0", language))
    return str(format_decimal(float(f"{number:.3g}"), "0.#####", language))
