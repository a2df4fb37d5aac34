"""Merging: each row once, the newest reading wins, what is unchanged is left alone, and what was there can be kept."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Date, MetaData, String, Table, Text, UniqueConstraint, insert, select, text

from freehold.kernel.database import ROW_ID, Database, Instant, open_database
from freehold.node.store.merge import Merged, merge
from freehold.node.store.staging import STAGED_ROWS

FIRST = datetime(2026, 3, 1, 6, tzinfo=UTC)
LATER = FIRST + timedelta(days=1)
DAY = date(2026, 2, 27)
SIZES = pytest.mark.parametrize("more", [0, STAGED_ROWS], ids=["few", "many"])
"""PostgreSQL takes few rows and many rows on different ways."""

metadata = MetaData()
spending = Table(
    "spending",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("ad_id", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("spend", BigInteger),
    Column("note", Text, nullable=False, server_default="by hand"),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("ad_id", "day"),
)
restated = Table(
    "restated",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("ad_id", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("spend", BigInteger),
    Column("read_at", Instant, nullable=False),
    Column("replaced_at", Instant, nullable=False),
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database that has the tables, empty."""
    opened = open_database(database_url)
    async with opened.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield opened
    await opened.close()


def spent(ad_id: str, spend: int | None, at: datetime = FIRST) -> dict[str, Any]:
    """A row as it was read."""
    return {"ad_id": ad_id, "day": DAY, "spend": spend, "read_at": at}


def others(more: int, at: datetime = FIRST) -> list[dict[str, Any]]:
    """Rows of other ads."""
    return [spent(f"other {place}", place, at) for place in range(more)]


async def write(database: Database, *rows: dict[str, Any], **options: Any) -> Merged:
    """Merge rows in a transaction of their own."""
    async with database.writing() as session:
        return await merge(session, spending, ("ad_id", "day"), list(rows), **options)


async def one(database: Database, ad_id: str = "a") -> tuple[int | None, datetime]:
    """What is there of an ad: its spend, and when it was read."""
    async with database.reading() as session:
        query = select(spending.c.spend, spending.c.read_at).where(spending.c.ad_id == ad_id)
        row = (await session.execute(query)).one()
    return row.spend, row.read_at


@SIZES
async def test_a_newer_reading_takes_the_place_of_an_older(database: Database, more: int) -> None:
    """A row with known keys is overwritten, one with new keys is added, and both are counted as written."""
    assert await write(database, spent("a", 1), *others(more)) == Merged(1 + more, 0)
    assert await write(database, spent("a", 2, LATER), spent("b", 3, LATER), *others(more)) == Merged(2, more)
    assert await one(database) == (2, LATER)
    assert await one(database, "b") == (3, LATER)


@SIZES
async def test_an_unchanged_row_is_not_written(database: Database, more: int) -> None:
    """A reading that brings the same values, empty ones too, leaves the row as it was, with the time of its first."""
    await write(database, spent("a", None), *others(more))
    assert await write(database, spent("a", None, LATER), *others(more, LATER)) == Merged(0, 1 + more)
    assert await one(database) == (None, FIRST)


@SIZES
async def test_values_come_and_go(database: Database, more: int) -> None:
    """Between empty and a number is a change, both ways."""
    await write(database, spent("a", None), *others(more))
    await write(database, spent("a", 5, LATER), *others(more))
    assert await one(database) == (5, LATER)
    await write(database, spent("a", None, LATER), *others(more))
    assert await one(database) == (None, LATER)


@SIZES
async def test_freshness_counts_where_it_is_asked_for(database: Database, more: int) -> None:
    """With `refresh`, being read again is a change."""
    await write(database, spent("a", 1), *others(more))
    assert await write(database, spent("a", 1, LATER), *others(more), refresh=True) == Merged(1, more)
    assert await one(database) == (1, LATER)


