"""The tables of facebook."""

from sqlalchemy import Column, Date, Float, Integer, String, Table, Text, UniqueConstraint

from freehold.kernel.database import Instant
from freehold.node.db import metadata
from freehold.node.store.columns import ID, note, row_id

facebook_pages = Table(
    "facebook_pages",
    metadata,
    Column("page_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("website", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("fans", Integer, comment="people who like the page; empty where Meta does not tell"),
    Column("followers", Integer, nullable=False),
    Column("verification", String(64), nullable=False),
    Column("read_at", Instant, nullable=False),
)

facebook_posts = Table(
    "facebook_posts",
    metadata,
    Column("post_id", ID, primary_key=True),
    Column("page_id", ID, nullable=False, index=True),
    Column("message", Text, nullable=False),
    Column("story", Text, nullable=False, server_default="", comment="what Facebook itself says of the post"),
    Column("permalink", Text, nullable=False),
    Column("picture_url", Text, nullable=False, server_default=""),
    Column("status_type", String(64), nullable=False, server_default="", comment="such as added_photos"),
    Column("published_at", Instant, nullable=False, index=True),
    Column("updated_at", Instant),
    Column("shares", Integer, nullable=False, server_default="0"),
    Column("reactions", Integer, comment="of all kinds; empty where Meta does not tell"),
    Column("comments", Integer, comment="empty where Meta does not tell"),
    Column("gone_at", Instant, comment="when it was no longer listed"),
    Column("read_at", Instant, nullable=False),
    note(),
)

facebook_page_insights = Table(
    "facebook_page_insights",
    metadata,
    row_id(),
    Column("page_id", ID, nullable=False, index=True),
    Column("subject_id", ID, nullable=False, comment="the page or one of its posts"),
    Column("metric", String(64), nullable=False),
    Column("period", String(16), nullable=False, comment="day, week or days_28 that end with `day`; or lifetime"),
    Column("day", Date, nullable=False, index=True),
    Column("value", Float, nullable=False),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("subject_id", "metric", "period", "day", name="facebook_page_insights_once"),
)
