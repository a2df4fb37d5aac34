"""How many of those who see the first story of a day stay until the later ones."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from freehold.node.analysis.ranks import Median, median_of
from freehold.node.analysis.results import MINIMUM

GAP = timedelta(hours=6)
"""Stories further apart than this are seen by themselves, not one after the other."""


@dataclass(frozen=True)
class StoryResult:
    """A story and how many people saw it."""

    story_id: str
    published_at: datetime
    reach: float


@dataclass(frozen=True)
class Place:
    """The n-th story of a sequence, from 1: what share of the first one's people it reached, over many sequences.

    `share` is None where fewer than `MINIMUM` sequences are that long.
    """

    position: int
    sequences: int
    share: Median | None


@dataclass(frozen=True)
class Retention:
    """What is left of the people from story to story. `finished` is the share at the last story of each sequence."""

    stories: int
    sequences: int
    places: tuple[Place, ...]
    finished: Median | None


def sequences(stories: Sequence[StoryResult]) -> list[list[StoryResult]]:
    """Stories that were there to be seen one after the other, each sequence in its order."""
    found: list[list[StoryResult]] = []
    for story in sorted(stories, key=lambda each: (each.published_at, each.story_id)):
        if found and story.published_at - found[-1][-1].published_at <= GAP:
            found[-1].append(story)
        else:
            found.append([story])
    return found


def retention(stories: Sequence[StoryResult]) -> Retention:
    """The shares of all sequences of two stories and more whose first one reached anybody."""
    told = [each for each in sequences(stories) if len(each) > 1 and each[0].reach > 0]
    shares: dict[int, list[float]] = defaultdict(list)
    for sequence in told:
        for position, story in enumerate(sequence[1:], start=2):
            shares[position].append(story.reach / sequence[0].reach)
    ends = [sequence[-1].reach / sequence[0].reach for sequence in told]
    return Retention(
        stories=len(stories),
        sequences=len(told),
        places=tuple(Place(position, len(found), _enough(found)) for position, found in sorted(shares.items())),
        finished=_enough(ends),
    )


def _enough(values: Sequence[float]) -> Median | None:
    return median_of(values) if len(values) >= MINIMUM else None
