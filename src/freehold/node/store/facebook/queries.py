"""Reading Facebook pages."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from freehold.kernel.database import ReadSession
from freehold.node.store.facebook.tables import facebook_pages, facebook_posts


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
