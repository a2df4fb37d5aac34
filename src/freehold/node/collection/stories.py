"""Stories, which are there for a day, and posts of the last day: both change by the hour, and one call reads both.

One call an hour as long as every live story has enough viewers. One that has not fails the call for all; then stories
are listed without insights, and each is asked for its own. What was read last before a story ends is what is kept.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from freehold.kernel.database import WriteSession
from freehold.node.collection.feed import NESTED_PAGE, Found, covered, lost
from freehold.node.collection.refusals import EVERY_KIND, Subject, missing, read_metrics
from freehold.node.collection.source import Source, Window
from freehold.node.runs.places import Place
from freehold.node.store.coverage.upserts import Coverage, save_coverage
from freehold.node.store.instagram.queries import STORY, known_stories
from freehold.node.store.instagram.upserts import mark_read, save_instagram_insights, save_post_insights, save_posts
from freehold.providers.calls import Rejected
from freehold.providers.meta import instagram, spec
from freehold.providers.meta.instagram import Post

LIFE = timedelta(hours=24)
YOUNG = timedelta(hours=24)
"""So long after it was published a post is read every hour."""
TOO_FEW = f"a story has insights from {spec.FEW_VIEWERS} viewers on"


async def read_stories(source: Source, window: Window) -> None:
    """The stories that are live and the posts of the last day, with their insights."""
    place = await source.place("stories")
    if place.finished:
        return
    metrics = _metrics(source, window)
    if metrics and not await _some_lack_viewers(source):
        try:
            await _read_together(source, window, place, metrics)
        except Rejected:
            pass
        else:
            return
    await _read_each(source, window, place)


def _metrics(source: Source, window: Window) -> tuple[str, ...]:
    return source.refusals.left(STORY, spec.offered(spec.STORY_METRICS, window.today))


async def _some_lack_viewers(source: Source) -> bool:
    """Whether a story that is still live had no insights when it was listed last: it would fail the call for all."""
    now = source.clock.now()
    async with source.database.reading() as session:
        live = await known_stories(session, source.asset_id, now - LIFE, now)
    return any(story.insights_read_at is None for story in live)


async def _read_together(source: Source, window: Window, place: Place, metrics: Sequence[str]) -> None:
    stories, posts = await _list(source, window, metrics)
    async with source.saving(replace(place, finished=True)) as session:
        await _save_measured(session, source, window, "story", stories, metrics)
        await _save_measured(session, source, window, "post", posts, _post_metrics(source, window))
        gone = source.refusals.gone(STORY, spec.offered(spec.STORY_METRICS, window.today))
        await save_coverage(session, lost([story for story, _ in stories], gone, window.today), source.clock.now())


async def _read_each(source: Source, window: Window, place: Place) -> None:
    try:
        listed, posts = await _list(source, window, ())
    except Rejected:
        call = instagram.stories_call(source.version, source.asset_id, ())
        listed, posts = await source.read(call, instagram.read_posts), []
    stories = [story for story, _ in listed]
    async with source.database.writing() as session:
        await save_posts(session, source.asset_id, stories, source.clock.now())
        await _save_measured(session, source, window, "post", posts, _post_metrics(source, window))
    for story in stories:
        if story.total_views is not None and story.total_views < spec.FEW_VIEWERS:
            await _note_few(source, window, story, TOO_FEW)
        else:
            metrics = spec.offered(spec.STORY_METRICS, window.today)
            await read_metrics(_subject(source, window, story), metrics, source.refusals)
    async with source.saving(replace(place, finished=True)):
        pass


async def _list(source: Source, window: Window, metrics: Sequence[str]) -> tuple[Found, Found]:
    """The live stories with `metrics`, and the posts of the last day with all that posts have."""
    call = instagram.fresh_call(
        source.version,
        source.asset_id,
        since=source.clock.now() - YOUNG,
        limit=NESTED_PAGE,
        of_stories=metrics,
        of_posts=_post_metrics(source, window),
    )
    return await source.read(call, instagram.read_fresh)


def _post_metrics(source: Source, window: Window) -> tuple[str, ...]:
    return source.refusals.left(EVERY_KIND, spec.offered(spec.POST_METRICS, window.today))


async def _save_measured(
    session: WriteSession,
    source: Source,
    window: Window,
    kind: Literal["post", "story"],
    found: Found,
    metrics: Sequence[str],
) -> None:
    """Write what came with its insights, and coverage of the metrics that were asked for."""
    now = source.clock.now()
    await save_posts(session, source.asset_id, [each for each, _ in found], now, insights=bool(metrics))
    await save_post_insights(session, source.asset_id, kind, found, window.today, now)
    marks = [mark for each, insights in found for mark in covered(each.post_id, insights, metrics, window.today)]
    await save_coverage(session, marks, now)


def _subject(source: Source, window: Window, story: Post) -> Subject:
    post_id, today = story.post_id, window.today

    async def read(metrics: Sequence[str]) -> None:
        call = instagram.post_insights_call(source.version, source.asset_id, post_id, metrics)
        try:
            insights = await source.read(call, instagram.read_post_insights)
        except Rejected as error:
            if error.code != spec.LACKS_VIEWERS:
                raise
            await _note_few(source, window, story, error.message)
            return
        now, place = source.clock.now(), Place(f"story:{post_id}:{','.join(metrics)}"[:200], finished=True)
        async with source.saving(place, 0.0) as session:
            await save_instagram_insights(session, source.asset_id, ("story", post_id), insights, today, now)
            await save_coverage(session, covered(post_id, insights, metrics, today), now)
            await mark_read(session, post_id, now, "insights_read_at")

    async def lose(reasons: dict[str, str]) -> None:
        await source.note(missing(post_id, reasons, [today]))

    return Subject(STORY, post_id, read, lose)


async def _note_few(source: Source, window: Window, story: Post, reason: str) -> None:
    """A story without enough viewers has no insights yet, by Meta's rules."""
    metrics = spec.offered(spec.STORY_METRICS, window.today)
    await source.note([Coverage(story.post_id, metric, window.today, "empty", reason) for metric in metrics])
