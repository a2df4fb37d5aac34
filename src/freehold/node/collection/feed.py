"""Reading an account's list of posts, page by page, each page with the insights that all kinds of posts have.

One post that refuses its insights, or one metric that Meta has taken away, fails the page that asks for them. Then the
first post of the page tells whether a metric is gone from all; if none is, pages of half the size, and half of that,
lead to the post, and everything before it is kept on the way: 6 calls for a page of 50. What is from when the account
was no professional one has no insights, nor has anything older: that is remembered, and listed without from then on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from freehold.kernel.database import WriteSession
from freehold.node.collection.refusals import EVERY_KIND, Subject, about_a_metric, missing, read_metrics
from freehold.node.collection.source import Source
from freehold.node.governor import Priority
from freehold.node.runs.places import Place
from freehold.node.store.coverage.upserts import Coverage, save_coverage
from freehold.node.store.instagram.queries import KnownPost, feed
from freehold.node.store.instagram.upserts import (
    mark_gone,
    mark_read,
    save_feed,
    save_instagram_insights,
    save_post_insights,
    save_posts,
)
from freehold.providers.calls import JSON, Rejected
from freehold.providers.meta import graph, instagram, spec
from freehold.providers.meta.instagram import Insight, Post

NESTED_PAGE = 50
"""Posts of a page with insights: more are too much data for one call."""
PLAIN_PAGE = 100
"""Posts of a page without: as many as Meta gives."""
ENOUGH_APART = 3
"""After so many posts that fail their page, the insights of those that are left in the list are read one by one."""
EDGE = timedelta(seconds=1)
"""Meta does not say whether a list has what lies exactly on its ends: what is due is asked for wider."""
NOT_GIVEN = "Meta gave no value"

Found = list[tuple[Post, list[Insight]]]


@dataclass(frozen=True)
class Walk:
    """A list of posts to read: those published in a time (None: open), the newest first, with insights or without.

    `name` is the list's in this run, `part` what it is of the feed, `size` how many posts a page asks for. `reached`
    tells after a page whether the rest need not be read, `urgent` whether a post of this time comes before backfill,
    `due` whether a post counts for the calls that are needed at least. `never` is why its posts have no insights.
    """

    name: str
    part: Literal["new", "older", "due"]
    today: date
    since: datetime | None = None
    until: datetime | None = None
    nested: bool = True
    size: int = 0
    reached: Callable[[Sequence[Post]], bool] = lambda _posts: False
    urgent: Callable[[datetime], bool] = lambda _published_at: True
    due: Callable[[Post], bool] = lambda _post: True
    never: str = ""

    @property
    def page(self) -> int:
        """The posts of a page."""
        return NESTED_PAGE if self.nested else PLAIN_PAGE


@dataclass
class _Search:
    """What is known in a walk of posts that fail their page: `within` how many posts from here one is, and why."""

    within: int = 0
    error: Rejected | None = None
    asked_first: bool = False
    apart: int = 0
    newest: datetime | None = None
    oldest: datetime | None = None
    priority: Priority = Priority.SCHEDULED

    def refused(self, size: int, error: Rejected) -> None:
        """A page of so many posts was refused; the first of its posts is asked once what it is that is refused."""
        about_all = about_a_metric(error) and not self.asked_first
        self.asked_first = self.asked_first or about_all
        self.within, self.error = 1 if about_all else size, error

    def served(self, count: int) -> None:
        """So many posts were read."""
        self.within = max(0, self.within - count)


async def read_walk(source: Source, walk: Walk) -> bool:
    """Read a list; True when its end was reached, False when what is left has to be read otherwise or not at all.

    Raises `ProviderError` where a page is not given even without insights.
    """
    place = await source.place(walk.name)
    search = _Search(oldest=walk.until or source.run.started_at) if place.cursor is None else _Search()
    while not place.finished:
        most = place.page_size or walk.size or walk.page
        if search.within == 1:
            place = await _set_apart(source, walk, place, search)
            continue
        size = min(most, search.within // 2) if search.within else most
        metrics = _metrics(source, walk, search)
        try:
            found, after = await _page(source, walk, place, search, size, metrics)
        except Rejected as error:
            if error.reduce_data and size > 1:
                place = replace(place, page_size=size // 2)
            elif metrics:
                search.refused(size, error)
            else:
                raise
            continue
        search.served(len(found))
        place = await _keep(source, walk, replace(place, cursor=after, page_size=most), search, found, metrics)
    return place.cursor is None


def _metrics(source: Source, walk: Walk, search: _Search) -> tuple[str, ...]:
    """The metrics to ask of whole pages."""
    if not walk.nested or search.apart >= ENOUGH_APART:
        return ()
    return source.refusals.left(EVERY_KIND, spec.offered(spec.POST_METRICS, walk.today))


async def _page(
    source: Source, walk: Walk, place: Place, search: _Search, size: int, metrics: Sequence[str]
) -> tuple[Found, str | None]:
    edge = EDGE if walk.part == "due" else timedelta(0)
    call = instagram.posts_call(
        source.version,
        source.asset_id,
        limit=size,
        since=walk.since and walk.since - edge,
        until=walk.until and walk.until + edge,
        after=place.cursor,
        metrics=metrics,
    )

    def understand(answer: JSON) -> tuple[Found, str | None]:
        return instagram.read_posts(answer), graph.next_cursor(answer)

    return await source.read(call, understand, search.priority)


async def _keep(
    source: Source, walk: Walk, place: Place, search: _Search, found: Found, metrics: Sequence[str]
) -> Place:
    """Write a page with its insights and the place of the next; without metrics, each post's are then read apart."""
    posts = [post for post, _ in found]
    place = replace(place, finished=place.cursor is None or walk.reached(posts))
    begun, search.oldest = search.oldest, posts[-1].published_at if posts else search.oldest
    search.newest = search.newest or (posts[0].published_at if posts else None)
    if posts and not walk.urgent(posts[-1].published_at):
        search.priority = Priority.BACKFILL
    now = source.clock.now()
    async with source.saving(place, _floor(walk, posts)) as session:
        await save_posts(session, source.asset_id, posts, now, insights=bool(metrics))
        await _mark_gone(session, source, walk, place, begun, posts)
        await save_post_insights(session, source.asset_id, "post", found, walk.today, now)
        await save_coverage(session, _covered(source, walk, found, metrics), now)
        await note_never(session, source, posts, walk.never, walk.today)
        await _grow(session, source, walk, place, search, posts)
    if walk.nested and not metrics:
        for post in posts:
            await read_apart(source, walk.today, post)
    return place


