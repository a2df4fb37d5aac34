"""Instagram's posts: new ones at every run, all others once, and the insights of each when they are due again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from freehold.node.collection.feed import NESTED_PAGE, PLAIN_PAGE, Walk, read_walk
from freehold.node.collection.refusals import missing, reason_of
from freehold.node.collection.schedule import INSIGHTS, Span, is_due, spans
from freehold.node.collection.source import Source, Window
from freehold.node.store.instagram.queries import KnownPost, feed, known_posts, profiles
from freehold.node.store.instagram.upserts import Feed, save_feed
from freehold.providers.calls import Rejected, Unavailable
from freehold.providers.meta import graph, spec

BEGINNING = datetime(2010, 1, 1, tzinfo=UTC)
"""Before the first post on Instagram."""
KEPT = timedelta(days=spec.MAX_AGE_DAYS)
KEPT_FOR = "Meta keeps insights of posts for 2 years"
HALF = 0.5
SECOND = timedelta(seconds=1)
ROOM_FOR_NEW = 5
"""So many posts more than those that are due fit on the newest page, before those that are known."""
FIRST = "posts:first"
"""The place of the walk over posts of which none is known."""
COUNTS = "likes_and_comments"
"""The name under which coverage keeps what a listing without insights tells of a post."""


async def read_posts(source: Source, window: Window) -> None:
    """New posts, those that no run has come to yet, and those whose insights are due; of any age, by few pages.

    Raises `ProviderError` for what could not be listed, after all the rest.
    """
    failed: list[Rejected | Unavailable] = []
    for read in (_read_unknown, _read_due):
        try:
            await read(source, window)
        except (Rejected, Unavailable) as error:
            failed.append(error)
    if failed:
        raise failed[0]


async def _read_unknown(source: Source, window: Window) -> None:
    """The posts that are not known yet: the newest, then those before the oldest that is known."""
    before, first = await _feed(source), await source.place(FIRST)
    if before.listed_until is None or first.page_size:
        whole = await read_walk(source, _walk(source, window, FIRST, "new"))
        await _mark_listed(source)
    else:
        await read_walk(source, await _newest(source, window, before, before.listed_until))
        await _mark_listed(source)
        whole = False if before.whole else await _read_older(source, window, before)
    known = await _feed(source)
    if not known.whole:
        await _read_unmeasured(source, window, known, source.run.started_at - KEPT if whole else known.listed_since)


async def _mark_listed(source: Source) -> None:
    """Remember that whatever was published before this run began is known."""
    async with source.database.writing() as session:
        known = await feed(session, source.asset_id)
        await save_feed(session, replace(known, listed_at=source.run.started_at))


async def _newest(source: Source, window: Window, known: Feed, newest: datetime) -> Walk:
    """The walk over the newest posts, by one page unless there are many new ones.

    The page goes down to the last of its posts that is due.
    """
    now, walk = source.clock.now(), _walk(source, window, "posts:newest", "new")
    since = max(filter(None, (walk.since, known.personal_until and known.personal_until + SECOND)))
    async with source.database.reading() as session:
        posts = (await known_posts(session, source.asset_id, since, now))[:NESTED_PAGE]
    due = {post.post_id for span in _plan(source, known, posts) for post in span.due}
    length = max((place for place, post in enumerate(posts, 1) if _is_near(source, post)), default=0) if due else 0
    return replace(
        walk,
        since=since,
        size=min(NESTED_PAGE, length + ROOM_FOR_NEW),
        reached=lambda found: not found or found[-1].published_at <= newest,
        due=lambda post: post.post_id in due or post.published_at > newest,
    )


async def _read_older(source: Source, window: Window, known: Feed) -> bool:
    """What an earlier run left unread, as far as there may be insights; True when all of that is read now."""
    until = known.listed_since
    if until is None or not _measured(known, until):
        return False
    name = f"posts:until:{_second(until)}"
    return await read_walk(source, replace(_walk(source, window, name, "older"), until=until))


async def _read_unmeasured(source: Source, window: Window, known: Feed, until: datetime | None) -> None:
    """The posts of which there are no insights, for their age or because they were no professional account's."""
    if not await _all_known(source):
        walk = Walk(f"posts:old:{_second(until)}", "older", window.today, until=until, nested=False)
        never = known.personal_reason or KEPT_FOR
        await read_walk(source, replace(walk, urgent=lambda _published_at: False, never=never))
    async with source.database.writing() as session:
        await save_feed(session, replace(await feed(session, source.asset_id), whole=True))


