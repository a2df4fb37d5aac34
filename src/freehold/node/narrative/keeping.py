"""What a rewording has to keep of its draft: which figures it tells, in which order, of what, and in which direction.

True numbers make a false statement where they change places. So a rewording tells figures, dates and names of its
draft alone, in their order, each beside one of the words that stand beside it there; it may leave some out. Beside
that it claims nothing: no other direction, denial, time or superlative, and no word that may be another name.
"""

import itertools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from freehold.node.narrative.checking import Reading, problems, read_text
from freehold.node.narrative.directions import DOWN, NEGATIONS, UP, nearest
from freehold.node.narrative.facts import Draft, Facts, Language
from freehold.node.narrative.figures import Figure
from freehold.node.narrative.named import KNOWN, MARK
from freehold.node.narrative.resolving import keys_of
from freehold.node.narrative.vocabulary import WORDS, words_of

TITLE_LENGTH = 200
_KEEPING = WORDS["keeping"]
_TIMES, _CLAIMS = words_of(_KEEPING["times"]), words_of(_KEEPING["claims"])
_MEASURES = words_of(_KEEPING["measures"])
_BESIDE = words_of(_KEEPING["beside"]) | UP | DOWN | NEGATIONS
_OPENERS, _NOUNS = words_of(_KEEPING["openers"]), words_of(_KEEPING["nouns"])
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_OTHER_WORDS = re.compile(r"[^\W\d_]{5,}|[.;]")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_NEAR = 4
_TELLING = 4
"""Words of as many letters tell what a figure is of; shorter ones join words."""
_STEM = 5
_LONGER = 2.0
_AT_LEAST = 200


@dataclass(frozen=True)
class _Token:
    """A figure, date or name in its place; two are the same where they share one of `means`."""

    place: int
    written: str
    means: frozenset[object]
    figure: Figure | None = None
    days: bool = False


def departures(draft: Draft, title: str, text: str, language: Language) -> tuple[str, ...]:
    """Why this title and text may not stand for the draft's; nothing where they tell the same or less."""
    wrong = tuple(_shape(draft, title, text)) or problems(f"{title}\n{text}", draft.facts, language)
    if wrong:
        return wrong
    found: list[str] = []
    template = f"{draft.title}\n{draft.text}"
    old = read_text(template, draft.facts, language)
    whole = _tokens(old, draft.facts)
    body = [token for token in whole if token.place > old.digits.index("\n")]
    for part, places in ((title, (whole, body)), (text, (body, whole))):
        found += _part(old, places, read_text(part, draft.facts, language), draft.facts, language)
    found += _claims(_words(old.unnamed), _words(f"{read_text(title + chr(10) + text, draft.facts, language).unnamed}"))
    return tuple(dict.fromkeys(found))


def _shape(draft: Draft, title: str, text: str) -> Iterator[str]:
    if not title.strip() or "\n" in title or len(title) > TITLE_LENGTH:
        yield f"the title is not one line of at most {TITLE_LENGTH} characters"
    if not text.strip() or len(text) > max(_AT_LEAST, _LONGER * len(draft.text)):
        yield "the text is empty or much longer than the draft's"


def _part(
    old: Reading, places: Sequence[Sequence[_Token]], new: Reading, facts: Facts, language: Language
) -> Iterator[str]:
    """What a title or a text changes of a draft; its figures may stand in one of these `places`, the likelier first."""
    tokens, was = _tokens(new, facts), max(places, key=len)
    pairs = max((_in_order(each, tokens) for each in places), key=len)
    if len(pairs) < len(tokens):
        missing = tokens[len(pairs)].written
        yield f"“{missing}” is not told in the draft at that place: keep figures, dates and names in their order"
        return
    for before, after in pairs:
        yield from _beside(before, after)
    yield from _strange_neighbours(old, [after.figure for _, after in pairs if after.figure is not None])
    yield from _half_periods(old, was, {id(before) for before, _ in pairs})
    yield from _company(old, new, was, pairs)
    yield from _strangers(old, new, language)


def _tokens(reading: Reading, facts: Facts) -> list[_Token]:
    """Figures, dates and names of a text, in their order."""
    places = [place for place, each in enumerate(reading.digits) if each == MARK]
    found = [_Token(at, name, frozenset({name})) for at, name in zip(places, reading.names, strict=True)]
    found += [_Token(each.start, each.written, frozenset(each.days), days=True) for each in reading.dated.dates]
    found += [_Token(each.start, each.written, frozenset(keys_of(each, facts)), each) for each in reading.read.figures]
    return sorted(found, key=lambda token: token.place)


def _in_order(was: Sequence[_Token], tokens: Sequence[_Token]) -> list[tuple[_Token, _Token]]:
    """Each token of a rewording with its own of the draft, up to the first that has none left."""
    pairs, at = [], 0
    for token in tokens:
        while at < len(was) and not was[at].means & token.means:
            at += 1
        if at == len(was):
            break
        pairs.append((was[at], token))
        at += 1
    return pairs


