"""What is kept of ads beside their days; campaigns' reach gives way to reach of every level and window."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import ROW_ID, Instant

revision = "0005"
down_revision = "0004"

ADDED: dict[str, tuple[Any, str | None]] = {
    "frequency": (sa.Float(), "impressions a person; as Meta rounds it"),
    "outbound_clicks": (sa.BigInteger(), None),
    "video_plays": (sa.BigInteger(), None),
    "video_thruplays": (sa.BigInteger(), "played to the end, or for 15 seconds"),
    "video_p25": (sa.BigInteger(), None),
    "video_p50": (sa.BigInteger(), None),
    "video_p75": (sa.BigInteger(), None),
    "video_p100": (sa.BigInteger(), None),
    "actions_by_window": (sa.Text(), "JSON: action type -> attribution window -> how often"),
    "action_values_by_window_minor": (sa.Text(), "JSON: action type -> attribution window -> value"),
}
"""Columns that `ad_insights` gets."""
KEPT_REACH = """
    INSERT INTO ad_reach (ad_account_id, level, object_id, first_day, last_day, reach, impressions, frequency, read_at)
    SELECT ad_account_id, 'campaign', campaign_id, first_day, last_day, reach, impressions,
           CASE WHEN reach > 0 THEN 1.0 * impressions / reach ELSE 0 END, read_at
    FROM (
        SELECT old.*, (
            SELECT coalesce(sum(days.impressions), 0) FROM ad_insights AS days
            WHERE days.campaign_id = old.campaign_id AND days.day BETWEEN old.first_day AND old.last_day
        ) AS impressions
        FROM ad_campaign_reach AS old
    ) AS counted
"""
"""Impressions add up over ads and days, unlike people: a campaign's are those of its ads in the window."""
FIRST_READ = "when these values were first read"


def upgrade() -> None:
    """Make them. What was kept of campaigns' reach goes on as one level of reach, and is read anew in time."""
    _ad_accounts()
    _ad_creatives()
    for name, (kind, comment) in ADDED.items():
        op.add_column("ad_insights", sa.Column(name, kind, comment=comment))
    _comment_on_read_at(FIRST_READ)
    _ad_insight_restatements()
    _ad_breakdowns()
    _ad_reach()
    op.create_index(op.f("ix_ads_creative_id"), "ads", ["creative_id"])
    op.execute(KEPT_REACH)
    op.drop_table("ad_campaign_reach")
    op.execute("DELETE FROM coverage WHERE metric = 'campaign_reach'")


def downgrade() -> None:
    """Take them away again."""
    op.drop_index(op.f("ix_ads_creative_id"), "ads")
    for table in ("ad_reach", "ad_breakdowns", "ad_insight_restatements", "ad_creatives", "ad_accounts"):
        op.drop_table(table)
    _comment_on_read_at(None)
    for name in ADDED:
        op.drop_column("ad_insights", name)
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
    op.create_index(op.f("ix_ad_campaign_reach_ad_account_id"), "ad_campaign_reach", ["ad_account_id"])


def _comment_on_read_at(comment: str | None) -> None:
    """SQLite keeps no comments."""
    if op.get_context().dialect.name != "sqlite":
        op.alter_column("ad_insights", "read_at", comment=comment)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _ad_accounts() -> None:
    spent = "since the account began, or its cap was reset"
    op.create_table(
        "ad_accounts",
        sa.Column("ad_account_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "timezone", sa.String(length=64), nullable=False, comment="the zone in which the account's days are counted"
        ),
        sa.Column("status", sa.Integer(), nullable=False, comment="Meta's account_status: 1 is active"),
        sa.Column("disable_reason", sa.Integer(), nullable=False, comment="0 for none"),
        sa.Column("amount_spent_minor", sa.BigInteger(), nullable=False, comment=spent),
        sa.Column("spend_cap_minor", sa.BigInteger(), comment="empty for none"),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False, comment="what is owed"),
        sa.Column("created_at", Instant()),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("ad_account_id"),
    )


