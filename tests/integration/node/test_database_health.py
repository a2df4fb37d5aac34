"""The database's own doctor: it passes on a new node, and says what to do about what is wrong."""

from sqlalchemy import text
from tests.integration.conftest import MakeNode

from freehold.kernel.clock import SystemClock
from freehold.node.database_health import examine
from freehold.node.store.tables import TABLES


async def test_a_new_database_is_in_order(make_node: MakeNode, database_url: str) -> None:
    """Nothing is wrong, and the size is told."""
    opened = await make_node(clock=SystemClock(), database_url=database_url)
    checks = await examine(opened.node)
    assert [check for check in checks if not check.passed] == []
    assert {"size", "missing indexes"} <= {check.name for check in checks}


async def test_a_missing_index_is_named_with_its_remedy(make_node: MakeNode, database_url: str) -> None:
    """What somebody dropped can be made again with the statement that is told."""
    opened = await make_node(clock=SystemClock(), database_url=database_url)
    async with opened.node.database.writing() as session:
        await session.execute(text("DROP INDEX ix_ads_ad_set_id"))
    (check,) = [check for check in await examine(opened.node) if not check.passed]
    assert check.detail == "ix_ads_ad_set_id"
    async with opened.node.database.writing() as session:
        await session.execute(text(check.fix))
    assert all(check.passed for check in await examine(opened.node))


async def test_bloat_is_noticed(make_node: MakeNode, postgres_url: str) -> None:
    """A table full of dead rows is named, and VACUUM with it."""
    opened = await make_node(clock=SystemClock(), database_url=postgres_url)
    fill = "INSERT INTO workers SELECT n::text, now(), now() FROM generate_series(1, 20000) AS n"
    async with opened.node.database.writing() as session:
        await session.execute(text("ALTER TABLE workers SET (autovacuum_enabled = off)"))
        await session.execute(text(fill))
    async with opened.node.database.writing() as session:
        await session.execute(text("DELETE FROM workers"))
    async with opened.node.database.writing() as session:
        await session.execute(text("SELECT pg_stat_force_next_flush()"))
    (check,) = [check for check in await examine(opened.node) if not check.passed]
    assert check.name == "bloat of workers"
    assert "VACUUM ANALYZE workers" in check.fix


def test_columns_that_refer_to_others_are_indexed() -> None:
    """Every relation column of collected data begins an index, a key or a unique constraint."""
    missing = []
    for table in TABLES:
        leading = {next(iter(index.columns)).name for index in table.indexes} | {table.primary_key.columns[0].name}
        leading |= {
            each.columns[0].name for each in table.constraints if hasattr(each, "columns") and len(each.columns)
        }
        missing += [
            f"{table.name}.{each.name}"
            for each in table.columns
            if each.name.endswith("_id") and each.name not in leading
        ]
    assert missing == []
