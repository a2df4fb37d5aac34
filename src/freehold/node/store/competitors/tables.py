"""The tables of competitors: whom the client watches, and what they post and advertise. Its texts are others'."""

from sqlalchemy import BigInteger, Column, Date, Integer, String, Table, Text, UniqueConstraint

from freehold.kernel.database import ROW_ID, Instant
from freehold.node.db import metadata
from freehold.node.store.columns import ID, note, row_id

competitors = Table(
    "competitors",
    metadata,
    Column("competitor_id", ROW_ID, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False, comment="instagram_account, facebook_page or search_terms"),
    Column("name", String(200), nullable=False, comment="a user name, a page's id, or words"),
    Column("countries", Text, nullable=False, comment="where ads are shown: ISO codes separated by commas, or ALL"),
    Column("added_by", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant, comment="since when it is no longer watched; empty while it is"),
    note(),
    UniqueConstraint("kind", "name", name="competitors_once"),
)

competitor_accounts = Table(
    "competitor_accounts",
    metadata,
    row_id(),
    Column("competitor_id", Integer, nullable=False, index=True),
    Column("account_id", ID, nullable=False),
    Column("day", Date, nullable=False, comment="UTC"),
    Column("username", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("biography", Text, nullable=False),
    Column("website", Text, nullable=False),
    Column("followers", Integer, nullable=False),
    Column("follows", Integer, nullable=False),
    Column("posts", Integer, nullable=False),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("account_id", "day", name="competitor_accounts_once"),
)

competitor_posts = Table(
    "competitor_posts",
    metadata,
    Column("post_id", ID, primary_key=True),
    Column("account_id", ID, nullable=False, index=True),
    Column("caption", Text, nullable=False),
    Column("media_type", String(32), nullable=False),
    Column("product_type", String(32), nullable=False),
    Column("permalink", Text, nullable=False),
    Column("published_at", Instant, nullable=False, index=True),
    Column("likes", Integer, comment="empty where the owner hides it"),
    Column("comments", Integer),
    Column("views", Integer, comment="of reels alone"),
    Column("read_at", Instant, nullable=False),
    note(),
)

competitor_ads = Table(
    "competitor_ads",
    metadata,
    Column("ad_archive_id", ID, primary_key=True),
    Column("page_id", ID, nullable=False, index=True),
    Column("page_name", Text, nullable=False),
    Column("bodies", Text, nullable=False, comment="JSON list"),
    Column("titles", Text, nullable=False, server_default="[]", comment="JSON list"),
    Column("captions", Text, nullable=False, server_default="[]", comment="JSON list: the links that are shown"),
    Column("descriptions", Text, nullable=False, server_default="[]", comment="JSON list"),
    Column("snapshot_url", Text, nullable=False, comment="without a token"),
    Column("delivery_started_on", Date),
    Column("delivery_stopped_on", Date),
    Column("publisher_platforms", Text, nullable=False, comment="separated by commas"),
    Column("languages", Text, nullable=False, server_default="", comment="separated by commas"),
    Column("eu_total_reach", BigInteger),
    Column("target_ages", Text, nullable=False, server_default=""),
    Column("target_gender", Text, nullable=False, server_default=""),
    Column("target_locations", Text, nullable=False, server_default="[]", comment="JSON list; -NAME is left out"),
    Column("payers", Text, nullable=False, server_default="[]", comment="JSON list"),
    Column("first_seen_on", Date, comment="the first look that found it"),
    Column("last_seen_on", Date, comment="the last look that found it"),
    Column("gone_on", Date, comment="the first look that missed it although it had not stopped"),
    Column("read_at", Instant, nullable=False),
    note(),
)

competitor_ad_matches = Table(
    "competitor_ad_matches",
    metadata,
    row_id(),
    Column("competitor_id", Integer, nullable=False, index=True),
    Column("ad_archive_id", ID, nullable=False, index=True),
    UniqueConstraint("competitor_id", "ad_archive_id", name="competitor_ad_matches_once"),
)