def _ad_creatives() -> None:
    post = "the page's post; empty for none"
    op.create_table(
        "ad_creatives",
        sa.Column("creative_id", sa.String(length=64), nullable=False),
        sa.Column("ad_account_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("object_type", sa.String(length=64), nullable=False),
        sa.Column("call_to_action", sa.String(length=64), nullable=False),
        sa.Column("link_url", sa.Text(), nullable=False),
        sa.Column("image_url", sa.Text(), nullable=False),
        sa.Column("thumbnail_url", sa.Text(), nullable=False),
        sa.Column("video_id", sa.String(length=64), nullable=False),
        sa.Column("object_story_id", sa.String(length=128), nullable=False, comment=post),
        sa.Column("instagram_media_id", sa.String(length=64), nullable=False, comment="empty for none"),
        sa.Column("instagram_permalink", sa.Text(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("creative_id"),
    )
    _index("ad_creatives", "ad_account_id", "video_id", "object_story_id", "instagram_media_id")


def _ad_insight_restatements() -> None:
    op.create_table(
        "ad_insight_restatements",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("ad_account_id", sa.String(length=64), nullable=False),
        sa.Column("ad_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("impressions", sa.BigInteger(), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=False),
        *_numbers(),
        sa.Column("actions_by_window", sa.Text(), comment=ADDED["actions_by_window"][1]),
        sa.Column("action_values_by_window_minor", sa.Text(), comment=ADDED["action_values_by_window_minor"][1]),
        sa.Column("read_at", Instant(), nullable=False, comment="when these values were read"),
        sa.Column("replaced_at", Instant(), nullable=False, comment="when Meta was found to say something else"),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("ad_insight_restatements", "ad_account_id", "ad_id", "day")


def _numbers(results: str | None = None) -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("clicks", sa.BigInteger(), nullable=False),
        sa.Column("link_clicks", sa.BigInteger(), nullable=False),
        sa.Column("spend_minor", sa.BigInteger(), nullable=False),
        sa.Column("results", sa.BigInteger(), comment=results),
        sa.Column("actions", sa.Text(), nullable=False, comment="JSON: action type -> how often"),
        sa.Column("action_values_minor", sa.Text(), nullable=False, comment="JSON: action type -> value"),
    )


def _ad_breakdowns() -> None:
    people = "people; may not be summed; empty where Meta no longer keeps it"
    second = "gender, position or device; empty for none"
    op.create_table(
        "ad_breakdowns",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("ad_account_id", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("ad_set_id", sa.String(length=64), nullable=False),
        sa.Column("ad_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "breakdown", sa.String(length=32), nullable=False, comment="age_gender, country, placement or device"
        ),
        sa.Column("first_part", sa.String(length=64), nullable=False, comment="age, country or platform"),
        sa.Column("second_part", sa.String(length=64), nullable=False, comment=second),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("impressions", sa.BigInteger(), nullable=False),
        sa.Column("reach", sa.BigInteger(), comment=people),
        *_numbers("what the campaign's objective is after; empty for awareness"),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ad_id", "day", "breakdown", "first_part", "second_part", name="ad_breakdowns_once"),
    )
    _index("ad_breakdowns", "ad_account_id", "campaign_id", "ad_set_id", "ad_id", "day")


def _ad_reach() -> None:
    op.create_table(
        "ad_reach",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("ad_account_id", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False, comment="account, campaign, adset or ad"),
        sa.Column("object_id", sa.String(length=64), nullable=False, comment="of that level"),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=False, comment="people, each counted once in the whole window"),
        sa.Column("impressions", sa.BigInteger(), nullable=False),
        sa.Column("frequency", sa.Float(), nullable=False, comment="impressions a person; as Meta rounds it"),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("object_id", "first_day", "last_day", name="ad_reach_once"),
    )
    _index("ad_reach", "ad_account_id", "object_id", "last_day")
