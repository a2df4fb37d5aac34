"""How PostgreSQL would answer each query over much data: by an index, never by reading a large table whole."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.integration.store.filling import fill

from freehold.kernel import migrations
from freehold.kernel.database import SCHEMA_TIMEOUT, Database, open_database
from freehold.node import store
from freehold.node.governor import ledger
from freehold.node.governor.tables import api_calls, governor_ledger
from freehold.node.runs import places
from freehold.node.runs import queries as runs
from freehold.node.runs.tables import collection_places, workflow_runs
from freehold.node.store.ads.tables import ad_insight_restatements, ad_insights
from freehold.node.store.coverage.tables import coverage
from freehold.node.store.instagram.tables import instagram_insights
from freehold.node.store.merge import merge
from freehold.node.store.tables import TABLES

ROWS = 40_000
TEN_MILLION = 10_000_000
FEW_ROWS = {"ai_recommendations", "competitors"}
"""Tables of what people typed in, and of what they are advised now and then: they may be read whole."""
LARGE = (
    *(table for table in TABLES if table.name not in FEW_ROWS),
    api_calls,
    governor_ledger,
    collection_places,
    workflow_runs,
)
WHOLE = {
    "counts": "counts tables exactly while they are small",
}
"""Queries that are about all rows, and why that is all right."""
NOW = datetime(2026, 3, 1, tzinfo=UTC)
"""What a parameter of a name is given."""
VALUES: dict[str, Any] = {
    "account_id": "account_id_7", "account_ids": ["account_id_7", "account_id_8"], "ad_account_id": "ad_account_id_7",
    "ad_ids": ["ad_archive_id_7"], "competitor_id": 7, "day": date(2026, 2, 1), "subjects": ["subject_id_7"],
    "asset_id": "asset_id_7", "asset_ids": ["asset_id_7"], "at": NOW, "before": datetime(2026, 1, 1, 1, tzinfo=UTC),
    "breakdown": "breakdown_1",
    "first": date(2026, 2, 1), "keys": ["key_1", "key_2"], "last": date(2026, 3, 1), "metric": "metric_1",
    "objective": "OUTCOME_SALES",
    "metrics": ["metric_1", "metric_2"], "most": 100, "name": "place_1", "now": NOW, "page_id": "page_id_7",
    "page_ids": ["page_id_7"], "person_id": "person_id_1", "run_id": "run_id_7", "run_ids": ["run_id_7"], "since": NOW,
    "subject_id": "subject_id_7", "subject_ids": ["subject_id_7", "subject_id_8"], "until": NOW, "outcome": "complete",
    "failures": {}, "limit": 50, "attempt": 1, "post_id": "post_id_7", "acted_before": NOW, "found_since": NOW,
    "recommendation_id": "recommendation_id_7", "topics": ["topic_7"], "passing": ["kind_1"],
}  # fmt: skip


def modules() -> Iterator[Any]:
    """Every module whose queries are looked at."""
    for found in pkgutil.walk_packages(store.__path__, f"{store.__name__}."):
        if found.name.endswith((".queries", ".counts")):
            yield importlib.import_module(found.name)
    yield from (runs, places, ledger)


def queries() -> list[Any]:
    """Every function in them that reads."""
    found = []
    for module in modules():
        for name, function in inspect.getmembers(module, inspect.iscoroutinefunction):
            kinds = list(inspect.signature(function).parameters.values())
            mine = function.__module__ == module.__name__ and not name.startswith("_")
            if mine and kinds[0].annotation is not inspect.Parameter.empty and not _writes(function):
                found.append(function)
    return found


def _writes(function: Any) -> bool:
    """Whether it writes what it is given, which needs no plan."""
    return any(
        name in {"order", "place", "owners", "owned", "record"} for name in inspect.signature(function).parameters
    )


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """A database with the node's tables."""
    opened = open_database(postgres_url, statement_timeout=SCHEMA_TIMEOUT)
    await migrations.upgrade(opened, "freehold.node")
    yield opened
    await opened.close()


