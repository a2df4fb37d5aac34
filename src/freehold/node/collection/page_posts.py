"""A page's posts with their insights: those of days that were not listed yet, and those that are due again.

A page of the list costs one call whatever it holds, so posts that are due are read in the fewest pages that hold them
all. One post or metric that is refused fails its whole page: it is found by halves, and the rest arrives.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from freehold.kernel.database import WriteSession
from freehold.node.collection.days import end_of, marks_of_day, runs
from freehold.node.collection.page_spans import Span, spans
from freehold.node.collection.refusals import EVERY_KIND, Subject, about_a_metric, missing, read_metrics, reason_of
from freehold.node.collection.source import Source, Window, pages
from freehold.node.governor import Priority
from freehold.node.store.coverage.queries import covered
from freehold.node.store.coverage.upserts import Coverage, save_coverage
from freehold.node.store.facebook.queries import KnownPost, known_posts
from freehold.node.store.facebook.upserts import mark_gone, save_page_insights, save_posts
from freehold.providers.calls import Rejected, Unavailable
from freehold.providers.meta import graph, page_spec
from freehold.providers.meta import pages as facebook
from freehold.providers.meta.pages import PageInsight, PagePost

LISTED = "facebook_posts"
"""The name under which coverage keeps the days of which all posts have been listed."""
KIND = "page post"
SMALLEST_PAGE = 5
EDGE = timedelta(seconds=1)
"""Meta does not say whether a list has what lies exactly on its ends: a stretch is asked for wider."""
ABSENT = "Meta has no such number for this post"
NOT_PERMITTED = frozenset({10, *range(200, 300)})
"""Codes for what the permission lacks to, whichever post it is asked of."""


@dataclass(frozen=True)
class _Reading:
    """What the pages of one stretch of time are read with."""

    source: Source
    window: Window
    span: Span
    metrics: tuple[str, ...]

    @property
    def name(self) -> str:
        """The list's name in this run."""
        until = "" if self.span.until is None else int(self.span.until.timestamp())
        return f"posts:{int(self.span.since.timestamp())}:{until}:{len(self.metrics)}"


async def read_posts(source: Source, window: Window) -> None:
    """The posts of the window's days that were not listed yet; up to yesterday, also all that are due again."""
    place = await source.place(f"posts:{window.first}:{window.last}")
    if place.finished:
        return
    async with source.database.reading() as session:
        listed = await covered(session, source.asset_id)
        known = await known_posts(session, source.asset_id)
    ended = {day for day in window.days() if (mark := listed.get((LISTED, day))) and mark.read_at >= end_of(day)}
    failed: list[Rejected | Unavailable] = []
    for span in spans(_unlisted(window, ended), known, source.clock.now(), present=window.is_current):
        try:
            await _read_span(_Reading(source, window, span, _offered(source)))
        except (Rejected, Unavailable) as error:
            failed.append(error)
    if failed:
        raise failed[0]
    async with source.saving(replace(place, finished=True), floor_calls=0.0) as session:
        marks = [Coverage(source.asset_id, LISTED, day, "complete") for day in window.days() if day not in ended]
        await save_coverage(session, marks, source.clock.now())


def _unlisted(window: Window, ended: set[date]) -> Iterator[Span]:
    """The stretches of days that were not listed yet, the newest first; today is never listed to its end."""
    days = set(window.days()) - ended
    for run in runs(days | {window.today} if window.is_current else days):
        yield Span(graph.midnight(run[-1]), None if run[0] >= window.today else end_of(run[0]))


def _offered(source: Source) -> tuple[str, ...]:
    """The metrics that are not known to be taken away."""
    return source.refusals.left(EVERY_KIND, page_spec.POST_METRICS)


async def _read_span(reading: _Reading) -> None:
    try:
        await _read_pages(reading)
    except Rejected as error:
        if error.reduce_data:
            raise
        await _read_apart(reading)


async def _read_pages(reading: _Reading) -> None:
    """Read and keep the posts of a stretch with these metrics; those known to be gone are named missing for each."""
    source, window = reading.source, reading.window
    span, metrics = reading.span, reading.metrics
    since, until = span.since - EDGE, span.until and span.until + EDGE
    make = partial(facebook.posts_call, source.version, source.asset_id, since=since, until=until, metrics=metrics)
    gone = source.refusals.gone(EVERY_KIND, page_spec.POST_METRICS) if metrics else {}
    priority = Priority.SCHEDULED if window.is_current else Priority.BACKFILL
    limit = page_spec.POSTS_PER_PAGE
    begins = (await source.place(reading.name)).cursor is None
    begun = span.until or source.run.started_at if begins else None
    async for each in pages(source, reading.name, make, facebook.read_posts, limit, SMALLEST_PAGE, priority):
        now = source.clock.now()
        values = {post.post_id: insights for post, insights in each.found}
        marks = [mark for post_id, found in values.items() for mark in _marks(post_id, metrics, found, window, now)]
        marks += [mark for post_id in values for mark in missing(post_id, gone, [window.today])]
        async with each.saving() as session:
            posts = [post for post, _ in each.found]
            await save_posts(session, source.asset_id, posts, now)
            await _mark_gone(session, source, span, posts, begun, ended=each.place.finished)
            await save_page_insights(session, source.asset_id, values, window.today, now)
            await save_coverage(session, marks, now)
        begun = posts[-1].published_at if posts else begun


