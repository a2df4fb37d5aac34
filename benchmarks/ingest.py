"""How fast rows reach PostgreSQL: upserts against plain COPY into an empty table with the same indexes, in one run.

PostgreSQL is set as on a real machine (shared_buffers 512 MB, max_wal_size 4 GB) but does not wait for the disk (fsync
off), for the upserts and for COPY alike. COPY gets its rows from the same client, once as records and once as text that
was made ready before the clock started; the faster of both is the measure.
"""

import asyncio
import gc
import io
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
from benchmarks.results import Goal, publish
from sqlalchemy import Table

from freehold.demo import databases
from freehold.kernel.database import Database, open_database
from freehold.kernel.migrations import upgrade
from freehold.node.store.merge import merge
from freehold.node.store.tables import ad_insight_restatements, ad_insights, instagram_insights

ROWS = 90_000
"""1 000 ads x 90 days; 1 000 posts x 90 days."""
THERE = 10_000_000
BATCHES = (500, 10_000)
"""Rows in one transaction: a page of Meta's, and a bulk load."""
CHANGED_OF = 10
"""One of so many rows has changed where a history is kept."""
REPEATS = 3
SEED = 11
FIRST_DAY = date(2026, 1, 1)
READ_AT = datetime(2026, 4, 2, 5, tzinfo=UTC)
SETTINGS = {
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "maintenance_work_mem": "512MB",
}
FILL = """
    INSERT INTO ad_insights (ad_account_id, campaign_id, ad_set_id, ad_id, day, currency, impressions, reach, clicks,
        link_clicks, spend_minor, results, actions, action_values_minor, read_at)
    SELECT 'act_' || ad % 100, '1202' || lpad((ad / 25)::text, 13, '0'), '1203' || lpad((ad / 5)::text, 13, '0'),
        '1204' || lpad((ad * 1000)::text, 13, '0'), date '2025-04-01' + day, 'EUR', ad % 9000 + day, ad % 7000, ad % 90,
        ad % 70, ad % 5000, ad % 9, '{"link_click": 7, "purchase": 1}', '{"purchase": 4500}', now()
    FROM generate_series(1, $1::int / 365 + 1) AS ad, generate_series(0, 364) AS day
"""
Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Kind:
    """A table that is filled: its keys and rows, and where the older version of a row that changes is kept."""

    table: Table
    keys: tuple[str, ...]
    rows: list[dict[str, Any]]
    history: Table | None = None


