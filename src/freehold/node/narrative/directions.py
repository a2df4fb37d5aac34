"""Which words of a text say that something became more or less, in English and German."""

from collections.abc import Sequence
from typing import Literal

from freehold.node.narrative.vocabulary import WORDS, words_of

Direction = Literal["up", "down", ""]

UP, DOWN = words_of(WORDS["directions"]["up"]), words_of(WORDS["directions"]["down"])
NEGATIONS = words_of(WORDS["directions"]["not"])


def direction_of(word: str) -> Direction:
    """What one word in small letters says."""
    return "up" if word in UP else "down" if word in DOWN else ""


def nearest(before: Sequence[str], after: Sequence[str], reach: int) -> Direction:
    """What the word nearest to a place says, within `reach` words; what stands before it counts first."""
    for distance in range(1, reach + 1):
        for word in (before[-distance : len(before) - distance + 1], after[distance - 1 : distance]):
            said = direction_of(word[0]) if word else ""
            if said:
                return said
    return ""
