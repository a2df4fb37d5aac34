"""Names that no model is told: it words a draft in which each name and hashtag is a pseudonym.

What people and competitors called accounts, campaigns, ads and hashtags may name a person, or hold instructions. So it
does not leave the node; the names are put back into the model's words, which are checked with them once more.
"""

import dataclasses
import re
from string import ascii_uppercase
from typing import Final

from freehold.node.narrative.facts import Draft
from freehold.node.narrative.named import rename

_PSEUDONYM: Final = re.compile(r"NAME_[A-Z]+")


def disguised(draft: Draft) -> Draft:
    """The draft with a pseudonym for each name in its title and text, and no name among its facts."""
    known = _pseudonyms(draft)
    facts = dataclasses.replace(draft.facts, names=tuple(known.values()))
    return dataclasses.replace(draft, title=rename(draft.title, known), text=rename(draft.text, known), facts=facts)


def undisguised(said: str, draft: Draft) -> str:
    """What a model said of a disguised `draft` with its names; a pseudonym of nobody stays one."""
    names = {pseudonym: name for name, pseudonym in _pseudonyms(draft).items()}
    return _PSEUDONYM.sub(lambda found: names.get(found.group(), found.group()), said)


def _pseudonyms(draft: Draft) -> dict[str, str]:
    """By name: NAME_A, NAME_B and so on, NAME_AA after NAME_Z; letters alone, as a digit would be a figure."""
    return {name: f"NAME_{_letters(place)}" for place, name in enumerate(draft.facts.names)}


def _letters(place: int) -> str:
    rest, last = divmod(place, len(ascii_uppercase))
    return (_letters(rest - 1) if rest else "") + ascii_uppercase[last]
