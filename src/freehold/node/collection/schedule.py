"""When a post is to be read again: often while it is young, seldom later; and which pages hold those that are due.

A page costs one call whatever it holds, so posts that are due lie best side by side. Posts that are read together fall
due together; a page also takes along those beside it that would be due before half of their time, which keeps
neighbours in step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from freehold.node.store.instagram.queries import KnownPost

Steps = tuple[tuple[timedelta, timedelta], ...]
"""Up to which age a post is read again after how long; older ones never."""

DAY = timedelta(days=1)
EVER = timedelta(days=100_000)
INSIGHTS: Steps = (
    (DAY, timedelta(hours=1)),
    (30 * DAY, DAY),
    (365 * DAY, 7 * DAY),
    (EVER, 30 * DAY),
)
"""Hourly for a day, daily for a month, weekly for a year, then monthly."""
EXTRAS: Steps = (
    (7 * DAY, DAY),
    (30 * DAY, 3 * DAY),
    (365 * DAY, 90 * DAY),
)
"""Metrics that cost a call for each post are read less often, and not for ever."""
_SLACK = 0.25
_MOST_SLACK = timedelta(hours=6)
"""A run that starts a little earlier than the last one still finds due what that one read."""


@dataclass(frozen=True)
class Span:
    """Posts that one page holds: published from `since` to `until`, both included; `due` of them are due."""

    since: datetime
    until: datetime
    due: tuple[KnownPost, ...]


def is_due(published_at: datetime, read_at: datetime | None, now: datetime, steps: Steps, part: float = 1.0) -> bool:
    """Whether a post is to be read again; with a `part` of 0.5, whether half of the time to that has gone by."""
    every = next((every for until, every in steps if now - published_at < until), None)
    if every is None:
        return False
    return read_at is None or now - read_at >= (every - min(every * _SLACK, _MOST_SLACK)) * part


def spans(
    posts: Sequence[KnownPost], size: int, due: Callable[[KnownPost], bool], near: Callable[[KnownPost], bool]
) -> list[Span]:
    """The fewest pages of at most `size` posts that hold all that are `due`; `posts` are all, the newest first.

    Each page begins with a post that is due and ends with the last that is due or `near`.
    """
    found, place = [], 0
    while place < len(posts):
        if not due(posts[place]):
            place += 1
            continue
        page = posts[place : place + size]
        length = max(number for number, post in enumerate(page, 1) if due(post) or near(post))
        page = page[:length]
        found.append(Span(page[-1].published_at, page[0].published_at, tuple(filter(due, page))))
        place += length
    return found
