"""Reading Instagram: profiles, the account by day, its people, its posts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from freehold.kernel.database import ReadSession
from freehold.node.store.instagram.tables import (
    instagram_accounts,
    instagram_children,
    instagram_feeds,
    instagram_insights,
    instagram_posts,
)
from freehold.node.store.instagram.upserts import Feed

STORY = "STORY"
"""The product type of stories."""


@dataclass(frozen=True)
class PostResult:
    """A post and its latest lifetime values by metric."""

    post_id: str
    caption: str
    product_type: str
    permalink: str
    published_at: datetime
    values: dict[str, float]


@dataclass(frozen=True)
class KnownPost:
    """When a post was published, and when what of it was read; None: not yet."""

    post_id: str
    product_type: str
    published_at: datetime
    read_at: datetime
    insights_read_at: datetime | None
    extras_read_at: datetime | None


@dataclass(frozen=True)
class Profile:
    """An Instagram account as it was read last."""

    account_id: str
    username: str
    name: str
    followers: int
    posts: int
    read_at: datetime


@dataclass(frozen=True)
class StoredAccount:
    """Everything that is kept of an account's profile. `name`, `biography` and `website` are whatever people wrote."""

    account_id: str
    username: str
    name: str
    biography: str
    website: str
    picture_url: str
    followers: int
    follows: int
    posts: int
    read_at: datetime


@dataclass(frozen=True)
class StoredPost:
    """A post or story as it was listed last; counts are None where the owner hides them."""

    post_id: str
    account_id: str
    caption: str
    media_type: str
    product_type: str
    permalink: str
    thumbnail_url: str
    published_at: datetime
    likes: int | None
    comments: int | None
    read_at: datetime
    insights_read_at: datetime | None
    gone_at: datetime | None


@dataclass(frozen=True)
class StoredChild:
    """A picture or video inside a carousel, by its place."""

    child_id: str
    position: int
    media_type: str
    media_url: str


@dataclass(frozen=True)
class Reading:
    """One value as it was read. `breakdown` and `part` are "" for a total; `day` is the last that it is about."""

    subject_id: str
    metric: str
    breakdown: str
    part: str
    day: date
    value: float
    read_at: datetime


@dataclass(frozen=True)
class PublishedPost:
    """That a post is there, what kind it is, and when it was listed last."""

    post_id: str
    media_type: str
    product_type: str
    published_at: datetime
    read_at: datetime


@dataclass(frozen=True)
class MeasuredPost:
    """A post with the latest value of one metric; `read_at` is when its insights were asked for last."""

    post_id: str
    caption: str
    media_type: str
    product_type: str
    permalink: str
    published_at: datetime
    value: float
    read_at: datetime
    gone_at: datetime | None = None


async def profiles(session: ReadSession, account_ids: Sequence[str]) -> list[Profile]:
    """The accounts that have been read, in the order of their names."""
    columns = [instagram_accounts.c[name] for name in Profile.__dataclass_fields__]
    query = select(*columns).where(instagram_accounts.c.account_id.in_(tuple(account_ids)))
    rows = (await session.execute(query.order_by(instagram_accounts.c.username))).all()
    return [Profile(*row) for row in rows]


async def daily(session: ReadSession, account_id: str, metric: str, first: date, last: date) -> dict[date, float]:
    """An account metric by day; days that are not there are absent."""
    query = select(instagram_insights.c.day, instagram_insights.c.value).where(
        instagram_insights.c.subject_id == account_id,
        instagram_insights.c.metric == metric,
        instagram_insights.c.period == "day",
        instagram_insights.c.breakdown == "",
        instagram_insights.c.day.between(first, last),
    )
    return {row.day: row.value for row in (await session.execute(query.order_by(instagram_insights.c.day))).all()}


async def demographics(session: ReadSession, account_id: str, metric: str, breakdown: str) -> dict[str, float]:
    """The parts of a demographic as they were read last, the largest first."""
    found = await newest_parts(session, account_id, metric, breakdown)
    return {reading.part: reading.value for reading in found}


async def posts(session: ReadSession, account_id: str, since: datetime, until: datetime) -> list[PostResult]:
    """The posts published in a time, stories apart, newest first, with the latest value of each of their metrics."""
    of = instagram_posts.c
    mine = and_(of.account_id == account_id, of.published_at.between(since, until), of.product_type != STORY)
    found = select(instagram_posts).where(mine)
    rows = list((await session.execute(found.order_by(of.published_at.desc()))).mappings())
    values = await _post_values(session, account_id, mine)
    return [
        PostResult(
            row["post_id"],
            row["caption"],
            row["product_type"],
            row["permalink"],
            row["published_at"],
            values.get(row["post_id"], {}),
        )
        for row in rows
    ]


