"""Posts with the one number that they are judged by, and how that compares with the account's own usual."""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from statistics import median

MINIMUM = 8
"""Below so many posts nothing is said about a group of them."""
RIPE_AFTER = timedelta(days=3)
"""A younger post has not gathered most of what it will, and would look weak beside the others."""

AROUND = 8
"""So many posts before a post, and as many after it, say what was usual at its time."""


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
    """A result beside the usual one of its time; `ratio` is 1.0 for a post that did as those around it usually do."""

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
    """Each ripe result beside the median of the posts around it: what formats are compared by.

    Beside the median of half a year an account that grew would praise whatever it has begun to do lately.
    """
    old = ripe(results, now)
    return _judged(old, _usual(old), len(results) - len(old))


def beside_format(results: Sequence[Result], now: datetime, only: Container[str] | None = None) -> Judged:
    """Each ripe result, or those of some posts `only`, beside the median of posts of its format around it: what hours
    and words are compared by.

    A format that is mostly posted on one weekday would otherwise make that weekday look good or bad. Formats of fewer
    than `MINIMUM` posts, or whose usual result is zero, have nothing to be compared with.
    """
    old, by_format = ripe(results, now), defaultdict(list)
    for result in old:
        by_format[result.format].append(result)
    usual = {post_id: value for group in by_format.values() for post_id, value in _usual(group, only).items()}
    chosen = [result for result in old if only is None or result.post_id in only]
    return _judged(chosen, usual, len(results) - len(old))


def _usual(results: Sequence[Result], only: Container[str] | None = None) -> dict[str, float]:
    """For each post, or some `only`, what others around it in time reached; nothing where fewer than `MINIMUM`
    posts are there.

    Half of them lie before it and half after, so that growth cancels out. The first and the last posts have as many,
    but more on one side: there the line through them is followed to the post.
    """
    if len(results) < MINIMUM:
        return {}
    ordered = sorted(results, key=lambda each: (each.published_at, each.post_id))
    latest, found = max(0, len(ordered) - 2 * AROUND - 1), {}
    for place, result in enumerate(ordered):
        if only is not None and result.post_id not in only:
            continue
        first = min(max(0, place - AROUND), latest)
        around = ordered[first : first + 2 * AROUND + 1]
        del around[place - first]
        one_sided = first != place - AROUND or len(around) < 2 * AROUND
        found[result.post_id] = _line_at(result, around) if one_sided else median(each.value for each in around)
    return found


def _line_at(result: Result, around: Sequence[Result]) -> float:
    """The median line through posts (Theil and Sen) at the time of another one; 0.0 where it falls below."""
    times = [(each.published_at - result.published_at).total_seconds() for each in around]
    points = list(zip(times, (each.value for each in around), strict=True))
    slopes = [(high - low) / (late - early) for (early, low), (late, high) in combinations(points, 2) if late > early]
    slope = median(slopes) if slopes else 0.0
    return max(0.0, median(value - slope * time for time, value in points))


def best(judged: Judged, count: int) -> list[Relative]:
    """The results furthest above what is usual for their format; the newest first among equals."""
    ordered = sorted(judged.relative, key=lambda each: each.result.published_at, reverse=True)
    return sorted(ordered, key=lambda each: each.ratio, reverse=True)[:count]


def _judged(results: Sequence[Result], usual: dict[str, float], unripe: int) -> Judged:
    relative = tuple(
        Relative(result, usual[result.post_id], result.value / usual[result.post_id])
        for result in results
        if usual.get(result.post_id, 0.0) > 0
    )
    return Judged(relative, unripe, len(results) - len(relative))
