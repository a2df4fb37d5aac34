"""Posts and stories as sequences, newest first, that make an element only when it is looked at."""

from collections.abc import Sequence
from typing import overload

from freehold.sandbox.meta.world.instagram_feed import Feed, Line, count_until
from freehold.sandbox.meta.world.instagram_posts import STORY_SECONDS, Post, post_of


class Posts(Sequence[Post]):
    """The posts (or stories) numbered from `first` up to but not including `end`, newest first."""

    def __init__(self, feed: Feed, line: Line, first: int, end: int) -> None:
        self.feed, self.line = feed, line
        self.numbers = range(end - 1, first - 1, -1)

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> Post: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Post]: ...

    def __getitem__(self, index: int | slice) -> Post | Sequence[Post]:
        if isinstance(index, slice):
            return [post_of(self.feed, self.line, number) for number in self.numbers[index]]
        return post_of(self.feed, self.line, self.numbers[index])


def posts(feed: Feed, now: int, since: int | None = None, until: int | None = None) -> Posts:
    """The posts published by `now`, between `since` and `until` where given, ends included."""
    first = count_until(feed, "post", since - 1) if since is not None else 0
    end = count_until(feed, "post", min(now, until) if until is not None else now)
    return Posts(feed, "post", first, max(first, end))


def live_stories(feed: Feed, now: int) -> Posts:
    """The stories that have not expired by `now`."""
    return Posts(feed, "story", count_until(feed, "story", now - STORY_SECONDS), count_until(feed, "story", now))
