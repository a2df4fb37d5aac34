"""What people need who read the tables: a column for notes, and views in plain words. What bootstrap installed."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import ROW_ID, Instant

revision = "0012"
down_revision = "0011"

NOTED = (
    "instagram_posts",
    "facebook_posts",
    "ad_campaigns",
    "ad_sets",
    "ads",
    "competitors",
    "competitor_posts",
    "competitor_ads",
    "ai_recommendations",
)
"""Tables whose rows people write notes at."""
NOTE = "people's own; nothing else writes it"

_WHOLE = "'CLP', 'COP', 'CRC', 'HUF', 'IDR', 'ISK', 'JPY', 'KRW', 'PYG', 'TWD', 'VND'"
"""Currencies that Meta counts in whole units."""
_SINCE = {"postgresql": "CURRENT_DATE - 30", "sqlite": "date('now', '-30 days')"}
"""Thirty days ago, by the dialect."""


def _latest(table: str, metric: str) -> str:
    """The newest reading of a post's metric: one look into the index over the unique key for each row that is shown."""
    total = "AND i.breakdown = '' AND i.part = '' " if table == "instagram_insights" else ""
    return (
        f"CAST((SELECT i.value FROM {table} i WHERE i.subject_id = p.post_id AND i.metric = '{metric}' "
        f"AND i.period = 'lifetime' {total}ORDER BY i.day DESC LIMIT 1) AS BIGINT)"
    )


def _rounded(part: str, whole: str) -> str:
    """A fraction with two decimals; empty where there is nothing to divide by."""
    return f"ROUND({part} * 1.0 / NULLIF({whole}, 0), 2)"


_UNITS = f"CASE WHEN i.currency IN ({_WHOLE}) THEN 1 ELSE 100 END"
_SUMS = f"""
            i.currency AS "Currency", {_rounded("SUM(i.spend_minor)", _UNITS)} AS "Spend",
            CAST(SUM(i.impressions) AS BIGINT) AS "Impressions", CAST(SUM(i.clicks) AS BIGINT) AS "Clicks",
            CAST(SUM(i.link_clicks) AS BIGINT) AS "Link clicks", CAST(SUM(i.results) AS BIGINT) AS "Results",
            {_rounded("SUM(i.spend_minor)", f"SUM(i.link_clicks) * {_UNITS}")} AS "Cost per link click",
            {_rounded("SUM(i.spend_minor)", f"SUM(i.results) * {_UNITS}")} AS "Cost per result"
"""

VIEWS = {
    "Instagram results": f"""
        SELECT p.post_id AS "Post id", a.username AS "Account", p.caption AS "Caption", p.product_type AS "Kind",
            p.published_at AS "Published", {_latest("instagram_insights", "reach")} AS "Reach",
            {_latest("instagram_insights", "views")} AS "Views",
            {_latest("instagram_insights", "total_interactions")} AS "Interactions", p.likes AS "Likes",
            p.comments AS "Comments", {_latest("instagram_insights", "saved")} AS "Saves",
            {_latest("instagram_insights", "shares")} AS "Shares", p.permalink AS "Link", p.note AS "Note"
        FROM instagram_posts p LEFT JOIN instagram_accounts a ON a.account_id = p.account_id
        WHERE p.gone_at IS NULL
    """,
    "Instagram days": """
        SELECT a.username AS "Account", d.day AS "Day", CAST(d.reach AS BIGINT) AS "Reach",
            CAST(d.views AS BIGINT) AS "Views", CAST(d.accounts_engaged AS BIGINT) AS "People who engaged",
            CAST(d.total_interactions AS BIGINT) AS "Interactions", CAST(d.likes AS BIGINT) AS "Likes",
            CAST(d.comments AS BIGINT) AS "Comments", CAST(d.saves AS BIGINT) AS "Saves",
            CAST(d.shares AS BIGINT) AS "Shares", CAST(d.profile_links_taps AS BIGINT) AS "Taps on profile links",
            CAST(d.follower_change AS BIGINT) AS "Change of followers"
        FROM instagram_account_days d LEFT JOIN instagram_accounts a ON a.account_id = d.account_id
    """,
    "Facebook results": f"""
        SELECT p.post_id AS "Post id", g.name AS "Page", p.message AS "Text", p.published_at AS "Published",
            {_latest("facebook_page_insights", "post_total_media_view_unique")} AS "Viewers",
            {_latest("facebook_page_insights", "post_media_view")} AS "Views",
            {_latest("facebook_page_insights", "post_clicks")} AS "Clicks", p.reactions AS "Reactions",
            p.comments AS "Comments", p.shares AS "Shares", p.permalink AS "Link", p.note AS "Note"
        FROM facebook_posts p LEFT JOIN facebook_pages g ON g.page_id = p.page_id
        WHERE p.gone_at IS NULL
    """,
    "Campaigns of 30 days": f"""
        SELECT i.campaign_id AS "Campaign id", c.name AS "Campaign", c.objective AS "Objective",
            c.effective_status AS "Status", {_SUMS}, c.note AS "Note"
        FROM ad_insights i LEFT JOIN ad_campaigns c ON c.campaign_id = i.campaign_id
        WHERE i.day >= @SINCE@
        GROUP BY i.campaign_id, c.name, c.objective, c.effective_status, c.note, i.currency
    """,
    "Ads of 30 days": f"""
        SELECT i.ad_id AS "Ad id", c.name AS "Campaign", a.name AS "Ad", a.effective_status AS "Status", {_SUMS},
            a.note AS "Note"
        FROM ad_insights i LEFT JOIN ads a ON a.ad_id = i.ad_id
            LEFT JOIN ad_campaigns c ON c.campaign_id = i.campaign_id
        WHERE i.day >= @SINCE@
        GROUP BY i.ad_id, c.name, a.name, a.effective_status, a.note, i.currency
    """,
    "Campaign days": f"""
        SELECT i.campaign_id AS "Campaign id", c.name AS "Campaign", i.day AS "Day", {_SUMS}
        FROM ad_insights i LEFT JOIN ad_campaigns c ON c.campaign_id = i.campaign_id
        GROUP BY i.campaign_id, c.name, i.day, i.currency
    """,
}
"""View -> its query, with names as people read them: a table of NocoDB cannot give its columns others."""


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "installed_parts",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False, comment="nocodb or n8n"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="what the part is called by us"),
        sa.Column("external_id", sa.String(length=200), nullable=False, comment="the product's own"),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="of what we wrote last"),
        sa.Column("installed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("product", "name", name="installed_parts_once"),
    )
    op.create_index(op.f("ix_installed_parts_external_id"), "installed_parts", ["external_id"])
    for table in NOTED:
        op.add_column(table, sa.Column("note", sa.Text(), comment=NOTE))
    for name, query in VIEWS.items():
        op.execute(f'CREATE VIEW "{name}" AS {query.replace("@SINCE@", _SINCE[op.get_bind().dialect.name])}')


def downgrade() -> None:
    """Take them away again."""
    for name in reversed(VIEWS):
        op.execute(f'DROP VIEW "{name}"')
    for table in NOTED:
        op.drop_column(table, "note")
    op.drop_table("installed_parts")