async def _mark_gone(
    session: WriteSession, source: Source, span: Span, posts: Sequence[PagePost], begun: datetime | None, *, ended: bool
) -> None:
    """What was known between the first and the last post of a page, and is not on it, is no longer there.

    `begun` is where the page before ended, or for the first page the stretch begins. A page that a resumed run begins
    with tells only of its own time. That all posts up to now are absent is not believed of an empty list.
    """
    if not posts and not (ended and span.until):
        return
    begin = span.since if ended else posts[-1].published_at
    end = begun or (posts[0].published_at if posts else None)
    if end is not None:
        before, now = source.run.started_at, source.clock.now()
        await mark_gone(session, source.asset_id, begin, end, before=before, now=now)


async def _read_apart(reading: _Reading) -> None:
    """Read a stretch in which a post refuses its insights, or whose insights hold a metric that Meta took away.

    The newest post tells which metrics are gone, or that none may be read at all; the others are read by halves.
    """
    source, span = reading.source, reading.span
    await _read_pages(replace(reading, metrics=()))
    async with source.database.reading() as session:
        posts = [post for post in await known_posts(session, source.asset_id) if span.holds(post.published_at)]
    if not posts:
        return
    refused = await _refused(reading, posts[0])
    if refused is None:
        await _read_halves(reading, posts[1:])
        return
    lost = posts if refused.code in NOT_PERMITTED else posts[:1]
    reasons = dict.fromkeys(page_spec.POST_METRICS, reason_of(refused))
    await source.note([mark for post in lost for mark in missing(post.post_id, reasons, [reading.window.today])])
    await _read_halves(reading, posts[len(lost) :])


async def _refused(reading: _Reading, post: KnownPost) -> Rejected | None:
    """Read one post's insights; gives the refusal where it is not about one of the metrics."""
    source, subject = reading.source, _subject(reading.source, reading.window, post)
    try:
        await subject.read(_offered(source))
    except Rejected as error:
        if not about_a_metric(error):
            return error
        await read_metrics(subject, _offered(source), source.refusals)
    return None


async def _read_halves(reading: _Reading, posts: Sequence[KnownPost]) -> None:
    """Read the insights of posts that lie side by side page by page, and where a page is refused, by halves."""
    source, size = reading.source, page_spec.POSTS_PER_PAGE
    if len(posts) > size:
        for start in range(0, len(posts), size):
            await _read_halves(reading, posts[start : start + size])
        return
    if len(posts) <= 1:
        for post in posts:
            await read_metrics(_subject(source, reading.window, post), _offered(source), source.refusals)
        return
    span = Span(posts[-1].published_at, posts[0].published_at)
    try:
        await _read_pages(replace(reading, span=span, metrics=_offered(source)))
    except Rejected as error:
        if error.reduce_data:
            raise
        half = len(posts) // 2
        await _read_halves(reading, posts[:half])
        await _read_halves(reading, posts[half:])


def _subject(source: Source, window: Window, post: KnownPost) -> Subject:
    async def read(metrics: Sequence[str]) -> None:
        call = facebook.post_insights_call(source.version, source.asset_id, post.post_id, metrics)
        found = await source.read(call, facebook.read_insights, Priority.BACKFILL)
        now = source.clock.now()
        async with source.database.writing() as session:
            await save_page_insights(session, source.asset_id, {post.post_id: found}, window.today, now)
            await save_coverage(session, _marks(post.post_id, metrics, found, window, now), now)

    async def lose(reasons: dict[str, str]) -> None:
        await source.note(missing(post.post_id, reasons, [window.today]))

    return Subject(KIND, post.post_id, read, lose)


def _marks(
    post_id: str, metrics: Iterable[str], found: Iterable[PageInsight], window: Window, now: datetime
) -> list[Coverage]:
    given = {insight.metric for insight in found}
    return marks_of_day(post_id, metrics, window.today, given, now, never=ABSENT)
