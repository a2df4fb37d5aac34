"""How much has been collected."""

from dataclasses import dataclass

from sqlalchemy import func, select

from freehold.kernel.database import ReadSession
from freehold.node.store.ads.tables import ad_campaigns, ad_insights
from freehold.node.store.facebook.tables import facebook_page_insights, facebook_posts
from freehold.node.store.instagram.tables import instagram_insights, instagram_posts


@dataclass(frozen=True)
class Counts:
    """How much has been collected."""

    instagram_posts: int
    instagram_insights: int
    facebook_posts: int
    facebook_page_insights: int
    ad_campaigns: int
    ad_insights: int


async def counts(session: ReadSession) -> Counts:
    """How many rows of each kind there are."""
    counted = (instagram_posts, instagram_insights, facebook_posts, facebook_page_insights, ad_campaigns, ad_insights)
    parts = [select(func.count()).select_from(table).scalar_subquery() for table in counted]
    return Counts(*map(int, (await session.execute(select(*parts))).one()))
