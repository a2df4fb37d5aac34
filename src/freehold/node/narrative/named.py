"""Names in a text: those of the evidence are taken out, and what looks like another one is told."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from freehold.node.narrative.spelled import in_digits
from freehold.node.narrative.vocabulary import WORDS, words_of

MARK = "\ue000"
"""Stands where a name was."""
_OPEN, _SHUT = '"\u201c\u201d\u201e\u201f\u00ab\u00bb', '"\u201c\u201d\u00ab\u00bb'
"""Quotation marks. What opens in one language shuts in another."""
_QUOTED = re.compile(rf"[{_OPEN}]([^{_OPEN}\n]*)[{_SHUT}]|\u2018([^\u2018\u2019\n]*)\u2019")
_LINK = re.compile(r"[a-z][a-z0-9+.-]*://|\bwww\.|\bmailto:|[^\W\d_]\.[^\W\d_]{2,}|\[[^\]]*\]\(", re.IGNORECASE)
_CALLED = re.compile(r"(?<!\w)[@#][\w.]+")
_CAPITAL = re.compile(r"(?<![\w\ue000])[A-Z][^\W_]*(?:['\u2019-][^\W_]+)*")
_OPENS = re.compile(r"(?:^|[.!?:\u2026\n]|[.!?:][)\u201d\"\u2019])\s*[(\u201c\"\u2018\u2022\u2013-]*\s*$")
KNOWN = words_of(WORDS["names"]["known"])
"""Capitalised words that name nobody."""
_STATEMENTS = words_of(
    " ".join(
        (
            *WORDS["directions"].values(),
            *(WORDS["keeping"][each] for each in ("claims", "measures")),
            *(WORDS["figures"][each] for each in ("about", "over", "under")),
        )
    )
)
"""Words by which texts state something, in small letters as they stand in a sentence."""


def has_number(name: str) -> bool:
    """Whether a name holds a number, in digits or words: only quotation marks tell such a name from a statement."""
    return any(each.isnumeric() for each in name) or in_digits(name, "en") != name


def is_statement(name: str) -> bool:
    """Whether a name is made of words that state something, as a campaign called "not": it counts in quotes alone."""
    return all(each.lower() in _STATEMENTS for each in re.findall(r"[^\W\d_]+", name))


def take_names(text: str, names: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The text with a `MARK` for each name of the evidence, and the names in their order."""
    found: list[str] = []

    def mark(_written: str, name: str) -> str:
        found.append(name)
        return MARK

    return _each_name(text, names, mark), tuple(found)


def rename(text: str, names: Mapping[str, str]) -> str:
    """The text with what `names` has for each name of the evidence, in the quotation marks of the name."""
    return _each_name(text, names, lambda written, name: written.replace(name, names[name], 1))


def _each_name(text: str, names: Collection[str], instead: Callable[[str, str], str]) -> str:
    """The text with something instead of each name, given as it is written and without its quotation marks."""
    wanted = sorted({name for name in names if name.strip()}, key=lambda name: (-len(name), name))
    if not wanted:
        return text
    free = [
        name
        for name in wanted
        if not has_number(name) and not is_statement(name) and any(each.isalpha() for each in name)
    ]
    either = "|".join(map(re.escape, wanted))
    quoted = rf"[{_OPEN}\u2018](?P<name>{either})[.,]?[{_SHUT}\u2019]"
    plain = rf"(?<!\w)(?P<plain>{'|'.join(map(re.escape, free))})(?!\w)" if free else r"(?P<plain>(?!))"
    return re.sub(
        f"{quoted}|{plain}", lambda found: instead(found.group(), found.group("name") or found.group("plain")), text
    )


def unknown_names(text: str, language: str) -> Iterator[str]:
    """What looks like a name in a text without those of the evidence: links, handles, quotations, capitals in English.

    A German text gives nouns capitals, so that only a comparison with the template tells its names.
    """
    if _LINK.search(text):
        yield "it holds a link"
    for found in _CALLED.finditer(text):
        yield f"it names {found.group()}"
    for found in _QUOTED.finditer(text):
        said = found.group(1) or found.group(2) or ""
        if said.strip(f" .,{MARK}"):
            yield f"it quotes “{said}”"
    if language == "en":
        for found in _CAPITAL.finditer(text):
            if (
                found.group().removesuffix("s") not in KNOWN
                and found.group() not in KNOWN
                and not _OPENS.search(text[: found.start()])
            ):
                yield f"it names {found.group()}"
