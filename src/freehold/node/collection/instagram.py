"""Instagram: profile, posts with their insights, the account day by day, and who its followers are.

Close to the floor of calls: posts come with the insights that all of them have, the account's totals of a day come in
one call, series in windows of 30 days. One refused metric, day or post never sinks the rest.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
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
INVALID_PARAMETER = 100
"""Meta's code for a parameter that cannot be, such as a metric that it has taken away."""
Refused = dict[str, str]
"""Metric -> why Meta refuses it, whatever it is asked of."""
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
    refused: Refused = {}
    try:
        await _read_post_pages(source, window, spec.POST_METRICS)
    except Rejected as error:
        if error.reduce_data:
            raise
        await _read_posts_apart(source, window, refused)
    since = datetime.fromtimestamp(graph.bounds(window.today - timedelta(days=EXTRAS_DAYS), window.today)[0], UTC)
    async with source.database.reading() as session:
        recent = await queries.posts(session, source.asset_id, since, source.clock.now())
    async with asyncio.TaskGroup() as group:
        for result in recent:
            extras = instagram.extra_metrics(result.product_type)
            if extras:
                group.create_task(_read_insights(source, result.post_id, extras, window.today, refused))


async def _read_post_pages(source: Source, window: Window, metrics: Sequence[str]) -> list[Post]:
    found: list[Post] = []
    page = partial(instagram.posts_call, source.version, source.asset_id, since=window.first, metrics=metrics)
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
                await upserts.save_coverage(session, _read_metrics(post.post_id, insights, window.today), now)
    return found


async def _read_posts_apart(source: Source, window: Window, refused: Refused) -> None:
    """Read posts of which some refuse their insights, or whose insights hold a metric that Meta has taken away.

    Either fails the whole page. The newest post tells which metrics are gone, and the pages are read without those;
    where that fails too, the insights of each post are read for themselves.
    """
    posts = await _read_post_pages(source, window, ())
    for place, post in enumerate(posts):
        await _read_insights(source, post.post_id, spec.POST_METRICS, window.today, refused)
        left = [metric for metric in spec.POST_METRICS if metric not in refused]
        if place == 0 and refused and left and await _pages_without(source, window, left):
            marks = [_missing(each.post_id, refused, window.today) for each in posts]
            await _note(source, [mark for found in marks for mark in found])
            return


async def _pages_without(source: Source, window: Window, metrics: Sequence[str]) -> bool:
    try:
        await _read_post_pages(source, window, metrics)
    except Rejected as error:
        if error.reduce_data:
            raise
        return False
    return True


async def _read_insights(source: Source, post_id: str, metrics: Sequence[str], today: date, refused: Refused) -> None:
    """Metrics of one post, by halves where one of them may be gone; a refusal is written down with Meta's reason."""
    asked = [metric for metric in metrics if metric not in refused]
    await _note(source, _missing(post_id, {metric: refused[metric] for metric in metrics if metric in refused}, today))
    if not asked:
        return
    try:
        answer = await source.send(instagram.post_insights_call(source.version, source.asset_id, post_id, asked))
    except Rejected as error:
        if not _about_a_metric(error):
            await _note(source, _missing(post_id, dict.fromkeys(asked, error.message), today))
        elif len(asked) > 1:
            half = len(asked) // 2
            await _read_insights(source, post_id, asked[:half], today, refused)
            await _read_insights(source, post_id, asked[half:], today, refused)
        else:
            refused[asked[0]] = error.message
            await _note(source, _missing(post_id, {asked[0]: error.message}, today))
        return
    now, insights = source.clock.now(), instagram.read_post_insights(answer)
    async with source.database.writing() as session:
        await upserts.save_instagram_insights(session, source.asset_id, ("post", post_id), insights, today, now)
        await upserts.save_coverage(session, _read_metrics(post_id, insights, today), now)


def _about_a_metric(error: Rejected) -> bool:
    """Whether one of the metrics is refused, and not the post or the permission to read it."""
    return error.code == INVALID_PARAMETER and error.subcode is None


