"""How much has been collected."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Table, bindparam, func, select, text

from freehold.kernel.database import ReadSession
from freehold.node.store.ads.tables import ad_campaigns, ad_insights
from freehold.node.store.facebook.tables import facebook_page_insights, facebook_posts
from freehold.node.store.instagram.tables import instagram_insights, instagram_posts

EXACT_ROWS = 1_000_000
"""Up to so many rows are counted one by one; of larger tables PostgreSQL's estimate is told, which takes no time."""


@dataclass(frozen=True)
class Counts:
    """How much has been collected; of millions of rows, about how much."""

    instagram_posts: int
    instagram_insights: int
    facebook_posts: int
    facebook_page_insights: int
    ad_campaigns: int
    ad_insights: int


async def counts(session: ReadSession) -> Counts:
    """How many rows of each kind there are."""
    counted = (instagram_posts, instagram_insights, facebook_posts, facebook_page_insights, ad_campaigns, ad_insights)
    estimated = await _estimates(session, counted) if session.dialect.name == "postgresql" else {}
    found = {name: rows for name, rows in estimated.items() if rows > EXACT_ROWS}
    exactly = [table for table in counted if table.name not in found]
    if exactly:
        parts = [select(func.count()).select_from(table).scalar_subquery().label(table.name) for table in exactly]
        found |= (await session.execute(select(*parts))).mappings().one()
    return Counts(**found)


async def _estimates(session: ReadSession, tables: Sequence[Table]) -> dict[str, int]:
    query = text(
        "SELECT relname, reltuples FROM pg_class WHERE oid = ANY(SELECT to_regclass(unnest(CAST(:names AS text[]))))"
    )
    query = query.bindparams(bindparam("names", [table.name for table in tables]))
    return {row.relname: int(row.reltuples) for row in (await session.execute(query)).all()}