async def account(session: ReadSession, account_id: str) -> StoredAccount | None:
    """An account as it was read last."""
    columns = [instagram_accounts.c[name] for name in StoredAccount.__dataclass_fields__]
    row = (await session.execute(select(*columns).where(instagram_accounts.c.account_id == account_id))).first()
    return None if row is None else StoredAccount(*row)


async def listed(
    session: ReadSession,
    account_id: str,
    since: datetime,
    until: datetime,
    limit: int,
    *,
    stories: bool = False,
    after: tuple[datetime, str] | None = None,
) -> list[StoredPost]:
    """Posts, or stories, published in a time, newest first; `after` is instant and id of the one before the first."""
    of = instagram_posts.c
    kind = of.product_type == STORY if stories else of.product_type != STORY
    query = select(*(of[name] for name in StoredPost.__dataclass_fields__)).where(
        of.account_id == account_id, of.published_at.between(since, until), kind
    )
    if after is not None:
        instant, post_id = after
        earlier = and_(of.published_at == instant, of.post_id < post_id)
        query = query.where(of.published_at <= instant, or_(of.published_at < instant, earlier))
    ordered = query.order_by(of.published_at.desc(), of.post_id.desc()).limit(limit)
    return [StoredPost(*row) for row in (await session.execute(ordered)).all()]


async def post(session: ReadSession, post_id: str) -> StoredPost | None:
    """A post or story as it was listed last."""
    of = instagram_posts.c
    query = select(*(of[name] for name in StoredPost.__dataclass_fields__)).where(of.post_id == post_id)
    row = (await session.execute(query)).first()
    return None if row is None else StoredPost(*row)


async def children(session: ReadSession, post_id: str) -> list[StoredChild]:
    """What is inside a carousel, in its order."""
    of = instagram_children.c
    query = select(*(of[name] for name in StoredChild.__dataclass_fields__)).where(of.post_id == post_id)
    return [StoredChild(*row) for row in (await session.execute(query.order_by(of.position))).all()]


async def latest_values(session: ReadSession, subject_ids: Sequence[str]) -> list[Reading]:
    """The latest lifetime value of every metric of posts or stories, by post and metric."""
    of = instagram_insights.c
    age = func.row_number().over(partition_by=(of.subject_id, of.metric, of.breakdown, of.part), order_by=of.day.desc())
    columns = [of[name] for name in Reading.__dataclass_fields__]
    read = (
        select(*columns, age.label("age"))
        .where(of.subject_id.in_(tuple(subject_ids)), of.period == "lifetime")
        .subquery()
    )
    found = select(*(read.c[name] for name in Reading.__dataclass_fields__)).where(read.c.age == 1)
    rows = (await session.execute(found.order_by(read.c.subject_id, read.c.metric, read.c.part))).all()
    return [Reading(*row) for row in rows]


async def readings(session: ReadSession, subject_id: str, metrics: Sequence[str]) -> list[Reading]:
    """Every lifetime value that was ever read of some metrics of a post, by metric and day."""
    of = instagram_insights.c
    query = select(*(of[name] for name in Reading.__dataclass_fields__)).where(
        of.subject_id == subject_id, of.metric.in_(tuple(metrics)), of.period == "lifetime", of.breakdown == ""
    )
    return [Reading(*row) for row in (await session.execute(query.order_by(of.metric, of.day))).all()]


async def measured(
    session: ReadSession, account_id: str, metric: str, since: datetime, until: datetime, *, stories: bool = False
) -> list[MeasuredPost]:
    """The posts, or stories, of a time of which the metric was read, with its latest value, oldest first.

    Those that are no longer listed as well: what they reached is what happened. `gone_at` tells.
    """
    of, value = instagram_posts.c, instagram_insights.c
    of_value = {"value": value.value, "read_at": func.coalesce(of.insights_read_at, value.read_at)}
    columns = [of_value[name] if name in of_value else of[name] for name in MeasuredPost.__dataclass_fields__]
    query = _newest(select(*columns), account_id, metric, since, until)
    chosen = query.where(of.product_type == STORY if stories else of.product_type != STORY)
    rows = (await session.execute(chosen.order_by(of.published_at, of.post_id))).all()
    return [MeasuredPost(*row) for row in rows]


async def measured_values(
    session: ReadSession, account_id: str, metric: str, since: datetime, until: datetime
) -> dict[str, float]:
    """The latest value of the metric by post, of a time's posts and stories of which it was read."""
    columns = instagram_posts.c.post_id, instagram_insights.c.value
    query = _newest(select(*columns), account_id, metric, since, until)
    return {row[0]: row[1] for row in await session.execute(query)}


