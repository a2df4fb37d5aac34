"""The account's own posts with what they are judged by, in the time zone in which their hours are counted."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from freehold.kernel.database import ReadSession
from freehold.kernel.problems import Problem
from freehold.node.analysis.results import Result, format_of
from freehold.node.mcp.instagram.arguments import PostMetric
from freehold.node.mcp.instagram.reading import account_of, oldest
from freehold.node.mcp.tool import Call
from freehold.node.measures.zones import zone_of_posts
from freehold.node.store.instagram import queries
from freehold.node.store.instagram.queries import MeasuredPost

RATE: Final = "engagement_rate"
HALF_A_YEAR = 180


@dataclass(frozen=True)
class Posts:
    """The measured posts of an account; `results` have their times in `zone`."""

    account_id: str
    measured: tuple[MeasuredPost, ...]
    results: tuple[Result, ...]
    zone: str
    as_of: datetime


async def posts_of(call: Call, account_id: str | None, metric: PostMetric, days: int, zone: str | None = None) -> Posts:
    """The posts of the last `days` of which the metric was read. Raises `Problem` as `assets.chosen` does."""
    asset = await account_of(call, account_id)
    chosen = await _zone(call, zone)
    async with call.node.database.reading() as session:
        found = await measured_by(session, asset.asset_id, metric, call.now() - timedelta(days=days), call.now())
    made = [
        Result(
            each.post_id,
            each.published_at.astimezone(chosen),
            format_of(each.media_type, each.product_type),
            each.value,
            each.caption,
        )
        for each in found
    ]
    as_of = oldest((each.read_at for each in found), call.now())
    return Posts(asset.asset_id, tuple(found), tuple(made), chosen.key, as_of)


async def measured_by(
    session: ReadSession, account_id: str, metric: PostMetric, since: datetime, until: datetime
) -> list[MeasuredPost]:
    """The posts that have the metric; the engagement rate is made of two."""
    if metric != RATE:
        return await queries.measured(session, account_id, metric, since, until)
    reach = await queries.measured_values(session, account_id, "reach", since, until)
    found = await queries.measured(session, account_id, "total_interactions", since, until)
    return [replace(each, value=each.value / reach[each.post_id]) for each in found if reach.get(each.post_id)]


async def _zone(call: Call, name: str | None) -> ZoneInfo:
    """The zone that is named, else that of the client's posts."""
    if name is None:
        async with call.node.database.reading() as session:
            return await zone_of_posts(session, call.node.settings.posts_timezone)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        hint = "Name it as in Europe/Berlin."
        raise Problem(422, "time_zone_unknown", "There is no such time zone.", hint) from error


def rounded(value: float | None) -> float | None:
    """Four places: more would claim what no sample of posts can."""
    return None if value is None else round(value, 4)
