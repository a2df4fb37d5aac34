"""Instagram's posts: each with the metrics that all posts have, and now and then those that only its kind has."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from freehold.node.collection.refusals import EVERY_KIND, Subject, read_metrics
from freehold.node.collection.source import Source, Window, pages
from freehold.node.governor import Priority
from freehold.node.store.coverage.queries import read_since
from freehold.node.store.coverage.upserts import Coverage, save_coverage
from freehold.node.store.instagram import queries
from freehold.node.store.instagram.queries import PostResult
from freehold.node.store.instagram.upserts import save_instagram_insights, save_posts
from freehold.providers.calls import Rejected
from freehold.providers.meta import graph, instagram, spec
from freehold.providers.meta.instagram import Insight, Post

POSTS_PER_PAGE = 50
EXTRAS_DAYS = 30
"""Posts of so many days are also asked for the metrics that only their kind has: a call for each."""
EXTRAS_YOUNG = timedelta(days=7)
"""Of posts younger than this at every run."""
EXTRAS_EVERY = timedelta(days=3) - timedelta(hours=6)
"""Of older ones when they have not been read for so long: a daily run finds them due every third day."""


async def read_posts(source: Source, window: Window) -> None:
    """The posts published in the window, and the insights that all of them have."""
    try:
        await _read_pages(source, window, spec.POST_METRICS)
    except Rejected as error:
        if error.reduce_data:
            raise
        await _read_apart(source, window)


async def read_extras(source: Source, window: Window) -> None:
    """What only their kind has, of recent posts: often while they are young, seldom later."""
    now = source.clock.now()
    since = datetime.fromtimestamp(graph.bounds(window.today - timedelta(days=EXTRAS_DAYS), window.today)[0], UTC)
    async with source.database.reading() as session:
        recent = await queries.posts(session, source.asset_id, since, now)
        names = [metric for post in recent for metric in instagram.extra_metrics(post.product_type)]
        read = await read_since(session, [post.post_id for post in recent], sorted(set(names)), now - EXTRAS_EVERY)
    async with asyncio.TaskGroup() as group:
        for post in recent:
            extras = instagram.extra_metrics(post.product_type)
            if extras and (post.published_at > now - EXTRAS_YOUNG or post.post_id not in read):
                group.create_task(read_metrics(_subject(source, window, post), extras, source.refusals))


async def _read_pages(source: Source, window: Window, metrics: Sequence[str]) -> list[Post]:
    found: list[Post] = []
    page = partial(instagram.posts_call, source.version, source.asset_id, since=window.first, metrics=metrics)
    name = f"posts:{window.first}:{','.join(metrics)}"
    async for each in pages(source, name, page, instagram.read_posts, POSTS_PER_PAGE):
        read, now = each.found, source.clock.now()
        found += [post for post, _ in read]
        async with each.saving() as session:
            await save_posts(session, source.asset_id, [post for post, _ in read], now)
            for post, insights in read:
                await save_instagram_insights(
                    session, source.asset_id, ("post", post.post_id), insights, window.today, now
                )
                await save_coverage(session, _complete(post.post_id, insights, window), now)
    return found


async def _read_apart(source: Source, window: Window) -> None:
    """Read posts of which some refuse their insights, or whose insights hold a metric that Meta has taken away.

    Either fails the whole page. The newest post tells which metrics Meta no longer knows, and the pages are read
    without those; where that fails too, the insights of each post are read for themselves.
    """
    posts = await _read_pages(source, window, ())
    for place, post in enumerate(posts):
        await read_metrics(_subject(source, window, post), spec.POST_METRICS, source.refusals)
        gone = source.refusals.gone(EVERY_KIND, spec.POST_METRICS)
        left = [metric for metric in spec.POST_METRICS if metric not in gone]
        if place == 0 and gone and left and await _pages_without(source, window, left):
            await source.note([mark for each in posts for mark in _missing(each.post_id, gone, window)])
            return


async def _pages_without(source: Source, window: Window, metrics: Sequence[str]) -> bool:
    try:
        await _read_pages(source, window, metrics)
    except Rejected as error:
        if error.reduce_data:
            raise
        return False
    return True


def _subject(source: Source, window: Window, post: Post | PostResult) -> Subject:
    async def read(metrics: Sequence[str]) -> None:
        call = instagram.post_insights_call(source.version, source.asset_id, post.post_id, metrics)
        insights = await source.read(call, instagram.read_post_insights, Priority.BACKFILL)
        now = source.clock.now()
        async with source.database.writing() as session:
            await save_instagram_insights(session, source.asset_id, ("post", post.post_id), insights, window.today, now)
            await save_coverage(session, _complete(post.post_id, insights, window), now)

    async def lose(reasons: dict[str, str]) -> None:
        await source.note(_missing(post.post_id, reasons, window))

    return Subject(post.product_type, post.post_id, read, lose)


def _missing(post_id: str, reasons: dict[str, str], window: Window) -> list[Coverage]:
    return [Coverage(post_id, metric, window.today, "missing", reason) for metric, reason in reasons.items()]


def _complete(post_id: str, insights: Iterable[Insight], window: Window) -> list[Coverage]:
    return [Coverage(post_id, insight.metric, window.today, "complete") for insight in insights]
