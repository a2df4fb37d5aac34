"""The tables of collected data: the seed's, and those that they need beside them.

Every table has one primary key column and no declared foreign key, so that people may edit and annotate the rows in
NocoDB; columns that refer to other tables are indexed. Money is in minor units of `currency`.
"""

from sqlalchemy import BigInteger, Column, Date, Float, Integer, String, Table, Text, UniqueConstraint

from freehold.kernel.database import ROW_ID, Instant
from freehold.node.db import metadata

ID = String(64)
CAMPAIGN_REACH = "campaign_reach"
"""The name under which coverage keeps the window of which the campaigns' reach was read."""


def _row_id() -> Column[int]:
    return Column("id", ROW_ID, primary_key=True, autoincrement=True)


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
    _row_id(),
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
    _row_id(),
    Column("page_id", ID, nullable=False, index=True),
    Column("subject_id", ID, nullable=False),
    Column("metric", String(64), nullable=False),
    Column("period", String(16), nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("value", Float, nullable=False),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("subject_id", "metric", "period", "day", name="facebook_page_insights_once"),
)

ad_campaigns = Table(
    "ad_campaigns",
    metadata,
    Column("campaign_id", ID, primary_key=True),
    Column("ad_account_id", ID, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("objective", String(64), nullable=False),
    Column("status", String(32), nullable=False),
    Column("effective_status", String(32), nullable=False),
    Column("buying_type", String(32), nullable=False),
    Column("bid_strategy", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("daily_budget_minor", BigInteger),
    Column("lifetime_budget_minor", BigInteger),
    Column("started_at", Instant),
    Column("stopped_at", Instant),
    Column("created_at", Instant),
    Column("updated_at", Instant),
    Column("read_at", Instant, nullable=False),
)

ad_sets = Table(
    "ad_sets",
    metadata,
    Column("ad_set_id", ID, primary_key=True),
    Column("ad_account_id", ID, nullable=False, index=True),
    Column("campaign_id", ID, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("status", String(32), nullable=False),
    Column("effective_status", String(32), nullable=False),
    Column("optimization_goal", String(64), nullable=False),
    Column("billing_event", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("daily_budget_minor", BigInteger),
    Column("lifetime_budget_minor", BigInteger),
    Column("bid_amount_minor", BigInteger),
    Column("targeting", Text, nullable=False, comment="JSON, as Meta gave it"),
    Column("started_at", Instant),
    Column("ends_at", Instant),
    Column("created_at", Instant),
    Column("updated_at", Instant),
    Column("read_at", Instant, nullable=False),
)

ads = Table(
    "ads",
    metadata,
    Column("ad_id", ID, primary_key=True),
    Column("ad_account_id", ID, nullable=False, index=True),
    Column("ad_set_id", ID, nullable=False, index=True),
    Column("campaign_id", ID, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("status", String(32), nullable=False),
    Column("effective_status", String(32), nullable=False),
    Column("creative_id", ID, nullable=False),
    Column("created_at", Instant),
    Column("updated_at", Instant),
    Column("read_at", Instant, nullable=False),
)

ad_insights = Table(
    "ad_insights",
    metadata,
    _row_id(),
    Column("ad_account_id", ID, nullable=False, index=True),
    Column("campaign_id", ID, nullable=False, index=True),
    Column("ad_set_id", ID, nullable=False, index=True),
    Column("ad_id", ID, nullable=False, index=True),
    Column("day", Date, nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("impressions", BigInteger, nullable=False),
    Column("reach", BigInteger, nullable=False, comment="people; days and ads may not be summed"),
    Column("clicks", BigInteger, nullable=False),
    Column("link_clicks", BigInteger, nullable=False),
    Column("spend_minor", BigInteger, nullable=False),
    Column("results", BigInteger, comment="what the campaign's objective is after; empty for awareness"),
    Column("actions", Text, nullable=False, comment="JSON: action type -> how often"),
    Column("action_values_minor", Text, nullable=False, comment="JSON: action type -> value"),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("ad_id", "day", name="ad_insights_once"),
)

ad_campaign_reach = Table(
    "ad_campaign_reach",
    metadata,
    _row_id(),
    Column("ad_account_id", ID, nullable=False, index=True),
    Column("campaign_id", ID, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("reach", BigInteger, nullable=False, comment="people, each counted once in the whole window"),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("campaign_id", "first_day", "last_day", name="ad_campaign_reach_once"),
)

competitor_ads = Table(
    "competitor_ads",
    metadata,
    Column("ad_archive_id", ID, primary_key=True),
    Column("page_id", ID, nullable=False, index=True),
    Column("page_name", Text, nullable=False),
    Column("bodies", Text, nullable=False, comment="JSON list"),
    Column("snapshot_url", Text, nullable=False),
    Column("delivery_started_on", Date),
    Column("delivery_stopped_on", Date),
    Column("publisher_platforms", Text, nullable=False, comment="separated by commas"),
    Column("eu_total_reach", BigInteger),
    Column("read_at", Instant, nullable=False),
)

ai_recommendations = Table(
    "ai_recommendations",
    metadata,
    Column("recommendation_id", ID, primary_key=True),
    Column("kind", String(64), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("evidence", Text, nullable=False, comment="JSON: the numbers that it rests on"),
    Column("status", String(16), nullable=False),
    Column("made_at", Instant, nullable=False),
)

ad_changes = Table(
    "ad_changes",
    metadata,
    _row_id(),
    Column("object_id", ID, nullable=False, index=True),
    Column("before", Text, nullable=False, comment="JSON"),
    Column("after", Text, nullable=False, comment="JSON"),
    Column("changed_by", Text, nullable=False),
    Column("approval_id", ID, index=True),
    Column("at", Instant, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    _row_id(),
    Column("subject_id", ID, nullable=False),
    Column("metric", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("state", String(16), nullable=False, comment="complete, empty by Meta's rules, or missing"),
    Column("reason", Text, nullable=False),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("subject_id", "metric", "day", name="coverage_once"),
)

TABLES = (
    instagram_accounts, instagram_posts, instagram_insights, facebook_posts, facebook_page_insights, ad_campaigns,
    ad_sets, ads, ad_insights, ad_campaign_reach, competitor_ads, ai_recommendations, ad_changes, coverage,
)  # fmt: skip
"""Everything that collection, analysis and people write."""
