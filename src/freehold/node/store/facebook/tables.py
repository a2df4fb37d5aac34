"""The tables of facebook."""

from sqlalchemy import Column, Date, Float, String, Table, Text, UniqueConstraint

from freehold.kernel.database import Instant
from freehold.node.db import metadata
from freehold.node.store.columns import ID, row_id

facebook_posts = Table(
    "facebook_posts",
    metadata,
    Column("post_id", ID, primary_key=True),
    Column("page_id", ID, nullable=False, index=True),
    Column("message", Text, nullable=False),
    Column("permalink", Text, nullable=False),
    Column("published_at", Instant, nullable=False, index=True),
    Column("read_at", Instant, nullable=False),
)

facebook_page_insights = Table(
    "facebook_page_insights",
    metadata,
    row_id(),
    Column("page_id", ID, nullable=False, index=True),
    Column("subject_id", ID, nullable=False),
    Column("metric", String(64), nullable=False),
    Column("period", String(16), nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("value", Float, nullable=False),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("subject_id", "metric", "period", "day", name="facebook_page_insights_once"),
)
