"""How long Insights takes to answer over ten million rows: five accounts, two years, on PostgreSQL.

The tools are called as both interfaces call them (arguments understood, answer as JSON), without the protocol and its
key, which `mcp_tools` measures. Each kind of question is asked with other days, metrics and dimensions in turn.
PostgreSQL is set as in `ingest`, and analysed after it was filled.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from benchmarks.results import Goal, publish

from freehold.demo import databases
from freehold.kernel.clock import SystemClock
from freehold.kernel.database import Database, open_database
from freehold.kernel.migrations import upgrade
from freehold.node.access import AccessKey
from freehold.node.context import Node
from freehold.node.mcp import calling
from freehold.node.mcp.insights.tools import INSIGHTS
from freehold.node.settings import NodeSettings

SEED = 72
ROUNDS = 40
CHARTS = 12
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
            unnest(array['reach', 'views', 'total_interactions', 'likes', 'comments', 'saves', 'shares']) AS metric""",
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
            'total_interactions', 'likes', 'comments', 'saves', 'shares']) AS metric) AS every""",
}
PERIODS = ("last_7d", "last_28d", "last_90d", "last_month")
GOALS = {
    "list_metrics": 300, "query_metrics": 300, "compare_periods": 300, "top_posts": 300, "explain_change": 1000,
    "draw_chart": 2000,
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A question, and how long its answer took in milliseconds."""

    tool: str
    arguments: Mapping[str, Any]
    milliseconds: float


def questions(chance: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Questions of each kind, none of them quite like another."""
    found: list[tuple[str, dict[str, Any]]] = []
    for number in range(ROUNDS):
        period, account = chance.choice(PERIODS), f"act_{chance.randint(1, 5)}"
        accounts = {"account_ids": [account]} if number % 2 else {}
        ads, posts = (
            chance.choice(["spend_minor", "ctr", "impressions"]),
            chance.choice(["post_views", "engagement_rate"]),
        )
        split = {"dimensions": [chance.choice(["campaign", "ad", "platform"])]}
        found += [
            ("list_metrics", {}),
            ("query_metrics", {"metrics": [ads], "period": period, **split, **accounts}),
            ("query_metrics", {"metrics": ["account_views"], "period": period, "grain": "week"}),
            ("query_metrics", {"metrics": [posts], "period": period, "dimensions": ["format"]}),
            ("compare_periods", {"metrics": [ads], "period": period, **split, **accounts}),
            ("top_posts", {"metric": posts, "period": period}),
            ("explain_change", {"metric": ads, "period": period, **accounts}),
            ("explain_change", {"metric": "account_views", "period": period}),
        ]
    charts = [{"metric": "spend_minor", "period": "last_90d", "dimension": "campaign"}] * CHARTS
    return [*found, *(("draw_chart", each) for each in charts)]


async def ask(node: Node, tool: str, arguments: Mapping[str, Any]) -> Asked:
    """One question, answered as JSON."""
    (found,) = [each for each in INSIGHTS.tools if each.name == tool]
    caller = AccessKey("bench", "bench", frozenset({"tools:read"}), datetime.now(UTC), None)
    began = time.perf_counter()
    answer = await calling.perform(node, caller, "rest", found, calling.understood(found, arguments))
    calling.text(answer)
    return Asked(tool, arguments, (time.perf_counter() - began) * 1000)


async def filled(url: str) -> int:
    """Fill the database; gives how many rows of insights it has."""
    database = open_database(url)
    await upgrade(database, "freehold.node")
    await database.close()
    plain = await asyncpg.connect(url.replace("+asyncpg", ""))
    for table, statement in FILL.items():
        began = time.perf_counter()
        await plain.execute(statement, timeout=1800)
        print(f"{table}: {time.perf_counter() - began:.0f} s")
    await plain.execute("VACUUM ANALYZE", timeout=900)
    counts = [
        await plain.fetchval(f"SELECT count(*) FROM {name}")  # noqa: S608 - our own names
        for name in ("instagram_insights", "ad_insights", "ad_breakdowns")
    ]
    await plain.close()
    return sum(counts)


def node_over(database: Database) -> Node:
    """A node that has what questions to the store need, and nothing else."""
    settings = NodeSettings(client_id="bench", company_name="Bench", data_dir=Path("/nonexistent"))
    rest: Any = None
    places = asyncio.Semaphore(1)
    return Node(settings, database, rest, SystemClock(), rest, rest, rest, rest, rest, rest, rest, rest, places)


async def measured(url: str) -> tuple[int, list[Asked]]:
    """Every answer's time, after one round that is not counted."""
    rows = await filled(url)
    database = open_database(url)
    node, chance = node_over(database), random.Random(SEED)  # noqa: S311 - chooses questions, no secrets
    for tool, arguments in questions(chance)[:8]:
        await ask(node, tool, arguments)
    found = [await ask(node, tool, arguments) for tool, arguments in questions(chance)]
    await database.close()
    return rows, found


async def configure(url: str) -> None:
    """Set PostgreSQL as on a real machine."""
    plain = await asyncpg.connect(url.replace("+asyncpg", ""))
    for name, value in SETTINGS.items():
        await plain.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    await plain.close()


def row_of(tool: str, asked: Sequence[Asked]) -> dict[str, Any]:
    """A tool's times, and its slowest question."""
    times = [each.milliseconds for each in asked]
    slowest = max(asked, key=lambda each: each.milliseconds)
    return {
        "tool": tool,
        "questions": len(asked),
        "p50 ms": round(statistics.median(times), 1),
        "p95 ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "most ms": round(slowest.milliseconds, 1),
        "slowest": str(slowest.arguments),
    }


def main() -> None:
    """Measure, print, write the result."""
    with databases.postgres() as server:
        asyncio.run(configure(server.url("postgres")))
        server.run("pg_ctl", "-D", server.folder / "data", "-w", "restart")
        count, found = asyncio.run(measured(server.url("postgres")))
    rows = [row_of(tool, [each for each in found if each.tool == tool]) for tool in GOALS]
    goals = [
        Goal(
            f"ms of {row['tool']} over {count:,} rows, p95",
            GOALS[row["tool"]],
            row["p95 ms"],
        )
        for row in rows
    ]
    publish("answers", rows, goals)
