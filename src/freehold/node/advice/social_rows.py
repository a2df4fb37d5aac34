"""What is known of an Instagram account or a Facebook page, as rows for a look."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from freehold.kernel.database import ReadSession
from freehold.node.advice import queries
from freehold.node.advice.periods import Periods
from freehold.node.advice.queries import PagePost
from freehold.node.analysis.inputs import AccountRows, Daily, ReachWindow, Split, SplitRow
from freehold.node.analysis.results import Result, format_of
from freehold.node.analysis.stories import StoryResult
from freehold.node.store.instagram import queries as instagram
from freehold.node.store.instagram.queries import MeasuredPost

INSTAGRAM_SERIES: Final = {
    "account_reach": "reach",
    "account_views": "views",
    "account_interactions": "total_interactions",
}
"""The metrics that are looked at, by their names in questions -> as Meta names them."""
PAGE_SERIES: Final = ("page_media_view", "page_post_engagements")
POSTS_METRIC: Final = "reach"
PAGE_POSTS_METRIC: Final = "post_total_media_view_unique"
"""People who saw a page's post."""
STORY_LIFE: Final = timedelta(hours=24)
UNIONS: Final = {"week": 7, "days_28": 28}
"""Periods of which Meta says how many people were reached, each counted once -> their days."""


async def instagram_rows(session: ReadSession, account_id: str, periods: Periods, zone: ZoneInfo) -> AccountRows:
    """An Instagram account; `zone` is where the hours of its posts are counted."""
    series = [
        Daily(name, account_id, await instagram.daily(session, account_id, metric, periods.history, periods.last))
        for name, metric in INSTAGRAM_SERIES.items()
    ]
    since, until = _instant(periods.posts), periods.now
    posts = await instagram.measured(session, account_id, POSTS_METRIC, since, until)
    stories = await instagram.measured(session, account_id, POSTS_METRIC, since, until, stories=True)
    return AccountRows(
        account_id=account_id,
        series=tuple(each for each in series if each.values),
        new_followers=await instagram.daily(session, account_id, "follower_count", periods.history, periods.last),
        posts=tuple(instagram_result(each, zone) for each in posts),
        posts_metric=POSTS_METRIC,
        stories=tuple(
            StoryResult(each.post_id, each.published_at.astimezone(zone), each.value)
            for each in stories
            if periods.now - each.published_at >= STORY_LIFE
        ),
        splits=await _views_by_format(session, account_id, periods),
        reach=await _unions(session, account_id, periods),
    )


async def page_rows(session: ReadSession, page_id: str, periods: Periods, zone: ZoneInfo) -> AccountRows:
    """A Facebook page; its posts are told apart by what was added: photos, videos, links."""
    values: dict[str, dict[date, float]] = defaultdict(dict)
    for each in await queries.page_days(session, page_id, PAGE_SERIES, periods.history, periods.last):
        values[each.metric][each.day] = each.value
    posts = await queries.page_posts(session, page_id, PAGE_POSTS_METRIC, _instant(periods.posts))
    return AccountRows(
        account_id=page_id,
        series=tuple(Daily(metric, page_id, found) for metric, found in sorted(values.items())),
        posts=tuple(page_result(each, zone) for each in posts),
        posts_metric=PAGE_POSTS_METRIC,
    )


def instagram_result(post: MeasuredPost, zone: ZoneInfo) -> Result:
    """An Instagram post as it is compared with others, before advice and after it was followed."""
    format_ = format_of(post.media_type, post.product_type)
    return Result(post.post_id, post.published_at.astimezone(zone), format_, post.value, post.caption)


def page_result(post: PagePost, zone: ZoneInfo) -> Result:
    """The same of a page's post; those to which nothing was added have no type."""
    format_ = post.status_type or "other"
    return Result(post.post_id, post.published_at.astimezone(zone), format_, post.value, post.message)


async def _views_by_format(session: ReadSession, account_id: str, periods: Periods) -> tuple[Split, ...]:
    """What of the account's views went to posts, reels and stories."""
    first = periods.first - timedelta(days=periods.days)
    found = await instagram.account_values(
        session, account_id, ("views",), first, periods.last, breakdown="media_product_type"
    )
    rows = tuple(SplitRow(each.day, each.part.lower(), each.value) for each in found)
    return (Split("account_views", account_id, "format", rows),) if rows else ()


async def _unions(session: ReadSession, account_id: str, periods: Periods) -> tuple[ReachWindow, ...]:
    """How many people Meta says were reached in the weeks and four weeks that end with a day."""
    found: list[ReachWindow] = []
    for period, days in UNIONS.items():
        readings = await instagram.account_values(
            session, account_id, ("reach",), periods.history, periods.last, period=period
        )
        back = timedelta(days=days - 1)
        found += [ReachWindow(account_id, each.day - back, each.day, each.value) for each in readings]
    return tuple(found)


def _instant(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
