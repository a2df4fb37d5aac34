"""The tables of instagram."""

from sqlalchemy import Column, Date, Float, Integer, String, Table, Text, UniqueConstraint

from freehold.kernel.database import Instant
from freehold.node.db import metadata
from freehold.node.store.columns import ID, row_id

instagram_accounts = Table(
    "instagram_accounts",
    metadata,
    Column("account_id", ID, primary_key=True),
    Column("username", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("biography", Text, nullable=False),
    Column("website", Text, nullable=False),
    Column("picture_url", Text, nullable=False),
    Column("followers", Integer, nullable=False),
    Column("follows", Integer, nullable=False),
    Column("posts", Integer, nullable=False),
    Column("read_at", Instant, nullable=False),
)

instagram_posts = Table(
    "instagram_posts",
    metadata,
    Column("post_id", ID, primary_key=True),
    Column("account_id", ID, nullable=False, index=True),
    Column("caption", Text, nullable=False),
    Column("media_type", String(32), nullable=False),
    Column("product_type", String(32), nullable=False),
    Column("permalink", Text, nullable=False),
    Column("shortcode", String(64), nullable=False),
    Column("thumbnail_url", Text, nullable=False),
    Column("published_at", Instant, nullable=False, index=True),
    Column("likes", Integer, comment="empty where the owner hides it"),
    Column("comments", Integer),
    Column("read_at", Instant, nullable=False),
)

instagram_insights = Table(
    "instagram_insights",
    metadata,
    row_id(),
    Column("account_id", ID, nullable=False, index=True),
    Column("subject_kind", String(16), nullable=False, comment="account or post"),
    Column("subject_id", ID, nullable=False),
    Column("metric", String(64), nullable=False),
    Column("period", String(16), nullable=False, comment="day, or lifetime: the value as it stood on `day`"),
    Column("breakdown", String(64), nullable=False, comment="empty for a total"),
    Column("part", String(200), nullable=False, comment="which part of the breakdown"),
    Column("day", Date, nullable=False, index=True),
    Column("value", Float, nullable=False),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("subject_id", "metric", "period", "breakdown", "part", "day", name="instagram_insights_once"),
)
