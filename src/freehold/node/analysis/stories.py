"""How many of those who see the first story of a day stay until the later ones."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from freehold.node.analysis.findings import Answer, Evidence, Finding, Query, TooLittle, beside
from freehold.node.analysis.ranks import Median, median_of, rank_sum
from freehold.node.analysis.results import MINIMUM

HALF = 0.5
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


def retention_change(account_id: str, stories: Sequence[StoryResult], first: date, last: date) -> Answer:
    """Whether fewer or more people stay from story to story than before, as a candidate for `judge`.

    Each sequence counts with the share that stays at each step, on average: long sequences are no worse than short
    ones. Sequences are of the day on which they began; those from `first` to `last` are beside all earlier ones. Size
    is the usual share beside that of before.
    """
    told = [each for each in sequences(stories) if len(each) > 1 and each[0].reach > 0 and _day(each) <= last]
    sides = [[each for each in told if (_day(each) >= first) is inside] for inside in (False, True)]
    before, after = ([_step(each) for each in side] for side in sides)
    few = min(len(before), len(after))
    if few < MINIMUM:
        return TooLittle("story_retention", account_id, MINIMUM, few, "sequences of stories in either period")
    usual, now, tested = median_of(before), median_of(after), rank_sum(after, before)
    if usual.value <= 0:
        return TooLittle("story_retention", account_id, MINIMUM, 0, "sequences whose last story was seen")
    numbers = (("stays", now.value), ("stayed_before", usual.value), ("sequences_before", float(len(before))))
    query = Query("reach", ("story",), (("account", account_id),), _day(told[0]), last, "post")
    return Finding(
        kind="story_retention",
        subject=account_id,
        first=first,
        last=last,
        direction="up" if tested.beats > HALF else "down",
        size=beside(now, usual.value, usual.size),
        sample=len(after),
        chance=tested.chance,
        evidence=Evidence(query, sum(len(each) for each in told), numbers),
    )


def _day(sequence: Sequence[StoryResult]) -> date:
    return sequence[0].published_at.date()


def _step(sequence: Sequence[StoryResult]) -> float:
    """Of the people who see a story, the share that sees the next one, on average over a sequence."""
    share: float = (sequence[-1].reach / sequence[0].reach) ** (1 / (len(sequence) - 1))
    return share


def _enough(values: Sequence[float]) -> Median | None:
    return median_of(values) if len(values) >= MINIMUM else None