def _missing(subject_id: str, reasons: Refused, day: date) -> list[Coverage]:
    return [Coverage(subject_id, metric, day, "missing", reason) for metric, reason in reasons.items()]


def _read_metrics(post_id: str, insights: list[Insight], today: date) -> list[Coverage]:
    return [Coverage(post_id, insight.metric, today, "complete") for insight in insights]


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
    """All totals of each day: a call a day, but not for days that were read after they became final.

    One metric that Meta has taken away fails the whole call: the newest day tells which those are, and they are left
    out of the calls for the other days.
    """
    async with source.database.reading() as session:
        known = await queries.covered(session, source.asset_id)
    due = [day for day in window.days() if not _is_final(known.get((TOTALS, day)), day)]
    source.progress("insights", len(window.days()) - len(due))
    if not due:
        return
    refused = await _read_newest(source, due[0], spec.ACCOUNT_TOTALS)
    metrics = tuple(metric for metric in spec.ACCOUNT_TOTALS if metric not in refused)
    marks = [Coverage(source.asset_id, metric, day, "missing", refused[metric]) for metric in refused for day in due]
    await _note(source, marks)
    async with asyncio.TaskGroup() as group:
        for day in due[1:]:
            group.create_task(_read_day(source, day, metrics))


def _is_final(known: queries.Covered | None, day: date) -> bool:
    if known is None or known.state != "complete":
        return False
    ended = datetime.combine(day + timedelta(days=1), datetime.min.time(), graph.INSTAGRAM_DAY)
    return known.read_at >= ended + FINAL_AFTER


async def _read_newest(source: Source, day: date, metrics: tuple[str, ...]) -> Refused:
    """Read a day, by halves where a call is refused; gives the metrics that are refused by themselves, and why."""
    try:
        answer = await source.send(instagram.totals_call(source.version, source.asset_id, day, metrics))
    except Rejected as error:
        if not _about_a_metric(error):
            await _note(source, [Coverage(source.asset_id, TOTALS, day, "missing", error.message)])
            return {}
        if len(metrics) == 1:
            return {metrics[0]: error.message}
        half = len(metrics) // 2
        refused = await _read_newest(source, day, metrics[:half]) | await _read_newest(source, day, metrics[half:])
        if metrics == spec.ACCOUNT_TOTALS and len(refused) == len(metrics):
            await _note(source, [Coverage(source.asset_id, TOTALS, day, "missing", error.message)])
            return {}
        return refused
    await _save_days(source, TOTALS, [day], instagram.read_totals(answer, day))
    return {}


async def _read_day(source: Source, day: date, metrics: tuple[str, ...]) -> None:
    try:
        answer = await source.send(instagram.totals_call(source.version, source.asset_id, day, metrics))
    except Rejected as error:
        await _note(source, [Coverage(source.asset_id, TOTALS, day, "missing", error.message)])
        return
    await _save_days(source, TOTALS, [day], instagram.read_totals(answer, day))


async def read_demographics(source: Source, today: date) -> None:
    """Who the followers and those who engaged are, as of today: this cannot be read later."""
    for metric in spec.DEMOGRAPHICS:
        found: list[Insight] = []
        absent: tuple[upserts.CoverageState, str] = ("empty", "Meta gives none below 100 people")
        for breakdown in spec.DEMOGRAPHIC_BREAKDOWNS:
            call = instagram.demographics_call(source.version, source.asset_id, metric, breakdown)
            try:
                found += instagram.read_demographics(await source.send(call), today)
            except Rejected as error:
                absent = ("missing", error.message)
        await _save_days(source, metric, [today], found, absent, whole=absent[0] == "empty")


async def _save_days(
    source: Source,
    metric: str,
    days: list[date],
    found: list[Insight],
    absent: tuple[upserts.CoverageState, str] = ("missing", "Meta has not computed this day yet"),
    *,
    whole: bool = True,
) -> None:
    """Write values and, in the same transaction, which of the days they cover; none when they are not the whole."""
    present = {insight.day for insight in found if whole}
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