async def _set_apart(source: Source, walk: Walk, place: Place, search: _Search) -> Place:
    """The next post fails its page: it is listed without insights, which are then asked of it alone.

    Where it is from when the account was no professional one, all that are older are so too: they need not be asked.
    """
    personal = search.error is not None and search.error.subcode == spec.PERSONAL
    found, after = await _page(source, walk, place, search, PLAIN_PAGE if personal else 1, ())
    posts, now = [post for post, _ in found], source.clock.now()
    search.newest = search.newest or (posts[0].published_at if posts else None)
    search.served(1)
    search.apart += 1
    place = replace(place, cursor=after, finished=personal or after is None or walk.reached(posts))
    async with source.saving(place, _floor(replace(walk, nested=not personal), posts)) as session:
        await save_posts(session, source.asset_id, posts, now)
        await _grow(session, source, walk, place, search, posts)
        if personal and posts and search.error is not None:
            await mark_personal(session, source, posts, search.error.message, walk.today)
    if not personal:
        for post in posts:
            await read_apart(source, walk.today, post)
    return place


async def mark_personal(session: WriteSession, source: Source, posts: Sequence[Post], reason: str, today: date) -> None:
    """Remember that these posts, the newest first, are from when the account was no professional one."""
    known = await feed(session, source.asset_id)
    until = max(filter(None, (posts[0].published_at, known.personal_until)))
    await save_feed(session, replace(known, personal_until=until, personal_reason=reason))
    await note_never(session, source, posts, reason, today)


async def note_never(session: WriteSession, source: Source, posts: Sequence[Post], reason: str, today: date) -> None:
    """Write down that Meta gives no insights of posts, and why; nothing where there is no reason."""
    marks = [Coverage(post.post_id, metric, today, "empty", reason) for post in posts for metric in spec.POST_METRICS]
    await save_coverage(session, marks if reason else [], source.clock.now())


