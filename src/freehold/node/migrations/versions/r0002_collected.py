"""What is collected, and views of it in the form in which people read."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import ROW_ID, Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make every table."""
    _ad_campaign_reach()
    _ad_campaigns()
    _ad_changes()
    _ad_insights()
    _ad_sets()
    _ads()
    _ai_recommendations()
    _competitor_ads()
    _coverage()
    _facebook_page_insights()
    _facebook_posts()
    _instagram_accounts()
    _instagram_insights()
    _instagram_posts()
    for statement in VIEWS:
        op.execute(statement)


def downgrade() -> None:
    """Take every table away again."""
    for name in VIEW_NAMES:
        op.execute(f"DROP VIEW {name}")
    for table in TABLES:
        op.drop_table(table)


def _ad_campaigns() -> None:
    op.create_table(
        "ad_campaigns",
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("ad_account_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("objective", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("effective_status", sa.String(length=32), nullable=False),
        sa.Column("buying_type", sa.String(length=32), nullable=False),
        sa.Column("bid_strategy", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("daily_budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("lifetime_budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("stopped_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id"),
    )
    op.create_index(op.f("ix_ad_campaigns_ad_account_id"), "ad_campaigns", ["ad_account_id"], unique=False)


def _ad_changes() -> None:
    op.create_table(
        "ad_changes",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("before", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("after", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("approval_id", sa.String(length=64), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_ad_changes_approval_id"), "ad_changes", ["approval_id"], unique=False)
    op.create_index(op.f("ix_ad_changes_object_id"), "ad_changes", ["object_id"], unique=False)


def _ad_insights() -> None:
    op.create_table(
        "ad_insights",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("ad_account_id", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("ad_set_id", sa.String(length=64), nullable=False),
        sa.Column("ad_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("impressions", sa.BigInteger(), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=False, comment="people; days and ads may not be summed"),
        sa.Column("clicks", sa.BigInteger(), nullable=False),
        sa.Column("link_clicks", sa.BigInteger(), nullable=False),
        sa.Column("spend_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "results",
            sa.BigInteger(),
            nullable=True,
            comment="what the campaign's objective is after; empty for awareness",
        ),
        sa.Column("actions", sa.Text(), nullable=False, comment="JSON: action type -> how often"),
        sa.Column("action_values_minor", sa.Text(), nullable=False, comment="JSON: action type -> value"),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ad_id", "day", name="ad_insights_once"),
    )
    op.create_index(op.f("ix_ad_insights_ad_account_id"), "ad_insights", ["ad_account_id"], unique=False)
    op.create_index(op.f("ix_ad_insights_ad_id"), "ad_insights", ["ad_id"], unique=False)
    op.create_index(op.f("ix_ad_insights_ad_set_id"), "ad_insights", ["ad_set_id"], unique=False)
    op.create_index(op.f("ix_ad_insights_campaign_id"), "ad_insights", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_ad_insights_day"), "ad_insights", ["day"], unique=False)


def _ad_campaign_reach() -> None:
    op.create_table(
        "ad_campaign_reach",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("ad_account_id", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=False, comment="people, each counted once in the whole window"),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "first_day", "last_day", name="ad_campaign_reach_once"),
    )
    op.create_index(op.f("ix_ad_campaign_reach_ad_account_id"), "ad_campaign_reach", ["ad_account_id"], unique=False)


def _ad_sets() -> None:
    op.create_table(
        "ad_sets",
        sa.Column("ad_set_id", sa.String(length=64), nullable=False),
        sa.Column("ad_account_id", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("effective_status", sa.String(length=32), nullable=False),
        sa.Column("optimization_goal", sa.String(length=64), nullable=False),
        sa.Column("billing_event", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("daily_budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("lifetime_budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("bid_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("targeting", sa.Text(), nullable=False, comment="JSON, as Meta gave it"),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("ad_set_id"),
    )
    op.create_index(op.f("ix_ad_sets_ad_account_id"), "ad_sets", ["ad_account_id"], unique=False)
    op.create_index(op.f("ix_ad_sets_campaign_id"), "ad_sets", ["campaign_id"], unique=False)


def _ads() -> None:
    op.create_table(
        "ads",
        sa.Column("ad_id", sa.String(length=64), nullable=False),
        sa.Column("ad_account_id", sa.String(length=64), nullable=False),
        sa.Column("ad_set_id", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("effective_status", sa.String(length=32), nullable=False),
        sa.Column("creative_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("ad_id"),
    )
    op.create_index(op.f("ix_ads_ad_account_id"), "ads", ["ad_account_id"], unique=False)
    op.create_index(op.f("ix_ads_ad_set_id"), "ads", ["ad_set_id"], unique=False)
    op.create_index(op.f("ix_ads_campaign_id"), "ads", ["campaign_id"], unique=False)


def _ai_recommendations() -> None:
    op.create_table(
        "ai_recommendations",
        sa.Column("recommendation_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False, comment="JSON: the numbers that it rests on"),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("recommendation_id"),
    )
    op.create_index(op.f("ix_ai_recommendations_kind"), "ai_recommendations", ["kind"], unique=False)


def _competitor_ads() -> None:
    op.create_table(
        "competitor_ads",
        sa.Column("ad_archive_id", sa.String(length=64), nullable=False),
        sa.Column("page_id", sa.String(length=64), nullable=False),
        sa.Column("page_name", sa.Text(), nullable=False),
        sa.Column("bodies", sa.Text(), nullable=False, comment="JSON list"),
        sa.Column("snapshot_url", sa.Text(), nullable=False),
        sa.Column("delivery_started_on", sa.Date(), nullable=True),
        sa.Column("delivery_stopped_on", sa.Date(), nullable=True),
        sa.Column("publisher_platforms", sa.Text(), nullable=False, comment="separated by commas"),
        sa.Column("eu_total_reach", sa.BigInteger(), nullable=True),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("ad_archive_id"),
    )
    op.create_index(op.f("ix_competitor_ads_page_id"), "competitor_ads", ["page_id"], unique=False)


def _coverage() -> None:
    op.create_table(
        "coverage",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False, comment="complete, empty by Meta's rules, or missing"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject_id", "metric", "day", name="coverage_once"),
    )


def _facebook_page_insights() -> None:
    op.create_table(
        "facebook_page_insights",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("page_id", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject_id", "metric", "period", "day", name="facebook_page_insights_once"),
    )
    op.create_index(op.f("ix_facebook_page_insights_day"), "facebook_page_insights", ["day"], unique=False)
    op.create_index(op.f("ix_facebook_page_insights_page_id"), "facebook_page_insights", ["page_id"], unique=False)


def _facebook_posts() -> None:
    op.create_table(
        "facebook_posts",
        sa.Column("post_id", sa.String(length=64), nullable=False),
        sa.Column("page_id", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("permalink", sa.Text(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("post_id"),
    )
    op.create_index(op.f("ix_facebook_posts_page_id"), "facebook_posts", ["page_id"], unique=False)
    op.create_index(op.f("ix_facebook_posts_published_at"), "facebook_posts", ["published_at"], unique=False)


def _instagram_accounts() -> None:
    op.create_table(
        "instagram_accounts",
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("biography", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("picture_url", sa.Text(), nullable=False),
        sa.Column("followers", sa.Integer(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )


def _instagram_insights() -> None:
    op.create_table(
        "instagram_insights",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False, comment="account or post"),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=False),
        sa.Column(
            "period", sa.String(length=16), nullable=False, comment="day, or lifetime: the value as it stood on `day`"
        ),
        sa.Column("breakdown", sa.String(length=64), nullable=False, comment="empty for a total"),
        sa.Column("part", sa.String(length=200), nullable=False, comment="which part of the breakdown"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "subject_id", "metric", "period", "breakdown", "part", "day", name="instagram_insights_once"
        ),
    )
    op.create_index(op.f("ix_instagram_insights_account_id"), "instagram_insights", ["account_id"], unique=False)
    op.create_index(op.f("ix_instagram_insights_day"), "instagram_insights", ["day"], unique=False)


def _instagram_posts() -> None:
    op.create_table(
        "instagram_posts",
        sa.Column("post_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("product_type", sa.String(length=32), nullable=False),
        sa.Column("permalink", sa.Text(), nullable=False),
        sa.Column("shortcode", sa.String(length=64), nullable=False),
        sa.Column("thumbnail_url", sa.Text(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("likes", sa.Integer(), nullable=True, comment="empty where the owner hides it"),
        sa.Column("comments", sa.Integer(), nullable=True),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("post_id"),
    )
    op.create_index(op.f("ix_instagram_posts_account_id"), "instagram_posts", ["account_id"], unique=False)
    op.create_index(op.f("ix_instagram_posts_published_at"), "instagram_posts", ["published_at"], unique=False)


TABLES = (
    "ad_campaign_reach",
    "ad_campaigns",
    "ad_changes",
    "ad_insights",
    "ad_sets",
    "ads",
    "ai_recommendations",
    "competitor_ads",
    "coverage",
    "facebook_page_insights",
    "facebook_posts",
    "instagram_accounts",
    "instagram_insights",
    "instagram_posts",
)


VIEW_NAMES = ("instagram_account_days", "instagram_post_results", "ad_campaign_days")
VIEWS = (
    """
    CREATE VIEW instagram_account_days AS
    SELECT account_id, day,
        MAX(CASE WHEN metric = 'reach' THEN value END) AS reach,
        MAX(CASE WHEN metric = 'views' THEN value END) AS views,
        MAX(CASE WHEN metric = 'accounts_engaged' THEN value END) AS accounts_engaged,
        MAX(CASE WHEN metric = 'total_interactions' THEN value END) AS total_interactions,
        MAX(CASE WHEN metric = 'likes' THEN value END) AS likes,
        MAX(CASE WHEN metric = 'comments' THEN value END) AS comments,
        MAX(CASE WHEN metric = 'saves' THEN value END) AS saves,
        MAX(CASE WHEN metric = 'shares' THEN value END) AS shares,
        MAX(CASE WHEN metric = 'profile_links_taps' THEN value END) AS profile_links_taps,
        MAX(CASE WHEN metric = 'follower_count' THEN value END) AS follower_change
    FROM instagram_insights
    WHERE subject_kind = 'account' AND period = 'day' AND breakdown = ''
    GROUP BY account_id, day
    """,
    """
    CREATE VIEW instagram_post_results AS
    SELECT p.post_id, p.account_id, p.product_type, p.caption, p.permalink, p.published_at, i.day AS read_on,
        MAX(CASE WHEN i.metric = 'views' THEN i.value END) AS views,
        MAX(CASE WHEN i.metric = 'reach' THEN i.value END) AS reach,
        MAX(CASE WHEN i.metric = 'total_interactions' THEN i.value END) AS total_interactions,
        MAX(CASE WHEN i.metric = 'likes' THEN i.value END) AS likes,
        MAX(CASE WHEN i.metric = 'comments' THEN i.value END) AS comments,
        MAX(CASE WHEN i.metric = 'saved' THEN i.value END) AS saved,
        MAX(CASE WHEN i.metric = 'shares' THEN i.value END) AS shares
    FROM instagram_posts p JOIN instagram_insights i ON i.subject_id = p.post_id AND i.subject_kind = 'post'
    GROUP BY p.post_id, p.account_id, p.product_type, p.caption, p.permalink, p.published_at, i.day
    """,
    """
    CREATE VIEW ad_campaign_days AS
    SELECT i.ad_account_id, i.campaign_id, c.name AS campaign_name, c.objective, i.day, i.currency,
        SUM(i.spend_minor) AS spend_minor, SUM(i.impressions) AS impressions, SUM(i.clicks) AS clicks,
        SUM(i.link_clicks) AS link_clicks, SUM(i.results) AS results
    FROM ad_insights i LEFT JOIN ad_campaigns c ON c.campaign_id = i.campaign_id
    GROUP BY i.ad_account_id, i.campaign_id, c.name, c.objective, i.day, i.currency
    """,
)
"""What people read: one row for an account's day, a post's reading, a campaign's day."""
