"""SQLite answers through one step of its thread, and as any other driver does."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from freehold.kernel.database import Database, open_database

COUNT = text("SELECT count(*) FROM things")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with a table of its own, and one row in it."""
    opened = open_database(f"sqlite+aiosqlite:///{tmp_path / 'things.db'}")
    async with opened.writing() as session:
        await session.execute(text("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
        await session.execute(text("INSERT INTO things (name) VALUES ('one')"))
    yield opened
    await opened.close()


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the threads of aiosqlite's connections are given to do from here on, step by step."""
    taken: list[str] = []
    execute = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, run: object, *arguments: object, **options: object) -> object:
        taken.append(getattr(run, "__name__", str(run)))
        return await execute(self, run, *arguments, **options)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    return taken


async def test_a_read_is_one_step(database: Database, steps: list[str]) -> None:
    """A statement that reads is one step of the thread: none to begin, to fetch, to close or to roll back."""
    async with database.reading() as session:
        assert (await session.execute(COUNT)).scalar_one() == 1
    assert len(steps) == 1


async def test_a_write_begins_and_commits(database: Database, steps: list[str]) -> None:
    """A transaction is a step to begin, one for each statement, and one to commit."""
    async with database.writing() as session:
        await session.execute(text("INSERT INTO things (name) VALUES ('two')"))
        await session.execute(text("INSERT INTO things (name) VALUES ('three')"))
    assert len(steps) == 4


async def test_a_refused_statement_undoes_the_transaction(database: Database) -> None:
    """What came before a statement that SQLite refuses is undone, and the next transaction finds nothing open."""

    async def write_two() -> None:
        async with database.writing() as session:
            await session.execute(text("INSERT INTO things (name) VALUES ('two')"))
            await session.execute(text("INSERT INTO things (name) VALUES ('one')"))

    with pytest.raises(IntegrityError):
        await write_two()
    async with database.writing() as session:
        assert (await session.execute(COUNT)).scalar_one() == 1


async def test_reads_see_what_was_committed_meanwhile(database: Database) -> None:
    """Each read sees what is there now, also inside one block, as on PostgreSQL."""
    async with database.reading() as reader:
        before = (await reader.execute(COUNT)).scalar_one()
        async with database.writing() as writer:
            await writer.execute(text("INSERT INTO things (name) VALUES ('two')"))
        assert (await reader.execute(COUNT)).scalar_one() == before + 1


async def test_results_tell_what_was_changed(database: Database) -> None:
    """How many rows were changed, which id was given, and what RETURNING returns reach the caller."""
    async with database.writing() as session:
        made = await session.execute(text("INSERT INTO things (name) VALUES ('two') RETURNING id"))
        assert made.scalar_one() == 2
        many = await session.execute(
            text("UPDATE things SET name = :name WHERE id = :id"), [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
        )
        assert many.rowcount == 2
    async with database.reading() as session:
        rows = (await session.execute(text("SELECT id, name FROM things ORDER BY id"))).mappings()
        assert [dict(row) for row in rows] == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