@SIZES
async def test_the_last_of_several_counts(database: Database, more: int) -> None:
    """A batch that has a row twice writes it once, as it came last."""
    assert await write(database, spent("a", 1), spent("a", 2), *others(more)) == Merged(1 + more, 0)
    assert await one(database) == (2, FIRST)


@SIZES
async def test_a_condition_keeps_what_is_there(database: Database, more: int) -> None:
    """`where` says which rows give way; it speaks of those that are there."""
    await write(database, spent("a", 1), spent("b", 50), *others(more))
    where = spending.c.spend < 10
    await write(database, spent("a", 2), spent("b", 3), *others(more), where=where)
    assert await one(database) == (2, FIRST)
    assert await one(database, "b") == (50, FIRST)


@SIZES
async def test_columns_that_are_not_given_are_left_alone(database: Database, more: int) -> None:
    """What people wrote beside the collected values stays."""
    await write(database, spent("a", 1), *others(more))
    async with database.writing() as session:
        await session.execute(text("UPDATE spending SET note = 'ours' WHERE ad_id = 'a'"))
    await write(database, spent("a", 2), *others(more))
    async with database.reading() as session:
        assert (await session.execute(text("SELECT note FROM spending WHERE ad_id = 'a'"))).scalar_one() == "ours"


@SIZES
async def test_the_older_version_is_kept(database: Database, more: int) -> None:
    """History gets each version that was replaced, when it was read and until when it stood, and nothing else."""
    for spend, at in ((1, FIRST), (1, LATER), (2, LATER), (3, LATER + timedelta(days=1))):
        await write(database, spent("a", spend, at), *others(more), history=restated)
    async with database.reading() as session:
        query = select(*(restated.c[name] for name in ("ad_id", "day", "spend", "read_at", "replaced_at")))
        found = [tuple(row) for row in (await session.execute(query.order_by(restated.c.spend))).all()]
    assert found == [("a", DAY, 1, FIRST, LATER), ("a", DAY, 2, LATER, LATER + timedelta(days=1))]


@SIZES
async def test_a_transaction_may_merge_twice_and_roll_back(database: Database, more: int) -> None:
    """Rows of an earlier merge in the transaction are not written again, and nothing stays of one that failed."""
    with contextlib.suppress(ZeroDivisionError):
        async with database.writing() as session:
            await merge(session, spending, ("ad_id", "day"), [spent("lost", 1), *others(more)])
            raise ZeroDivisionError
    async with database.writing() as session:
        await merge(session, spending, ("ad_id", "day"), [spent("a", 1), *others(more)])
        await session.execute(spending.delete())
        again = [spent("b", 1), *({**row, "ad_id": f"new {row['ad_id']}"} for row in others(more))]
        assert await merge(session, spending, ("ad_id", "day"), again) == Merged(1 + more, 0)
    async with database.reading() as session:
        found = set((await session.execute(select(spending.c.ad_id))).scalars())
    assert found == {"b", *(f"new other {place}" for place in range(more))}


@SIZES
async def test_two_writers_lose_no_version(database: Database, more: int) -> None:
    """Writers of the same rows in opposite orders wait for each other, and each replaced version is kept once."""
    await write(database, spent("a", 0), spent("b", 0), *others(more))
    both = [[spent("a", spend), spent("b", spend)][:: -1 if spend % 2 else 1] for spend in range(1, 9)]
    await asyncio.gather(*(write(database, *rows, *others(more), history=restated) for rows in both))
    last, _ = await one(database)
    async with database.reading() as session:
        query = select(restated.c.spend).where(restated.c.ad_id == "a")
        kept = sorted((await session.execute(query)).scalars())
    assert sorted([*kept, last]) == list(range(9))


async def test_nothing_to_write_is_nothing(database: Database) -> None:
    """No rows, no statement."""
    async with database.writing() as session:
        await session.execute(insert(spending), [spent("a", 1)])
        assert await merge(session, spending, ("ad_id", "day"), []) == Merged(0, 0)
    assert await one(database) == (1, FIRST)
