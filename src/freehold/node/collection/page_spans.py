"""Which stretches of a page's posts are read: days never listed, and posts that are due again, in the fewest pages.

A post is due again as Instagram's posts are; how often runs come is another matter: the workflow of pages is daily.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from freehold.node.collection.schedule import INSIGHTS, is_due
from freehold.node.store.facebook.queries import KnownPost
from freehold.providers.meta import page_spec


@dataclass(frozen=True)
class Span:
    """The time from `since` to `until`, both included; None: until now."""

    since: datetime
    until: datetime | None = None

    def holds(self, instant: datetime) -> bool:
        """Whether the instant lies in it."""
        return self.since <= instant and (self.until is None or instant <= self.until)


def spans(unlisted: Iterable[Span], known: Sequence[KnownPost], now: datetime, *, present: bool) -> list[Span]:
    """The stretches to read, the newest first: those `unlisted`, and where `present` posts that are due again.

    Neighbours are joined where, by what is known, one page holds all of them.
    """
    wanted = [
        *unlisted,
        *(
            Span(post.published_at, post.published_at)
            for post in known
            if present and is_due(post.published_at, post.read_at, now, INSIGHTS)
        ),
    ]
    found: list[Span] = []
    for each in sorted(wanted, key=lambda span: (span.until or now, span.since), reverse=True):
        if found and found[-1].since <= each.since:
            continue
        joined = replace(found[-1], since=each.since) if found else each
        if found and sum(joined.holds(post.published_at) for post in known) <= page_spec.POSTS_PER_PAGE:
            found[-1] = joined
        else:
            found.append(each)
    return found
