"""Instagram: profile, posts with their insights, the account day by day, and who its followers are.

Close to the floor of calls: posts come with the insights that all of them have, the account's totals of a day come in
one call, series in windows of 30 days. One refused metric, day or post never sinks the rest.
"""

import asyncio
from datetime import date, datetime, timedelta
from functools import partial

from freehold.node.collection.source import Source, Window, pages
from freehold.node.store import queries, upserts
from freehold.node.store.upserts import Coverage
from freehold.providers.calls import Rejected
from freehold.providers.meta import graph, instagram, spec
from freehold.providers.meta.instagram import Insight, Post

POSTS_PER_PAGE = 50
EXTRAS_DAYS = 30
"""Posts of so many days are also asked for the metrics that only their kind has: a call for each."""
FINAL_AFTER = timedelta(hours=48)
"""Meta may still correct a day for this long after its end."""
TOTALS = "account_totals"
"""The name under which coverage keeps a day's totals, which are read together."""


async def collect(source: Source, window: Window) -> None:
    """Read everything of one Instagram account; raises `ProviderError` when the account cannot be read at all."""
    await read_profile(source)
    await read_posts(source, window)
    await read_series(source, window)
    await read_totals(source, window)
    await read_demographics(source, window.today)


async def read_profile(source: Source) -> None:
    """The profile as it is now."""
    profile = instagram.read_profile(await source.send(instagram.profile_call(source.version, source.asset_id)))
    async with source.database.writing() as session:
        await upserts.save_profile(session, profile, source.clock.now())


async def read_posts(source: Source, window: Window) -> None:
    """The posts published in the window and their insights."""
    try:
        await _read_post_pages(source, window, with_insights=True)
    except Rejected as error:
        if error.reduce_data:
            raise
        # A post that refuses its insights fails the whole page: read the posts alone, then the insights of each.
        for post in await _read_post_pages(source, window, with_insights=False):
            await _read_insights(source, post.post_id, spec.POST_METRICS, window.today)
    async with source.database.reading() as session:
        since = datetime.fromtimestamp(
            graph.bounds(window.today - timedelta(days=EXTRAS_DAYS), window.today)[0]
        ).astimezone()
        recent = await queries.posts(session, source.asset_id, since, source.clock.now())
    async with asyncio.TaskGroup() as group:
        for result in recent:
            group.create_task(_read_extras(source, result, window.today))


async def _read_post_pages(source: Source, window: Window, *, with_insights: bool) -> list[Post]:
    found: list[Post] = []

    page = partial(
        instagram.posts_call, source.version, source.asset_id, since=window.first, with_insights=with_insights
    )
    async for answer in pages(source, page, POSTS_PER_PAGE):
        read = instagram.read_posts(answer)
        found += [post for post, _ in read]
        now = source.clock.now()
        async with source.database.writing() as session:
            await upserts.save_posts(session, source.asset_id, [post for post, _ in read], now)
            for post, insights in read:
                await upserts.save_instagram_insights(
                    session, source.asset_id, ("post", post.post_id), insights, window.today, now
                )
    return found


async def _read_extras(source: Source, result: queries.PostResult, today: date) -> None:
    metrics = instagram.extra_metrics(result.product_type)
    if metrics:
        await _read_insights(source, result.post_id, metrics, today)


async def _read_insights(source: Source, post_id: str, metrics: tuple[str, ...], today: date) -> None:
    """Metrics of one post; a refusal is written down as missing, with Meta's reason."""
    try:
        answer = await source.send(instagram.post_insights_call(source.version, source.asset_id, post_id, metrics))
    except Rejected as error:
        await _note(source, [Coverage(post_id, metric, today, "missing", error.message) for metric in metrics])
        return
    async with source.database.writing() as session:
        await upserts.save_instagram_insights(
            session,
            source.asset_id,
            ("post", post_id),
            instagram.read_post_insights(answer),
            today,
            source.clock.now(),
        )