async def _read_due(source: Source, window: Window) -> None:
    """The posts that are due and that this run has not read: of each span in one page."""
    known, now = await _feed(source), source.clock.now()
    async with source.database.reading() as session:
        posts = await known_posts(session, source.asset_id, BEGINNING, now)
    for span in _plan(source, known, posts):
        await _read_span(source, window, span, nested=True)
    for span in _plan_unmeasured(source, known, posts):
        await _read_span(source, window, span, nested=False)


async def _read_span(source: Source, window: Window, span: Span, *, nested: bool) -> None:
    name, due = f"posts:{_second(span.since)}:{_second(span.until)}", {post.post_id for post in span.due}
    walk = Walk(name, "due", window.today, span.since, span.until, nested=nested, due=lambda post: post.post_id in due)
    try:
        await read_walk(source, walk)
    except (Rejected, Unavailable) as error:
        metrics = spec.POST_METRICS if nested else (COUNTS,)
        reasons = dict.fromkeys(metrics, reason_of(error))
        await source.note([mark for post in due for mark in missing(post, reasons, [window.today])])


def _walk(source: Source, window: Window, name: str, part: Literal["new", "older"]) -> Walk:
    """A walk over posts that are young enough to have insights."""
    begin = datetime.fromtimestamp(graph.bounds(window.first, window.first)[0], UTC)
    since = source.run.started_at - KEPT
    return Walk(name, part, window.today, since, urgent=lambda published_at: published_at >= begin)


def _plan(source: Source, known: Feed, posts: Sequence[KnownPost]) -> list[Span]:
    """The pages that hold the posts whose insights are due; `posts`, the newest first, have no gaps."""
    measured = [post for post in posts if _measured(known, post.published_at) and _is_young(source, post.published_at)]
    return spans(
        measured,
        NESTED_PAGE,
        lambda post: _is_due(source, post, post.insights_read_at),
        lambda post: _is_near(source, post),
    )


def _plan_unmeasured(source: Source, known: Feed, posts: Sequence[KnownPost]) -> list[Span]:
    """The pages that hold the posts without insights whose likes and comments are due."""
    others = [
        post for post in posts if not (_measured(known, post.published_at) and _is_young(source, post.published_at))
    ]
    return spans(
        others,
        PLAIN_PAGE,
        lambda post: _is_due(source, post, post.read_at),
        lambda post: _is_due(source, post, post.read_at, HALF),
    )


def _is_near(source: Source, post: KnownPost) -> bool:
    """Whether a post's insights are due, or will be before half of their time."""
    return _is_due(source, post, post.insights_read_at, HALF)


def _is_due(source: Source, post: KnownPost, read_at: datetime | None, part: float = 1.0) -> bool:
    """Whether a post is due, unless this run has read it."""
    if read_at is not None and read_at >= source.run.started_at:
        return False
    return is_due(post.published_at, read_at, source.clock.now(), INSIGHTS, part)


def _measured(known: Feed, published_at: datetime) -> bool:
    """Whether a post is not known to be from before the account was a professional one."""
    return known.personal_until is None or published_at > known.personal_until


def _is_young(source: Source, published_at: datetime) -> bool:
    return published_at > source.clock.now() - KEPT


async def _all_known(source: Source) -> bool:
    """Whether as many posts are known as the profile counts."""
    async with source.database.reading() as session:
        found = await profiles(session, [source.asset_id])
        posts = await known_posts(session, source.asset_id, BEGINNING, source.clock.now())
    return bool(found) and len(posts) >= found[0].posts


async def _feed(source: Source) -> Feed:
    async with source.database.reading() as session:
        return await feed(session, source.asset_id)


def _second(at: datetime | None) -> str:
    return "now" if at is None else str(int(at.timestamp()))