async def _mark_gone(
    session: WriteSession, source: Source, walk: Walk, place: Place, begun: datetime | None, posts: Sequence[Post]
) -> None:
    """What was known between the first and the last post of a page, and is not on it, is no longer there.

    `begun` is where the page before ended, or for the first page the list begins. A page that a restarted run begins
    with tells only of its own time. That all posts up to now are absent is not believed of an empty list.
    """
    ended = place.cursor is None
    if not posts and not (ended and walk.until):
        return
    begin = walk.since if ended and walk.since else posts[-1].published_at if posts else None
    end = begun or (posts[0].published_at if posts else None)
    if begin is None or end is None:
        return
    await mark_gone(session, source.asset_id, begin, end, before=source.run.started_at, now=source.clock.now())


async def read_apart(source: Source, today: date, post: Post | KnownPost) -> None:
    """Ask one post alone for the insights that all kinds have, by halves where one of them is refused."""
    metrics = spec.offered(spec.POST_METRICS, today)
    subject = _subject(source, today, post)
    await read_metrics(subject, metrics, source.refusals)


def _subject(source: Source, today: date, post: Post | KnownPost) -> Subject:
    async def read(metrics: Sequence[str]) -> None:
        call = instagram.post_insights_call(source.version, source.asset_id, post.post_id, metrics)
        try:
            insights = await source.read(call, instagram.read_post_insights, Priority.BACKFILL)
        except Rejected as error:
            if error.subcode != spec.PERSONAL or not isinstance(post, Post):
                raise
            async with source.database.writing() as session:
                await mark_personal(session, source, [post], error.message, today)
            return
        now, subject = source.clock.now(), post.post_id
        async with source.database.writing() as session:
            await save_instagram_insights(session, source.asset_id, ("post", subject), insights, today, now)
            await mark_read(session, subject, now, "insights_read_at")
            await save_coverage(session, covered(subject, insights, metrics, today), now)

    async def lose(reasons: dict[str, str]) -> None:
        await source.note(missing(post.post_id, reasons, [today]))

    return Subject(post.product_type, post.post_id, read, lose)


def covered(post_id: str, insights: Sequence[Insight], metrics: Sequence[str], today: date) -> list[Coverage]:
    """Coverage of a post's metrics that were asked for."""
    given = {insight.metric for insight in insights}
    return [
        Coverage(post_id, metric, today, "complete")
        if metric in given
        else Coverage(post_id, metric, today, "missing", NOT_GIVEN)
        for metric in metrics
    ]


def _covered(source: Source, walk: Walk, found: Found, metrics: Sequence[str]) -> list[Coverage]:
    """Coverage of a page that was read with metrics: those that Meta has taken away are missing from every post."""
    if not metrics:
        return []
    gone = source.refusals.gone(EVERY_KIND, spec.offered(spec.POST_METRICS, walk.today))
    marks = [mark for post, insights in found for mark in covered(post.post_id, insights, metrics, walk.today)]
    return marks + lost([post for post, _ in found], gone, walk.today)


def lost(posts: Sequence[Post], reasons: Mapping[str, str], today: date) -> list[Coverage]:
    """Coverage of metrics that none of the posts has any more."""
    return [mark for post in posts for mark in missing(post.post_id, reasons, [today])]


def _floor(walk: Walk, posts: Sequence[Post]) -> float:
    """The calls that what is due of a page needs at least: its part of a full page."""
    return sum(map(walk.due, posts)) / walk.page


async def _grow(
    session: WriteSession, source: Source, walk: Walk, place: Place, search: _Search, posts: Sequence[Post]
) -> None:
    """Remember how much of the feed is known now."""
    if walk.part == "due" or not posts:
        return
    known = await feed(session, source.asset_id)
    newest, oldest = posts[0].published_at, posts[-1].published_at
    if walk.part == "older" or known.listed_until is None or known.listed_since is None:
        since = min(filter(None, (oldest, known.listed_since)))
        grown = replace(known, listed_until=known.listed_until or newest, listed_since=since)
    elif place.finished:
        grown = replace(known, listed_until=max(known.listed_until, search.newest or newest))
    else:
        return
    await save_feed(session, grown)
