"""Posts with the one number that they are judged by, and how that compares with the account's own usual."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

MINIMUM = 8
"""Below so many posts nothing is said about a group of them."""
RIPE_AFTER = timedelta(days=3)
"""A younger post has not gathered most of what it will, and would look weak beside the others."""


@dataclass(frozen=True)
class Result:
    """A post, and what it reached by one metric. `published_at` is in the time zone in which hours are counted."""

    post_id: str
    published_at: datetime
    format: str
    value: float
    caption: str = ""


@dataclass(frozen=True)
class Relative:
    """A result beside the usual one; `ratio` is 1.0 for a post that did as posts like it usually do."""

    result: Result
    usual: float
    ratio: float


@dataclass(frozen=True)
class Judged:
    """Results that can be compared, and how many cannot and why."""

    relative: tuple[Relative, ...]
    unripe: int = 0
    without_usual: int = 0


def format_of(media_type: str, product_type: str) -> str:
    """What people call a post of Meta's media and product types: reel, carousel, image, video or story."""
    if product_type in {"REELS", "STORY"}:
        return {"REELS": "reel", "STORY": "story"}[product_type]
    return {"CAROUSEL_ALBUM": "carousel", "IMAGE": "image", "VIDEO": "video"}.get(media_type, media_type.lower())


def ripe(results: Iterable[Result], now: datetime) -> list[Result]:
    """The results of posts that are old enough to be judged."""
    return [result for result in results if now - result.published_at >= RIPE_AFTER]


def beside_all(results: Sequence[Result], now: datetime) -> Judged:
    """Each ripe result beside the median of all: what formats are compared by."""
    old = ripe(results, now)
    usual = median(result.value for result in old) if len(old) >= MINIMUM else 0.0
    return _judged(old, {result.format: usual for result in old}, len(results) - len(old))


def beside_format(results: Sequence[Result], now: datetime) -> Judged:
    """Each ripe result beside the median of its own format: what hours and words are compared by.

    A format that is mostly posted on one weekday would otherwise make that weekday look good or bad. Formats of fewer
    than `MINIMUM` posts, or whose usual result is zero, have nothing to be compared with.
    """
    old, by_format = ripe(results, now), defaultdict(list)
    for result in old:
        by_format[result.format].append(result.value)
    usual = {name: median(values) if len(values) >= MINIMUM else 0.0 for name, values in by_format.items()}
    return _judged(old, usual, len(results) - len(old))


def best(judged: Judged, count: int) -> list[Relative]:
    """The results furthest above what is usual for their format; the newest first among equals."""
    ordered = sorted(judged.relative, key=lambda each: each.result.published_at, reverse=True)
    return sorted(ordered, key=lambda each: each.ratio, reverse=True)[:count]


def _judged(results: Sequence[Result], usual: Mapping[str, float], unripe: int) -> Judged:
    relative = tuple(
        Relative(result, usual[result.format], result.value / usual[result.format])
        for result in results
        if usual[result.format] > 0
    )
    return Judged(relative, unripe, len(results) - len(relative))