def _beside(before: _Token, after: _Token) -> Iterator[str]:
    """Whether a figure still stands beside one of its words, and goes in the same direction."""
    if before.figure is None or after.figure is None:
        return
    old, new = before.figure, after.figure
    if not _neighbours(old) & _neighbours(new) and (_neighbours(old) or _neighbours(new)):
        yield f"“{after.written}” stands beside other words than in the draft: keep the word before or after it"
    said, says = (nearest(each.before, each.after, _NEAR) for each in (old, new))
    if said and says and said != says:
        yield f"“{after.written}” goes {says}, and in the draft {said}"


def _strange_neighbours(old: Reading, figures: Sequence[Figure]) -> Iterator[str]:
    """Words beside a figure that the draft does not have: they may say that it is a figure of something else."""
    was = _words(old.unnamed)
    stems = {word[:_STEM] for word in was}
    for figure in figures:
        for word in (*figure.before[-2:], *figure.after[:3]):
            if len(word) >= _TELLING and word not in was | _BESIDE and word[:_STEM] not in stems:
                yield f"“{word}” beside “{figure.written}” is no word of the draft"


def _half_periods(old: Reading, was: Sequence[_Token], kept: Collection[int]) -> Iterator[str]:
    """Periods of which one end alone is told."""
    for one, other in itertools.pairwise(was):
        between = old.digits[one.place + len(one.written) : other.place]
        if one.days and other.days and not _OTHER_WORDS.search(between) and (id(one) in kept) != (id(other) in kept):
            yield f"of “{one.written}” and “{other.written}” one is told without the other"


def _neighbours(figure: Figure) -> frozenset[str]:
    return frozenset((*figure.before[-1:], *figure.after[:1]))


def _company(
    old: Reading, new: Reading, was: Sequence[_Token], pairs: Sequence[tuple[_Token, _Token]]
) -> Iterator[str]:
    """Words that stand with other figures than before: "likes rose from 1 to 2, saves from 3 to 4" turned round."""
    olds = {id(each): place for place, each in enumerate(was)}
    news = {id(after): olds[id(before)] for before, after in pairs}
    before, now = _companions(old, was, olds), _companions(new, [after for _, after in pairs], news)
    for word, figures in now.items():
        alone = not isinstance(word, str) and not before.get(word)
        if figures and ((before.get(word) and not figures & before[word]) or alone):
            yield f"“{word if isinstance(word, str) else 'a name or date'}” stands with other figures than in the draft"


def _companions(reading: Reading, tokens: Sequence[_Token], places: Mapping[int, int]) -> dict[object, set[int]]:
    """For each telling word, name and date: which figures stand next to it in its sentence, of those with a place."""
    found: dict[object, set[int]] = {}
    figures = [token for token in tokens if token.figure is not None and id(token) in places]
    for start, end in _sentences(reading.digits):
        inside = [token for token in figures if start <= token.place < end]
        said = [(each.start() + start, each.group().lower()) for each in _WORD.finditer(reading.digits[start:end])]
        telling = [(place, word) for place, word in said if len(word) >= _TELLING and word not in UP | DOWN]
        others = [token for token in tokens if token.figure is None and start <= token.place < end]
        for place, word in (*telling, *((token.place, token.means) for token in others)):
            before = [token for token in inside if token.place < place][-1:]
            after = [token for token in inside if token.place > place][:1]
            found.setdefault(word, set()).update(places[id(token)] for token in (*before, *after))
    return found


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for found in _SENTENCE.finditer(text):
        yield at, found.start()
        at = found.end()
    yield at, len(text)


def _words(text: str) -> frozenset[str]:
    return frozenset(each.group().lower().replace("\u2019", "'") for each in _WORD.finditer(text))


def _claims(was: frozenset[str], now: frozenset[str]) -> Iterator[str]:
    """Directions, times, measures and superlatives that the draft does not have, and denials that it has or has not."""
    for sort in (_TIMES, _CLAIMS, _MEASURES):
        for word in sorted(now & sort - was):
            if not any(word[:_STEM] == other[:_STEM] for other in was & sort):
                yield f"“{word}” is not said in the draft"
    for direction, words in (("up", UP), ("down", DOWN)):
        if now & words and not was & words:
            yield f"the draft does not say that anything went {direction}"
    if bool(now & NEGATIONS) != bool(was & NEGATIONS):
        yield "the draft denies something, or does not: keep that"


def _strangers(old: Reading, new: Reading, language: Language) -> Iterator[str]:
    """Capitalised words that may be names: in German all but those of the draft and plain nouns."""
    was = {word.lower() for word in _WORD.findall(old.unnamed)}
    stems = {word[:_STEM] for word in was if len(word) >= _STEM}
    told = " ".join(each.written for each in new.dated.dates)
    for word in _WORD.findall(new.unnamed):
        low = word.lower()
        plain = low in was or low in told.lower() or word in KNOWN or (len(low) > _STEM and low[:_STEM] in stems)
        known = word in _NOUNS if language == "de" else low in _OPENERS
        if word[0].isupper() and not plain and not known and _stands(word, new):
            yield f"“{word}” may be a name, and is none of the draft"


def _stands(word: str, reading: Reading) -> bool:
    """Whether a word stands in the text with its numbers in digits, too: else it is part of a number."""
    return word in reading.digits
