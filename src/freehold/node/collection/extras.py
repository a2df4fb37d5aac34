"""The metrics that only one kind of post has: a call for each post, so they are read more sparingly than the others."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from freehold.node.collection.feed import covered
from freehold.node.collection.refusals import Subject, missing, read_metrics
from freehold.node.collection.schedule import EXTRAS, is_due
from freehold.node.collection.source import Source, Window, side_by_side
from freehold.node.governor import Priority
from freehold.node.runs.places import Place
from freehold.node.store.coverage.upserts import save_coverage
from freehold.node.store.instagram.queries import KnownPost, feed, known_posts
from freehold.node.store.instagram.upserts import mark_read, save_instagram_insights
from freehold.providers.meta import graph, instagram, spec

RECENT = timedelta(days=30)
"""A run that reaches up to now looks at the posts of so many days, any other at those of its own days."""


async def read_extras(source: Source, window: Window) -> None:
    """What only their kind has: of recent posts often while they are young, of older ones when their days are read.

    Posts that have no insights, for their age or because the account was no professional one, are left out.
    """
    await side_by_side(_read_post(source, window, post) for post in await due_posts(source, window))


async def _read_post(source: Source, window: Window, post: KnownPost) -> None:
    asked = spec.offered(instagram.extra_metrics(post.product_type), window.today)
    await read_metrics(_subject(source, window, post, asked), asked, source.refusals)


async def due_posts(source: Source, window: Window) -> list[KnownPost]:
    """The posts of which they are due, the newest first."""
    now = source.clock.now()
    since, until = (datetime.fromtimestamp(at, UTC) for at in graph.bounds(window.first, window.last))
    if window.is_current:
        since, until = now - RECENT, now
    async with source.database.reading() as session:
        known = await feed(session, source.asset_id)
        posts = await known_posts(session, source.asset_id, since, until)
    oldest = max(filter(None, (now - timedelta(days=spec.MAX_AGE_DAYS), known.personal_until)))
    return [post for post in posts if post.published_at > oldest and _is_due(source, post, now)]


def _is_due(source: Source, post: KnownPost, now: datetime) -> bool:
    read_at = post.extras_read_at
    if not instagram.extra_metrics(post.product_type) or (read_at is not None and read_at >= source.run.started_at):
        return False
    return read_at is None or is_due(post.published_at, read_at, now, EXTRAS)


def _subject(source: Source, window: Window, post: KnownPost, due: Sequence[str]) -> Subject:
    post_id, today = post.post_id, window.today

    async def read(metrics: Sequence[str]) -> None:
        call = instagram.post_insights_call(source.version, source.asset_id, post_id, metrics)
        insights = await source.read(call, instagram.read_post_insights, Priority.BACKFILL)
        now = source.clock.now()
        place = Place(f"extras:{post_id}:{','.join(metrics)}", finished=True)
        async with source.saving(place, len(metrics) / len(due)) as session:
            await save_instagram_insights(session, source.asset_id, ("post", post_id), insights, today, now)
            await save_coverage(session, covered(post_id, insights, metrics, today), now)
            await mark_read(session, post_id, now, "extras_read_at")

    async def lose(reasons: dict[str, str]) -> None:
        await source.note(missing(post_id, reasons, [today]))

    return Subject(post.product_type, post_id, read, lose)
