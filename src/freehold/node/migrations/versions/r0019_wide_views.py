"""Wide views for BI tools and for questions in SQL: names beside ids, one row for one thing, no notes and no tokens."""

from alembic import op

revision = "0019"
down_revision = "0018"

_WHOLE = "'CLP', 'COP', 'CRC', 'HUF', 'IDR', 'ISK', 'JPY', 'KRW', 'PYG', 'TWD', 'VND'"
"""Currencies that Meta counts in whole units."""


def _days(table: str, owner: str, metrics: dict[str, str], where: str) -> str:
    """A row for each owner and day, with a column for each metric (column -> Meta's name)."""
    columns = ", ".join(
        f"CAST(MAX(CASE WHEN metric = '{metric}' THEN value END) AS BIGINT) AS {column}"
        for column, metric in metrics.items()
    )
    return f"SELECT {owner}, day, {columns}, MIN(read_at) AS read_at FROM {table} WHERE {where} GROUP BY {owner}, day"


def _latest(metric: str) -> str:
    """The newest reading of a post's metric: one look into the index over the unique key."""
    return (
        f"CAST((SELECT i.value FROM instagram_insights i WHERE i.subject_id = p.post_id AND i.metric = '{metric}' "
        "AND i.period = 'lifetime' AND i.breakdown = '' AND i.part = '' ORDER BY i.day DESC LIMIT 1) AS BIGINT) "
        f"AS {metric}"
    )


def _major(amount: str) -> str:
    """An amount in whole units of its currency."""
    return f"ROUND({amount} * 1.0 / CASE WHEN i.currency IN ({_WHOLE}) THEN 1 ELSE 100 END, 2)"


_ACCOUNT_DAYS = _days(
    "instagram_insights",
    "account_id",
    {
        **{name: name for name in ("reach", "views", "accounts_engaged", "total_interactions", "likes", "comments")},
        **{name: name for name in ("saves", "shares", "replies", "reposts", "profile_views", "profile_links_taps")},
        "website_clicks": "website_clicks",
        "follower_change": "follower_count",
    },
    "subject_kind = 'account' AND period = 'day' AND breakdown = ''",
)
_PAGE_DAYS = _days(
    "facebook_page_insights",
    "page_id",
    {
        "views": "page_media_view",
        "viewers": "page_total_media_view_unique",
        "page_visits": "page_views_total",
        "engagements": "page_post_engagements",
        "video_views": "page_video_views",
        "actions": "page_total_actions",
        "new_followers": "page_daily_follows_unique",
        "lost_followers": "page_daily_unfollows_unique",
        "followers": "page_follows",
    },
    "subject_id = page_id AND period = 'day'",
)

VIEWS = {
    "bi_account_days": f"""
        SELECT a.username, d.* FROM ({_ACCOUNT_DAYS}) d LEFT JOIN instagram_accounts a ON a.account_id = d.account_id
    """,
    "bi_posts": f"""
        SELECT p.post_id, p.account_id, a.username, p.product_type, p.media_type, p.caption, p.permalink,
            p.published_at, {_latest("views")}, {_latest("reach")}, {_latest("total_interactions")},
            p.likes, p.comments, {_latest("saved")}, {_latest("shares")}, {_latest("follows")},
            {_latest("profile_visits")}, p.gone_at, p.insights_read_at AS read_at
        FROM instagram_posts p LEFT JOIN instagram_accounts a ON a.account_id = p.account_id
    """,
    "bi_ad_days": f"""
        SELECT i.ad_account_id, n.name AS ad_account_name, i.campaign_id, c.name AS campaign_name, c.objective,
            i.ad_set_id, s.name AS ad_set_name, i.ad_id, a.name AS ad_name, i.day, i.currency, i.spend_minor,
            {_major("i.spend_minor")} AS spend, i.impressions, i.reach, i.frequency, i.clicks, i.link_clicks,
            i.outbound_clicks, i.results, i.video_plays, i.video_thruplays, i.read_at
        FROM ad_insights i LEFT JOIN ads a ON a.ad_id = i.ad_id
            LEFT JOIN ad_sets s ON s.ad_set_id = i.ad_set_id
            LEFT JOIN ad_campaigns c ON c.campaign_id = i.campaign_id
            LEFT JOIN ad_accounts n ON n.ad_account_id = i.ad_account_id
    """,
    "bi_campaign_days": f"""
        SELECT i.ad_account_id, n.name AS ad_account_name, i.campaign_id, c.name AS campaign_name, c.objective,
            c.effective_status AS status, i.day, i.currency, i.spend_minor, {_major("i.spend_minor")} AS spend,
            i.impressions, i.clicks, i.link_clicks, i.results, i.read_at
        FROM (
            SELECT ad_account_id, campaign_id, day, currency, CAST(SUM(spend_minor) AS BIGINT) AS spend_minor,
                CAST(SUM(impressions) AS BIGINT) AS impressions, CAST(SUM(clicks) AS BIGINT) AS clicks,
                CAST(SUM(link_clicks) AS BIGINT) AS link_clicks, CAST(SUM(results) AS BIGINT) AS results,
                MIN(read_at) AS read_at
            FROM ad_insights GROUP BY ad_account_id, campaign_id, day, currency
        ) i LEFT JOIN ad_campaigns c ON c.campaign_id = i.campaign_id
            LEFT JOIN ad_accounts n ON n.ad_account_id = i.ad_account_id
    """,
    "bi_page_days": f"""
        SELECT g.name AS page_name, d.* FROM ({_PAGE_DAYS}) d LEFT JOIN facebook_pages g ON g.page_id = d.page_id
    """,
    "bi_audience": """
        SELECT i.account_id, a.username, i.day,
            CASE i.metric WHEN 'follower_demographics' THEN 'followers' ELSE 'engaged' END AS audience,
            i.breakdown, i.part, CAST(i.value AS BIGINT) AS people, i.read_at
        FROM instagram_insights i LEFT JOIN instagram_accounts a ON a.account_id = i.account_id
        WHERE i.metric IN ('follower_demographics', 'engaged_audience_demographics') AND i.breakdown <> ''
    """,
    "bi_competitor_ads": """
        SELECT c.competitor_id, c.name AS competitor, d.ad_archive_id, d.page_id, d.page_name, d.titles, d.bodies,
            d.snapshot_url, d.publisher_platforms, d.languages, d.eu_total_reach, d.delivery_started_on,
            d.delivery_stopped_on, d.first_seen_on, d.last_seen_on, d.gone_on, d.read_at
        FROM competitor_ad_matches m JOIN competitors c ON c.competitor_id = m.competitor_id
            JOIN competitor_ads d ON d.ad_archive_id = m.ad_archive_id
        WHERE c.removed_at IS NULL
    """,
    "bi_recommendations": """
        SELECT recommendation_id, kind, account_id, title, text, action, why, evidence, forecast, outcome, confidence,
            effort, status, made_at, first_day, last_day, changed_at, acted_at, measured_at
        FROM ai_recommendations
    """,
}
"""View -> its query."""


def upgrade() -> None:
    """Make them."""
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def downgrade() -> None:
    """Take them away again."""
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")
