"""Five accounts over two years in PostgreSQL, made by the database itself: ten million rows of insights."""

import time

import asyncpg

SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "30min", "random_page_cost": "1.1"}
FILL = {
    "meta_credentials": """
        INSERT INTO meta_credentials (id, client_id, meta_user_id, created_at, provider, status, scopes, delivery_id,
            issued_at) VALUES ('c', 'bench', '1', now(), 'meta', 'active', '', 'd', now())""",
    "connected_assets": """
        INSERT INTO connected_assets (id, credential_id, kind, asset_id, name, currency, timezone, offered_at,
            confirmed_at)
        SELECT 'c:' || kind || n, 'c', kind, prefix || n, 'Account ' || n, 'EUR', 'Europe/Berlin', now(), now()
        FROM generate_series(1, 5) AS n,
            (VALUES ('ad_account', 'act_'), ('instagram_account', '1784')) AS kinds (kind, prefix)""",
    "ad_campaigns": """
        INSERT INTO ad_campaigns (campaign_id, ad_account_id, name, objective, status, effective_status, buying_type,
            bid_strategy, currency, read_at)
        SELECT account || '-' || n, 'act_' || account, 'Campaign ' || n, 'OUTCOME_SALES', 'ACTIVE', 'ACTIVE', '', '',
            'EUR', now() FROM generate_series(1, 5) AS account, generate_series(0, 19) AS n""",
    "instagram_accounts": """
        INSERT INTO instagram_accounts (account_id, username, name, biography, website, picture_url, followers, follows,
            posts, read_at)
        SELECT '1784' || n, 'account.' || n, 'Account ' || n, '', '', '', 20000 * n, 100, 2000, now()
        FROM generate_series(1, 5) AS n""",
    "instagram_posts": """
        INSERT INTO instagram_posts (post_id, account_id, caption, media_type, product_type, permalink, shortcode,
            thumbnail_url, published_at, read_at, insights_read_at)
        SELECT account || '9' || lpad(n::text, 6, '0'), '1784' || account, 'Post ' || n,
            CASE n % 3 WHEN 0 THEN 'VIDEO' WHEN 1 THEN 'IMAGE' ELSE 'CAROUSEL_ALBUM' END,
            CASE n % 3 WHEN 0 THEN 'REELS' ELSE 'FEED' END, '', '', '', now() - n * interval '8.75 hours', now(), now()
        FROM generate_series(1, 5) AS account, generate_series(1, 2000) AS n""",
    "instagram_insights": """
        INSERT INTO instagram_insights (account_id, subject_kind, subject_id, metric, period, breakdown, part, day,
            value, read_at)
        SELECT '1784' || account, 'post', account || '9' || lpad(n::text, 6, '0'), metric, 'lifetime', '', '',
            (now() - n * interval '8.75 hours')::date + reading, (1 + reading) * (n * 37 % 900), now()
        FROM generate_series(0, 49) AS reading, generate_series(1, 5) AS account, generate_series(1, 2000) AS n,
            unnest(array['reach', 'views', 'total_interactions', 'likes', 'comments', 'saved', 'shares', 'follows',
            'profile_visits']) AS metric
        UNION ALL
        SELECT '1784' || account, 'account', '1784' || account, metric, 'day', '', '', current_date - 730 + day,
            1000 + (account * 131 + day * 17) % 700, now()
        FROM generate_series(0, 729) AS day, generate_series(1, 5) AS account,
            unnest(array['reach', 'views', 'total_interactions', 'likes', 'comments', 'saves', 'shares',
            'follower_count']) AS metric
        UNION ALL
        SELECT '1784' || account, 'account', '1784' || account, 'follower_demographics', 'lifetime', breakdown,
            'Part ' || part, current_date, part * 1000, now()
        FROM generate_series(1, 5) AS account, unnest(array['age', 'gender', 'country', 'city']) AS breakdown,
            generate_series(1, 10) AS part""",
    "ad_insights": """
        INSERT INTO ad_insights (ad_account_id, campaign_id, ad_set_id, ad_id, day, currency, impressions, reach,
            clicks, link_clicks, spend_minor, results, actions, action_values_minor, read_at)
        SELECT 'act_' || account, account || '-' || ad / 15, account || '-' || ad / 5, account || '-' || ad,
            current_date - 730 + day, 'EUR', 500 + (ad * 31 + day * 7) % 900, 400, (ad + day) % 40, (ad + day) % 30,
            (ad * 13 + day * 11) % 5000, (ad + day) % 4, '{"link_click": 7, "purchase": 1}', '{"purchase": 4500}',
            now()
        FROM generate_series(0, 729) AS day, generate_series(1, 5) AS account, generate_series(0, 299) AS ad""",
    "ad_breakdowns": """
        INSERT INTO ad_breakdowns (ad_account_id, campaign_id, ad_set_id, ad_id, day, breakdown, first_part,
            second_part, currency, impressions, clicks, link_clicks, spend_minor, results, actions,
            action_values_minor, read_at)
        SELECT 'act_' || account, account || '-' || ad / 15, account || '-' || ad / 5, account || '-' || ad,
            current_date - 730 + day,
            'placement', platform, position, 'EUR', 100 + (ad * 31 + day * 7) % 900, (ad + day) % 40,
            (ad + day) % 30, (ad * 13 + day * 11) % 900, (ad + day) % 2, '{}', '{}', now()
        FROM generate_series(0, 729) AS day, generate_series(1, 5) AS account, generate_series(0, 299) AS ad,
            (VALUES ('facebook', 'feed'), ('facebook', 'reels'), ('instagram', 'feed'), ('instagram', 'story'))
            AS placements (platform, position)""",
    "coverage": """
        INSERT INTO coverage (subject_id, metric, day, state, reason, read_at)
        SELECT subject, metric, current_date - 730 + day, 'complete', '', now()
        FROM generate_series(0, 729) AS day, (SELECT 'act_' || n AS subject, metric FROM generate_series(1, 5) AS n,
            unnest(array['ad_insights', 'ad_breakdowns:placement']) AS metric UNION ALL
            SELECT '1784' || n, metric FROM generate_series(1, 5) AS n, unnest(array['reach', 'views',
            'total_interactions', 'likes', 'comments', 'saves', 'shares', 'follower_count']) AS metric) AS every""",
    "ai_recommendations": """
        INSERT INTO ai_recommendations (recommendation_id, topic, kind, account_id, title, text, action, why, language,
            worded_by, confidence, effort, first_day, last_day, evidence, forecast, made_at, found_at, status)
        SELECT 'r' || n, 't' || n, 'format_lift', CASE n % 2 WHEN 0 THEN 'act_' ELSE '1784' END || n % 5 + 1,
            'Title ' || n, repeat('Words that say why. ', 20), 'Act', 'Why', 'en', 'template', 'high', 'low',
            current_date - 90, current_date - 1, '{"query": {"metric": "ctr", "dimensions": ["campaign"], '
            '"first": "2026-01-01", "last": "2026-03-31"}, "rows": 900, "sample": 90, "chance": 0.01, '
            '"numbers": {"ratio": 1.3}, "units": {"ratio": "ratio"}}',
            '{"measure": "ctr", "value": 1.3, "low": 1.1, "high": 1.5}', now() - n * interval '1 hour', now(),
            CASE n % 8 WHEN 0 THEN 'new' WHEN 1 THEN 'accepted' WHEN 2 THEN 'done' ELSE 'dismissed' END
        FROM generate_series(1, 2000) AS n""",
}
"""Table -> what fills it. Values follow from ids and days, so that groups differ, and each run has the same."""

COUNTED = ("instagram_insights", "ad_insights", "ad_breakdowns")


async def configure(url: str) -> None:
    """Set PostgreSQL as on a real machine; it has to be started anew."""
    plain = await asyncpg.connect(url.replace("+asyncpg", ""))
    for name, value in SETTINGS.items():
        await plain.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    await plain.close()


async def fill(url: str) -> int:
    """Fill a node's database, and have it analysed; gives how many rows of insights it has."""
    plain = await asyncpg.connect(url.replace("+asyncpg", ""))
    for table, statement in FILL.items():
        began = time.perf_counter()
        await plain.execute(statement, timeout=1800)
        print(f"{table}: {time.perf_counter() - began:.0f} s")
    await plain.execute("VACUUM ANALYZE", timeout=900)
    counts = [
        await plain.fetchval(f"SELECT count(*) FROM {name}")  # noqa: S608 - our own names
        for name in COUNTED
    ]
    await plain.close()
    return sum(counts)
