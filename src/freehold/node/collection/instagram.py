"""Instagram: profile, the account day by day, who its followers are, and its posts with their insights.

Close to the floor of calls: posts come with the insights that all of them have, the account's totals of a day come in
one call, series in windows of 30 days. One refused metric, day or post never sinks the rest.
"""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from freehold.node.collection.posts import read_extras, read_posts
from freehold.node.collection.source import Source, Window, priority_of
from freehold.node.collection.streams import Stream
from freehold.node.collection.totals import NOT_COMPUTED, read_totals
from freehold.node.governor import Priority
from freehold.node.store.coverage.upserts import Coverage, CoverageState, save_coverage
from freehold.node.store.instagram.upserts import save_instagram_insights, save_profile
from freehold.providers.calls import Rejected, Unavailable
from freehold.providers.meta import graph, instagram, spec
from freehold.providers.meta.instagram import Insight

KIND = "instagram_account"


async def read_profile(source: Source, _window: Window) -> None:
    """The profile as it is now."""
    place = await source.place("profile")
    if place.finished:
        return
    call = instagram.profile_call(source.version, source.asset_id)
    profile = await source.read(call, instagram.read_profile)
    async with source.saving(replace(place, finished=True)) as session:
        await save_profile(session, profile, source.clock.now())


async def read_series(source: Source, window: Window) -> None:
    """Reach by day, and the change in followers of the last 30 days; older changes Meta does not keep."""
    for first, last in graph.windows(window.first, window.last, spec.MAX_WINDOW_DAYS):
        await _read_series(source, "reach", first, last, priority_of(window, last))
    oldest = max(window.first, window.today - timedelta(days=spec.FOLLOWER_CHANGE_DAYS))
    for first, last in graph.windows(oldest, window.last, spec.MAX_WINDOW_DAYS):
        await _read_series(source, "follower_count", first, last, priority_of(window, last))
    gone = [day for day in window.days() if day < oldest]
    reason = f"Meta keeps {spec.FOLLOWER_CHANGE_DAYS} days of follower changes"
    await source.note([Coverage(source.asset_id, "follower_count", day, "empty", reason) for day in gone])


async def _read_series(source: Source, metric: str, first: date, last: date, priority: Priority) -> None:
    days = Window(first, last, last).days()
    call = instagram.series_call(source.version, source.asset_id, metric, first, last)
    try:
        answer = await source.read(call, instagram.read_series, priority)
    except (Rejected, Unavailable) as error:
        await source.note([Coverage(source.asset_id, metric, day, "missing", error.message) for day in days])
        return
    found = [insight for insight in answer if insight.day in days]
    await _save_days(source, metric, days, found)


async def read_demographics(source: Source, window: Window) -> None:
    """Who the followers and those who engaged are, as of today: this cannot be read later."""
    for metric in spec.DEMOGRAPHICS:
        found: list[Insight] = []
        absent: tuple[CoverageState, str] = ("empty", "Meta gives none below 100 people")
        for breakdown in spec.DEMOGRAPHIC_BREAKDOWNS:
            call = instagram.demographics_call(source.version, source.asset_id, metric, breakdown)
            try:
                found += await source.read(call, partial(instagram.read_demographics, day=window.today))
            except (Rejected, Unavailable) as error:
                absent = ("missing", error.message)
        await _save_days(source, metric, [window.today], found, absent, whole=absent[0] == "empty")


async def _save_days(
    source: Source,
    metric: str,
    days: list[date],
    found: list[Insight],
    absent: tuple[CoverageState, str] = ("missing", NOT_COMPUTED),
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
        await save_instagram_insights(session, source.asset_id, ("account", source.asset_id), found, days[0], now)
        await save_coverage(session, marks, now)


STREAMS = (
    Stream("instagram_profile", KIND, read_profile, gate=True),
    Stream("instagram_series", KIND, read_series),
    Stream("instagram_demographics", KIND, read_demographics),
    Stream("instagram_totals", KIND, read_totals),
    Stream("instagram_posts", KIND, read_posts),
    Stream("instagram_extras", KIND, read_extras),
)
"""Everything that is read of an Instagram account, in this order."""