async def loaded(database: Database, rows: dict[str, int]) -> None:
    """Fill every large table."""
    for table in LARGE:
        async with database.engine.begin() as connection:
            await fill(connection, table, rows.get(table.name, ROWS))


async def scanned(database: Database, function: Any) -> dict[str, list[str]]:
    """Tables that the statements of a query read from end to end, each with the statement."""
    statements: list[tuple[str, Any]] = []

    def capture(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if not statement.startswith("EXPLAIN"):
            statements.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", capture)
    parameters = inspect.signature(function).parameters
    given = [VALUES[name] for name, kind in list(parameters.items())[1:] if kind.default is inspect.Parameter.empty]
    async with database.engine.connect() as connection:
        await function(connection, *given)
        found: dict[str, list[str]] = {}
        for statement, values in tuple(statements):
            plan = await explained(connection, statement, values)
            for table in set(read_whole(plan)) - FEW_ROWS:
                found.setdefault(table, []).append(statement[:300])
        await connection.rollback()
    return found


async def explained(connection: AsyncConnection, statement: str, values: Any) -> dict[str, Any]:
    """PostgreSQL's plan of a statement with these values."""
    result = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values)
    plan = result.scalar_one()
    found: dict[str, Any] = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return found


def read_whole(plan: dict[str, Any]) -> Iterator[str]:
    """The tables of a plan that are read from end to end."""
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from read_whole(part)


async def check(database: Database) -> None:
    """No query reads a large table from end to end."""
    found = {function.__qualname__: await scanned(database, function) for function in queries()}
    assert len(found) > 15
    bad = {name: tables for name, tables in found.items() if tables and name not in WHOLE}
    assert not bad, json.dumps(bad, indent=1)


async def test_every_query_uses_an_index(database: Database) -> None:
    """With tens of thousands of rows in every table, no query of the store, runs or ledger reads one whole."""
    await loaded(database, {})
    await check(database)


@pytest.mark.long
async def test_every_query_uses_an_index_at_ten_million_rows(database: Database) -> None:
    """The same with ten million rows in each table that grows with days."""
    await loaded(
        database, dict.fromkeys((table.name for table in (ad_insights, instagram_insights, coverage)), TEN_MILLION)
    )
    await check(database)


async def test_a_history_is_kept_for_what_its_rows_cost(database: Database) -> None:
    """Each row is found by the index over its keys, by a plan so cheap that PostgreSQL compiles nothing for it."""
    async with database.engine.begin() as connection:
        await fill(connection, ad_insights, ROWS)
        found = await connection.execute(select(ad_insights).limit(500))
        rows = [{**{name: row[name] for name in row if name != "id"}, "spend_minor": 1} for row in found.mappings()]
        dearest = float((await connection.execute(text("SHOW jit_above_cost"))).scalar_one())
    plans: list[dict[str, Any]] = []

    def explain(
        connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> None:
        if statement.startswith("INSERT INTO ad_insight_restatements"):
            result = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
            plans.append(result.scalar_one()[0]["Plan"])

    async with database.writing() as session:
        event.listen(session.sync_connection, "before_cursor_execute", explain)
        await merge(session, ad_insights, ("ad_id", "day"), rows, history=ad_insight_restatements)
    (plan,) = plans

    assert list(read_whole(plan)) == []
    assert '"ad_insights_once"' in json.dumps(plan)
    assert plan["Total Cost"] < dearest / 10


async def test_a_query_without_an_index_is_noticed(database: Database) -> None:
    """The comparison above can fail."""
    async with database.engine.begin() as connection:
        await fill(connection, coverage, ROWS)

    async def by_reason(session: AsyncConnection, metric: str) -> None:
        await session.execute(text("SELECT day FROM coverage WHERE reason = :reason"), {"reason": metric})

    assert set(await scanned(database, by_reason)) == {"coverage"}