async def read_series(source: Source, window: Window) -> None:
    """Reach by day, and the change in followers of the last 30 days; older changes Meta does not keep."""
    for first, last in graph.windows(window.first, window.last, spec.MAX_WINDOW_DAYS):
        await _read_series(source, "reach", first, last)
    oldest = max(window.first, window.today - timedelta(days=spec.FOLLOWER_CHANGE_DAYS))
    for first, last in graph.windows(oldest, window.last, spec.MAX_WINDOW_DAYS):
        await _read_series(source, "follower_count", first, last)
    gone = [day for day in window.days() if day < oldest]
    reason = f"Meta keeps {spec.FOLLOWER_CHANGE_DAYS} days of follower changes"
    await _note(source, [Coverage(source.asset_id, "follower_count", day, "empty", reason) for day in gone])


async def _read_series(source: Source, metric: str, first: date, last: date) -> None:
    days = Window(first, last, last).days()
    try:
        answer = await source.send(instagram.series_call(source.version, source.asset_id, metric, first, last))
    except Rejected as error:
        await _note(source, [Coverage(source.asset_id, metric, day, "missing", error.message) for day in days])
        return
    found = [insight for insight in instagram.read_series(answer) if insight.day in days]
    await _save_days(source, metric, days, found)


async def read_totals(source: Source, window: Window) -> None:
    """All totals of each day: a call a day, but not for days that were read after they became final."""
    async with source.database.reading() as session:
        known = await queries.covered(session, source.asset_id)
    due = [day for day in window.days() if not _is_final(known.get((TOTALS, day)), day)]
    source.progress("insights", len(window.days()) - len(due))
    async with asyncio.TaskGroup() as group:
        for day in due:
            group.create_task(_read_day(source, day))


def _is_final(known: queries.Covered | None, day: date) -> bool:
    if known is None or known.state != "complete":
        return False
    ended = datetime.combine(day + timedelta(days=1), datetime.min.time(), graph.INSTAGRAM_DAY)
    return known.read_at >= ended + FINAL_AFTER


async def _read_day(source: Source, day: date) -> None:
    try:
        answer = await source.send(instagram.totals_call(source.version, source.asset_id, day))
    except Rejected as error:
        await _note(source, [Coverage(source.asset_id, TOTALS, day, "missing", error.message)])
        return
    await _save_days(source, TOTALS, [day], instagram.read_totals(answer, day))


async def read_demographics(source: Source, today: date) -> None:
    """Who the followers and those who engaged are, as of today: this cannot be read later."""
    for metric in spec.DEMOGRAPHICS:
        found: list[Insight] = []
        reason = "Meta gives none below 100 people"
        for breakdown in spec.DEMOGRAPHIC_BREAKDOWNS:
            call = instagram.demographics_call(source.version, source.asset_id, metric, breakdown)
            try:
                found += instagram.read_demographics(await source.send(call), today)
            except Rejected as error:
                reason = error.message
        await _save_days(source, metric, [today], found, absent=("empty", reason))


async def _save_days(
    source: Source,
    metric: str,
    days: list[date],
    found: list[Insight],
    absent: tuple[upserts.CoverageState, str] = ("missing", "Meta has not computed this day yet"),
) -> None:
    """Write values and, in the same transaction, which of the days they cover."""
    present = {insight.day for insight in found}
    marks = [
        Coverage(source.asset_id, metric, day, "complete")
        if day in present
        else Coverage(source.asset_id, metric, day, *absent)
        for day in days
    ]
    now = source.clock.now()
    async with source.database.writing() as session:
        await upserts.save_instagram_insights(
            session, source.asset_id, ("account", source.asset_id), found, days[0], now
        )
        await upserts.save_coverage(session, marks, now)


async def _note(source: Source, marks: list[Coverage]) -> None:
    async with source.database.writing() as session:
        await upserts.save_coverage(session, marks, source.clock.now())
