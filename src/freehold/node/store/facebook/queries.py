"""Reading Facebook pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import RowMapping, Select, select

from freehold.kernel.database import ReadSession
from freehold.node.store.facebook.tables import facebook_page_insights, facebook_pages, facebook_posts
from freehold.node.store.instagram.queries import PostResult

POST_VALUES: Final = {"post_media_view": "views", "post_total_media_view_unique": "reach"}


@dataclass(frozen=True)
class KnownPost:
    """A post of a page: when it was published, and when it was read last."""

    post_id: str
    published_at: datetime
    read_at: datetime


async def known_posts(session: ReadSession, page_id: str) -> list[KnownPost]:
    """All posts of a page that are stored and not gone, the newest first."""
    of = facebook_posts.c
    query = select(of.post_id, of.published_at, of.read_at).where(of.page_id == page_id, of.gone_at.is_(None))
    found = (await session.execute(query.order_by(of.published_at.desc(), of.post_id))).all()
    return [KnownPost(*row) for row in found]


async def fans(session: ReadSession, page_id: str) -> int | None:
    """How many people liked the page when it was read last; None where that is not known."""
    query = select(facebook_pages.c.fans).where(facebook_pages.c.page_id == page_id)
    return (await session.execute(query)).scalar_one_or_none()


async def followers(session: ReadSession, page_id: str) -> int | None:
    """How many people followed the page when it was read last; None where it was not."""
    query = select(facebook_pages.c.followers).where(facebook_pages.c.page_id == page_id)
    return (await session.execute(query)).scalar_one_or_none()


@dataclass(frozen=True)
class PageDay:
    """What Meta told of a page's day."""

    metric: str
    day: date
    value: float
    read_at: datetime


async def days(
    session: ReadSession, page_id: str, metrics: Sequence[str], first: date, last: date, *, period: str = "day"
) -> list[PageDay]:
    """A page's own metrics by day, or in the windows that end with a day."""
    of = facebook_page_insights.c
    query = select(of.metric, of.day, of.value, of.read_at).where(
        of.subject_id == page_id, of.metric.in_(tuple(metrics)), of.period == period, of.day.between(first, last)
    )
    return [PageDay(*row) for row in (await session.execute(query.order_by(of.metric, of.day))).all()]


async def posts(session: ReadSession, page_id: str, since: datetime, until: datetime) -> list[PostResult]:
    """The posts that were published from `since` until before `until`, newest first, with the latest value of each of
    their metrics; interactions are reactions, comments and shares, where Meta tells them all.
    """
    of = facebook_posts.c
    mine = (of.page_id == page_id) & (of.published_at >= since) & (of.published_at < until) & of.gone_at.is_(None)
    rows = (await session.execute(select(facebook_posts).where(mine).order_by(of.published_at.desc()))).mappings()
    values = await _latest(session, select(of.post_id).where(mine))
    return [
        PostResult(
            row["post_id"],
            row["message"],
            row["status_type"],
            row["permalink"],
            row["published_at"],
            values.get(row["post_id"], {}) | _interactions(row["reactions"], row["comments"], row["shares"]),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class MeasuredPost:
    """A page's post with the latest value of each metric that is known; `read_at` is when it was read last."""

    post_id: str
    status_type: str
    published_at: datetime
    values: dict[str, float]
    read_at: datetime


async def measured(session: ReadSession, page_id: str, since: datetime, until: datetime) -> list[MeasuredPost]:
    """The posts that were published from `since` to `until`, oldest first, also those that are no longer listed."""
    of = facebook_posts.c
    mine = (of.page_id == page_id) & of.published_at.between(since, until)
    rows = (await session.execute(select(facebook_posts).where(mine).order_by(of.published_at))).mappings()
    values = await _latest(session, select(of.post_id).where(mine))
    return [
        MeasuredPost(
            row["post_id"],
            row["status_type"],
            row["published_at"],
            values.get(row["post_id"], {}) | _counts(row),
            row["read_at"],
        )
        for row in rows
    ]


def _counts(row: RowMapping) -> dict[str, float]:
    """The counts that the list of posts tells, and all of them together."""
    told = {name: row[name] for name in ("reactions", "comments", "shares")}
    known = {name: float(count) for name, count in told.items() if count is not None}
    return known | _interactions(*told.values())


def _interactions(*counts: int | None) -> dict[str, float]:
    known = [count for count in counts if count is not None]
    return {"total_interactions": float(sum(known))} if len(known) == len(counts) else {}


async def _latest(session: ReadSession, posts: Select[tuple[str]]) -> dict[str, dict[str, float]]:
    of = facebook_page_insights.c
    query = select(of.subject_id, of.metric, of.value).where(
        of.subject_id.in_(posts), of.metric.in_(POST_VALUES), of.period == "lifetime"
    )
    found: dict[str, dict[str, float]] = {}
    for post_id, metric, value in (await session.execute(query.order_by(of.day))).all():
        found.setdefault(post_id, {})[POST_VALUES[metric]] = value
    return found
