"""A database that was left where an earlier stage ended comes to the newest schema, with every row that it held."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, inspect, select
from sqlalchemy.engine import Connection, make_url

from freehold.kernel import migrations
from freehold.kernel.backups.postgres import find_program
from freehold.kernel.database import Database, open_database

HERE = Path(__file__).parent
STAGES = {"foundation": {"node": "0002", "broker": "0001"}, "collector": {"node": "0011", "broker": "0001"}}
"""The revision at which each ended."""
EACH = [(stage, service) for stage, services in STAGES.items() for service in services]

Rows = dict[str, list[dict[str, Any]]]


def load(url: str, stage: str, service: str) -> None:
    """Put a stage's dump into an empty database."""
    address = make_url(url)
    dump = HERE / f"{stage}-{service}-{address.get_backend_name()}.sql"
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(address.database))) as connection:
            connection.executescript(dump.read_text())
        return
    where = ["-h", str(address.host), "-p", str(address.port), "-U", str(address.username), "-d", str(address.database)]
    words = [find_program("psql"), *where, "-q", "-v", "ON_ERROR_STOP=1", "-1", "-f", str(dump)]
    subprocess.run(words, check=True, capture_output=True)


def rows(connection: Connection) -> Rows:
    """Every row of every table, as the database has it."""
    found = MetaData()
    found.reflect(connection)
    return {
        table.name: sorted((dict(row) for row in connection.execute(select(table)).mappings()), key=repr)
        for table in found.sorted_tables
        if table.name != "alembic_version"
    }


def schema(connection: Connection) -> dict[str, dict[str, tuple[str, bool]]]:
    """Table -> column -> its type, and whether there may be nothing in it."""
    found = inspect(connection)
    return {
        table: {each["name"]: (str(each["type"]), each["nullable"]) for each in found.get_columns(table)}
        for table in found.get_table_names()
    }


def migrate(connection: Connection, service: str, revision: str) -> None:
    """Bring a database to a revision, forwards."""
    config = Config()
    config.set_main_option("script_location", f"freehold.{service}:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@pytest.mark.parametrize(("stage", "service"), EACH)
async def test_nothing_is_lost(stage: str, service: str, database_url: str) -> None:
    """Every row is there with every value that it had, under the names that they have now."""
    load(database_url, stage, service)
    database = open_database(database_url)
    try:
        async with database.reading() as session:
            before = await session.run_sync(rows)
        await migrations.upgrade(database, f"freehold.{service}")
        async with database.reading() as session:
            after = await session.run_sync(rows)
    finally:
        await database.close()
    assert sum(map(len, before.values())) >= 3 * len(before) > 20
    for change in MOVED.get((stage, service), ()):
        change(before)
    for table, held in before.items():
        names = list(held[0]) if held else []
        kept = sorted(({name: row[name] for name in names} for row in after[table]), key=repr)
        assert kept == sorted(held, key=repr), table


def _campaigns_reach(held: Rows) -> None:
    """Reach is kept of every level now; what it was reckoned from is in the days of the ads."""
    old = held.pop("ad_campaign_reach")
    held["ad_reach"] = [
        {"ad_account_id": row["ad_account_id"], "level": "campaign", "object_id": row["campaign_id"],
         "first_day": row["first_day"], "last_day": row["last_day"], "reach": row["reach"], "read_at": row["read_at"]}
        for row in old
    ]  # fmt: skip
    held["coverage"] = [row for row in held["coverage"] if row["metric"] != "campaign_reach"]


def _buckets(held: Rows) -> None:
    """The governor's buckets have shorter names, and one that nobody uses any more is gone."""
    kept = [row for row in held["governor_ledger"] if row["key"] != "node"]
    held["governor_ledger"] = [{**row, "key": row["key"].removeprefix("usage:")} for row in kept]


MOVED: dict[tuple[str, str], tuple[Callable[[Rows], None], ...]] = {
    ("foundation", "node"): (_campaigns_reach, _buckets),
}
"""What is elsewhere now, said in full: everything else has to be where it was."""


@pytest.mark.parametrize(("stage", "service"), EACH)
async def test_a_dump_is_what_the_revisions_made(stage: str, service: str, database_url: str, tmp_path: Path) -> None:
    """A revision that was released does not change: it still makes the schema that the stage ended with."""
    load(database_url, stage, service)
    revision = STAGES[stage][service]
    made = open_database(f"sqlite+aiosqlite:///{tmp_path / 'made.db'}")
    dumped = open_database(database_url)
    try:
        async with made.writing() as session:
            await session.run_sync(migrate, service, revision)
        async with made.reading() as fresh, dumped.reading() as old:
            expected, found = await fresh.run_sync(schema), await old.run_sync(schema)
    finally:
        await made.close()
        await dumped.close()
    assert {table: set(columns) for table, columns in found.items()} == {
        table: set(columns) for table, columns in expected.items()
    }
    assert {table: {name: nullable for name, (_, nullable) in columns.items()} for table, columns in found.items()} == {
        table: {name: nullable for name, (_, nullable) in columns.items()} for table, columns in expected.items()
    }


@pytest.mark.parametrize("service", ["node", "broker"])
async def test_a_revision_leaves_what_the_version_before_uses(service: str, database_url: str) -> None:
    """Since the last stage: no table or column goes, changes its type, or demands what old code does not write."""
    database: Database = open_database(database_url)
    try:
        async with database.writing() as session:
            await session.run_sync(migrate, service, STAGES["collector"][service])
            old = await session.run_sync(schema)
        await migrations.upgrade(database, f"freehold.{service}")
        async with database.reading() as session:
            new = await session.run_sync(schema)
            demanded = await session.run_sync(_demanded, old)
    finally:
        await database.close()
    for table, columns in old.items():
        for name, (kind, nullable) in columns.items():
            assert new[table][name][0] == kind, (table, name)
            assert new[table][name][1] >= nullable, (table, name)
    assert demanded == []


def _demanded(connection: Connection, old: dict[str, Any]) -> list[tuple[str, str]]:
    """Columns that came to old tables and have to be written, without a default."""
    found = inspect(connection)
    return [
        (table, column["name"])
        for table in old
        for column in found.get_columns(table)
        if column["name"] not in old[table] and not column["nullable"] and column["default"] is None
    ]