def ad_rows(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Days of ads whose ids lie anywhere among those of others."""
    for ad in sorted(chance.sample(range(27_000_000), ROWS // 90)):
        for place in range(90):
            clicks = chance.randrange(200)
            actions = {"link_click": clicks, "landing_page_view": clicks // 2, "purchase": clicks // 20}
            numbers = {column.name: clicks for column in ad_insights.columns if column.name.startswith("video_")}
            yield {
                "ad_account_id": "act_7", "campaign_id": f"1202{ad // 25_000:013}",
                "ad_set_id": f"1203{ad // 5000:013}",
                "ad_id": f"1204{ad:013}", "day": FIRST_DAY + timedelta(days=place), "currency": "EUR",
                "impressions": clicks * 40, "reach": clicks * 31, "clicks": clicks, "link_clicks": clicks,
                "spend_minor": clicks * 55, "results": clicks // 20, "actions": json.dumps(actions),
                "action_values_minor": json.dumps({"purchase": clicks * 200}), "read_at": READ_AT,
                "frequency": 1.29, "outbound_clicks": clicks,
                "actions_by_window": json.dumps({"purchase": {"1d_view": 1, "7d_click": clicks // 20}}),
                "action_values_by_window_minor": json.dumps({"purchase": {"7d_click": clicks * 200}}),
                **numbers,
            }  # fmt: skip


def post_rows(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Values of posts as they stood on days."""
    metrics = (
        "reach",
        "views",
        "likes",
        "comments",
        "saved",
        "shares",
        "total_interactions",
        "follows",
        "profile_visits",
    )
    for post in sorted(chance.sample(range(10**15), ROWS // 90)):
        for place in range(90):
            yield {
                "account_id": "17841400000000007", "subject_kind": "post", "subject_id": f"180{post:015}",
                "metric": metrics[place % 9], "period": "lifetime", "breakdown": "", "part": "",
                "day": FIRST_DAY + timedelta(days=place // 9), "value": float(chance.randrange(9000)),
                "read_at": READ_AT,
            }  # fmt: skip


def main() -> None:
    """Measure both tables, empty and with ten million rows there; print, write the result."""
    with databases.postgres() as server:
        asyncio.run(_configure(server.url("postgres")))
        server.run("pg_ctl", "-D", server.folder / "data", "-w", "restart")
        rows = asyncio.run(_measured(server.url("postgres")))
    publish("ingest", rows, [goal for row in rows for goal in _goals(row, rows[0])])


async def _configure(url: str) -> None:
    plain = await asyncpg.connect(url.replace("+asyncpg", ""))
    for name, value in SETTINGS.items():
        await plain.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    await plain.close()


async def _measured(url: str) -> list[dict[str, Any]]:
    chance = random.Random(SEED)  # noqa: S311 - makes values, no secrets
    ads = Kind(ad_insights, ("ad_id", "day"), list(ad_rows(chance)), ad_insight_restatements)
    posts_keys = ("subject_id", "metric", "period", "breakdown", "part", "day")
    posts = Kind(instagram_insights, posts_keys, list(post_rows(chance)))
    database = open_database(url)
    await upgrade(database, "freehold.node")
    plain = await asyncpg.connect(url.replace("+asyncpg", ""))
    gc.freeze()
    found = [await _of(database, plain, kind, kind.table.name) for kind in (ads, posts)]
    await plain.execute("TRUNCATE ad_insights")
    await plain.execute(FILL, THERE, timeout=1800)
    await plain.execute("VACUUM ANALYZE ad_insights", timeout=900)
    found.append(await _upserts(database, plain, ads, f"ad_insights, {THERE:,} there"))
    await plain.close()
    await database.close()
    return found


async def _of(database: Database, plain: asyncpg.Connection, kind: Kind, name: str) -> dict[str, Any]:
    """COPY into an empty copy of the table, as records and as text; then the upserts into the empty table."""
    columns = list(kind.rows[0])
    records = [tuple(row.values()) for row in kind.rows]
    await plain.execute(f"CREATE TABLE copied (LIKE {name} INCLUDING ALL)")
    await plain.copy_records_to_table("copied", records=records, columns=columns)
    ready = io.BytesIO()
    await plain.copy_from_query(f"SELECT {', '.join(columns)} FROM copied", output=ready)  # noqa: S608 - our own names

    async def records_copied() -> None:
        await plain.copy_records_to_table("copied", records=records, columns=columns)

    async def text_copied() -> None:
        ready.seek(0)
        await plain.copy_to_table("copied", source=ready, columns=columns)

    async def emptied() -> None:
        await plain.execute("TRUNCATE copied; CHECKPOINT")

    copied = {
        "COPY records rows/s": await _rate(emptied, records_copied),
        "COPY text rows/s": await _rate(emptied, text_copied),
    }
    await plain.execute("DROP TABLE copied")
    return {**await _upserts(database, plain, kind, name), **copied}


async def _upserts(database: Database, plain: asyncpg.Connection, kind: Kind, name: str) -> dict[str, Any]:
    """New rows, and the same rows once more an hour later, in transactions of each size; medians of several rounds.

    Where there is a history, also as the daily reading of ads writes them: a tenth changed, their older versions kept.
    """
    found: dict[str, Any] = {"table": name, "rows": len(kind.rows)}
    for size in BATCHES:
        new, unchanged, restated = [], [], []
        for turn in range(REPEATS):
            rows = [{**row, kind.keys[0]: f"{row[kind.keys[0]]}{size}{turn}"} for row in kind.rows]
            again = [{**row, "read_at": READ_AT + timedelta(hours=1)} for row in rows]
            if name == kind.table.name:
                await plain.execute(f"TRUNCATE {name}")
            await plain.execute("CHECKPOINT", timeout=600)
            new.append(await _seconds(_merged(database, kind, rows, size)))
            unchanged.append(await _seconds(_merged(database, kind, again, size)))
            if kind.history is not None:
                later = [{**row, **_corrected(place, row)} for place, row in enumerate(again)]
                restated.append(await _seconds(_merged(database, kind, later, size, kind.history)))
        found[f"new, {size} at once"] = round(ROWS / statistics.median(new))
        found[f"unchanged, {size} at once"] = round(ROWS / statistics.median(unchanged))
        if restated:
            found[f"with history, {size} a time"] = round(ROWS / statistics.median(restated))
    return found


def _corrected(place: int, row: dict[str, Any]) -> dict[str, Any]:
    """What a later reading says: of every tenth row that more was spent."""
    later = {"read_at": READ_AT + timedelta(hours=2)}
    return later if place % CHANGED_OF else {**later, "spend_minor": row["spend_minor"] + 1}


def _merged(
    database: Database, kind: Kind, rows: list[dict[str, Any]], size: int, history: Table | None = None
) -> Work:
    async def work() -> None:
        for first in range(0, len(rows), size):
            async with database.writing() as session:
                await merge(session, kind.table, kind.keys, rows[first : first + size], history=history)

    return work


async def _rate(prepare: Work, work: Work) -> int:
    """Rows a second: the median of several rounds."""
    seconds = []
    for _ in range(REPEATS):
        await prepare()
        seconds.append(await _seconds(work))
    return round(ROWS / statistics.median(seconds))


async def _seconds(work: Work) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


def _goals(row: dict[str, Any], small: dict[str, Any]) -> list[Goal]:
    """Each goal as a bound from above: how many times longer than the measure it may take."""
    copied = max((row[name] for name in row if name.startswith("COPY")), default=0)
    found = []
    for name in (key for key in row if "at once" in key):
        if copied:
            share = 0.4 if name.startswith("new") else 0.3
            found.append(Goal(f"{row['table']}: time of {name}, against COPY", 1 / share, round(copied / row[name], 2)))
        else:
            found.append(
                Goal(f"{row['table']}: time of {name}, against an empty table", 2.0, round(small[name] / row[name], 2))
            )
    return found
