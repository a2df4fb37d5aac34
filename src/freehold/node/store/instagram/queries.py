"""Reading Instagram: profiles, the account by day, its people, its posts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select

from freehold.kernel.database import ReadSession
from freehold.node.store.instagram.tables import (
    instagram_accounts,
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
    mine = (
        instagram_insights.c.subject_id == account_id,
        instagram_insights.c.metric == metric,
        instagram_insights.c.breakdown == breakdown,
        instagram_insights.c.period == "lifetime",
    )
    newest = select(func.max(instagram_insights.c.day)).where(*mine).scalar_subquery()
    query = select(instagram_insights.c.part, instagram_insights.c.value).where(
        *mine, instagram_insights.c.day == newest
    )
    rows = (await session.execute(query.order_by(instagram_insights.c.value.desc()))).all()
    return {row.part: row.value for row in rows}


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
