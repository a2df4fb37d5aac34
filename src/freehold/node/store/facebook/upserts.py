"""Writing what was read of Facebook pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import update

from freehold.kernel.database import WriteSession
from freehold.node.store.facebook.tables import facebook_page_insights, facebook_pages, facebook_posts
from freehold.node.store.merge import merge
from freehold.providers.meta.pages import Page, PageInsight, PagePost


async def save_page(session: WriteSession, page: Page, now: datetime) -> None:
    """Write a page."""
    await merge(session, facebook_pages, ("page_id",), [asdict(page) | {"read_at": now}])


async def save_posts(session: WriteSession, page_id: str, posts: Iterable[PagePost], now: datetime) -> None:
    """Write posts of a page; `read_at` is written also where nothing else changed: by it they fall due again."""
    rows = [asdict(post) | {"page_id": page_id, "read_at": now, "gone_at": None} for post in posts]
    await merge(session, facebook_posts, ("post_id",), rows, refresh=True)


async def mark_gone(
    session: WriteSession, page_id: str, since: datetime, until: datetime, *, before: datetime, now: datetime
) -> None:
    """Those posts of a time that were last listed before `before` are gone since `now`."""
    of = facebook_posts.c
    within = of.published_at.between(since, until)
    of_page = update(facebook_posts).where(of.page_id == page_id, within, of.read_at < before, of.gone_at.is_(None))
    await session.execute(of_page.values(gone_at=now))


async def save_page_insights(
    session: WriteSession, page_id: str, found: Mapping[str, Sequence[PageInsight]], today: date, now: datetime
) -> None:
    """Write insights of a page and its posts, by the id that they are of; a lifetime value is that of `today`."""
    rows = [
        asdict(insight) | {"page_id": page_id, "subject_id": subject, "day": insight.day or today, "read_at": now}
        for subject, insights in found.items()
        for insight in insights
    ]
    await merge(session, facebook_page_insights, ("subject_id", "metric", "period", "day"), rows)
