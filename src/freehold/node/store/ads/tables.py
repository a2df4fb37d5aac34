"""The tables of ads."""

from sqlalchemy import BigInteger, Column, Date, String, Table, Text, UniqueConstraint

from freehold.kernel.database import Instant
from freehold.node.db import metadata
from freehold.node.store.columns import ID, row_id

CAMPAIGN_REACH = "campaign_reach"
"""The name under which coverage keeps the window of which the campaigns' reach was read."""

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
    row_id(),
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
    row_id(),
    Column("ad_account_id", ID, nullable=False, index=True),
    Column("campaign_id", ID, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("reach", BigInteger, nullable=False, comment="people, each counted once in the whole window"),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("campaign_id", "first_day", "last_day", name="ad_campaign_reach_once"),
)

ad_changes = Table(
    "ad_changes",
    metadata,
    row_id(),
    Column("object_id", ID, nullable=False, index=True),
    Column("before", Text, nullable=False, comment="JSON"),
    Column("after", Text, nullable=False, comment="JSON"),
    Column("changed_by", Text, nullable=False),
    Column("approval_id", ID, index=True),
    Column("at", Instant, nullable=False),
)
