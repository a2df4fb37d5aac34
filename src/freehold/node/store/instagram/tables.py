"""The tables of instagram."""

from sqlalchemy import Boolean, Column, Date, Float, Index, Integer, String, Table, Text, UniqueConstraint

from freehold.kernel.database import Instant
from freehold.node.db import metadata
from freehold.node.store.columns import ID, note, row_id

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
    Column("insights_read_at", Instant, comment="empty where its insights have not been read, or are not given"),
    Column("extras_read_at", Instant, comment="the same of the metrics that only its kind of post has"),
    Column("gone_at", Instant, comment="when it was no longer listed"),
    note(),
    Index("ix_instagram_posts_newest", "account_id", "published_at"),
)

instagram_children = Table(
    "instagram_children",
    metadata,
    Column("child_id", ID, primary_key=True),
    Column("post_id", ID, nullable=False, index=True),
    Column("account_id", ID, nullable=False, index=True),
    Column("position", Integer, nullable=False, comment="its place in the carousel, from 0"),
    Column("media_type", String(32), nullable=False),
    Column("media_url", Text, nullable=False, comment="valid for some days only"),
    Column("thumbnail_url", Text, nullable=False),
    Column("read_at", Instant, nullable=False),
)

instagram_feeds = Table(
    "instagram_feeds",
    metadata,
    Column("account_id", ID, primary_key=True),
    Column("listed_until", Instant, comment="the newest post up to which every post is known"),
    Column("listed_since", Instant, comment="the oldest post down to which every post is known"),
    Column("whole", Boolean, nullable=False, comment="whether there is none that is older"),
    Column("personal_until", Instant, comment="the newest post from when the account was still a personal one"),
    Column("personal_reason", Text, nullable=False, comment="why posts up to there have no insights, as Meta says it"),
    Column("listed_at", Instant, comment="when the newest posts were listed last, to the first that was known"),
)

instagram_insights = Table(
    "instagram_insights",
    metadata,
    row_id(),
    Column("account_id", ID, nullable=False, index=True),
    Column("subject_kind", String(16), nullable=False, comment="account, post or story"),
    Column("subject_id", ID, nullable=False),
    Column("metric", String(64), nullable=False),
    Column(
        "period",
        String(16),
        nullable=False,
        comment="day; lifetime, as it stood on `day`; week, days_28, days_30: the days that end with `day`",
    ),
    Column("breakdown", String(64), nullable=False, comment="empty for a total"),
    Column("part", String(200), nullable=False, comment="which part of the breakdown"),
    Column("day", Date, nullable=False, index=True),
    Column("value", Float, nullable=False),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("subject_id", "metric", "period", "breakdown", "part", "day", name="instagram_insights_once"),
)