def _newest(query: Select[Any], account_id: str, metric: str, since: datetime, until: datetime) -> Select[Any]:
    """The query, of posts of a time with their newest reading of a metric."""
    of, value = instagram_posts.c, instagram_insights.c
    kept = instagram_insights.alias()
    newest = (
        select(func.max(kept.c.day))
        .where(
            kept.c.subject_id == of.post_id,
            kept.c.metric == metric,
            kept.c.period == "lifetime",
            kept.c.breakdown == "",
            kept.c.part == "",
        )
        .correlate(instagram_posts)
        .scalar_subquery()
    )
    return query.join(instagram_insights, value.subject_id == of.post_id).where(
        of.account_id == account_id,
        of.published_at.between(since, until),
        value.metric == metric,
        value.period == "lifetime",
        value.breakdown == "",
        value.part == "",
        value.day == newest,
    )


async def published(session: ReadSession, account_id: str, since: datetime, until: datetime) -> list[PublishedPost]:
    """The posts of a time, stories apart, whether anything was read of them or not, also those no longer listed."""
    of = instagram_posts.c
    query = select(*(of[name] for name in PublishedPost.__dataclass_fields__)).where(
        of.account_id == account_id, of.published_at.between(since, until), of.product_type != STORY
    )
    return [PublishedPost(*row) for row in (await session.execute(query)).all()]


async def account_values(
    session: ReadSession,
    account_id: str,
    metrics: Sequence[str],
    first: date,
    last: date,
    *,
    period: str = "day",
    breakdown: str = "",
) -> list[Reading]:
    """What was read of an account's metrics for the days from `first` to `last`, by metric, day and part."""
    of = instagram_insights.c
    query = select(*(of[name] for name in Reading.__dataclass_fields__)).where(
        of.subject_id == account_id,
        of.metric.in_(tuple(metrics)),
        of.period == period,
        of.breakdown == breakdown,
        of.day.between(first, last),
    )
    return [Reading(*row) for row in (await session.execute(query.order_by(of.metric, of.day, of.part))).all()]


async def newest_parts(
    session: ReadSession, account_id: str, metric: str, breakdown: str, period: str = "lifetime"
) -> list[Reading]:
    """The parts of an account's metric as they were read last, the largest first."""
    of = instagram_insights.c
    mine = (of.subject_id == account_id, of.metric == metric, of.period == period, of.breakdown == breakdown)
    newest = select(func.max(of.day)).where(*mine).scalar_subquery()
    query = select(*(of[name] for name in Reading.__dataclass_fields__)).where(*mine, of.day == newest)
    return [Reading(*row) for row in (await session.execute(query.order_by(of.value.desc(), of.part))).all()]


async def feed(session: ReadSession, account_id: str) -> Feed:
    """How much of an account's posts is known."""
    columns = [instagram_feeds.c[name] for name in Feed.__dataclass_fields__]
    row = (await session.execute(select(*columns).where(instagram_feeds.c.account_id == account_id))).first()
    return Feed(account_id) if row is None else Feed(*row)


async def known_posts(session: ReadSession, account_id: str, since: datetime, until: datetime) -> list[KnownPost]:
    """The posts published in a time that are still listed, stories apart, newest first."""
    return await _known(session, account_id, since, until, instagram_posts.c.product_type != STORY)


async def known_stories(session: ReadSession, account_id: str, since: datetime, until: datetime) -> list[KnownPost]:
    """The stories published in a time, newest first."""
    return await _known(session, account_id, since, until, instagram_posts.c.product_type == STORY)


async def _known(
    session: ReadSession, account_id: str, since: datetime, until: datetime, kind: ColumnElement[bool]
) -> list[KnownPost]:
    of = instagram_posts.c
    query = select(*(of[name] for name in KnownPost.__dataclass_fields__)).where(
        of.account_id == account_id, of.published_at.between(since, until), of.gone_at.is_(None), kind
    )
    return [KnownPost(*row) for row in (await session.execute(query.order_by(of.published_at.desc()))).all()]


async def _post_values(session: ReadSession, account_id: str, mine: ColumnElement[bool]) -> dict[str, dict[str, float]]:
    """The latest value of each metric of those posts; those before it are left in the database."""
    of = instagram_insights.c
    age = func.row_number().over(partition_by=(of.subject_id, of.metric), order_by=of.day.desc())
    values = (
        select(of.subject_id, of.metric, of.value, age.label("age"))
        .join(instagram_posts, instagram_posts.c.post_id == of.subject_id)
        .where(mine, of.account_id == account_id, of.subject_kind == "post")
        .subquery()
    )
    newest = select(values.c.subject_id, values.c.metric, values.c.value).where(values.c.age == 1)
    found: dict[str, dict[str, float]] = {}
    for row in (await session.execute(newest)).all():
        found.setdefault(row.subject_id, {})[row.metric] = row.value
    return found
