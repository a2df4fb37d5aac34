"""What posts can be grouped by: when they were published, what they are, and how their caption is written."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from freehold.node.analysis.results import Result

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FOLD = 125
"""So many characters of a caption are shown before "more"."""
FEW_HASHTAGS = 3

_HASHTAG = re.compile(r"#\w+")


@dataclass(frozen=True)
class Feature:
    """One way of grouping posts; `of` gives the name of a post's group."""

    name: str
    of: Callable[[Result], str]


def weekday(result: Result) -> str:
    """The day of the week on which a post was published."""
    return WEEKDAYS[result.published_at.weekday()]


def hours(result: Result, length: int) -> str:
    """The part of the day in which a post was published: `18:00-21:00` for a length of 3 hours."""
    first = result.published_at.hour // length * length
    return f"{first:02}:00-{first + length:02}:00"


def caption_length(result: Result) -> str:
    """Whether all of the caption is seen at once."""
    if not result.caption.strip():
        return "no caption"
    return f"up to {FOLD} characters" if len(result.caption) <= FOLD else f"more than {FOLD} characters"


def hashtags(result: Result) -> str:
    """How many hashtags stand in the caption."""
    count = len(_HASHTAG.findall(result.caption))
    if count == 0:
        return "no hashtags"
    return f"1 to {FEW_HASHTAGS} hashtags" if count <= FEW_HASHTAGS else f"more than {FEW_HASHTAGS} hashtags"


def hashtags_of(result: Result) -> frozenset[str]:
    """The hashtags of a caption, in small letters, each with its #."""
    return frozenset(each.casefold() for each in _HASHTAG.findall(result.caption))


def question(result: Result) -> str:
    """Whether the caption asks something."""
    return "asks a question" if "?" in result.caption else "asks no question"


FORMAT = Feature("format", lambda result: result.format)
WORDING = (
    Feature("caption_length", caption_length),
    Feature("hashtags", hashtags),
    Feature("question", question),
)


def timing(length: int) -> tuple[Feature, ...]:
    """Weekday, hours, and both together, for parts of the day of `length` hours."""
    return (
        Feature("weekday", weekday),
        Feature("hours", lambda result: hours(result, length)),
        Feature("weekday_and_hours", lambda result: f"{weekday(result)} {hours(result, length)}"),
    )
