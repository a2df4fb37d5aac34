"""A dump reaches a database whole, or not at all."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from freehold.demo.databases import PostgresServer
from freehold.kernel.backups import postgres, sqlite
from freehold.kernel.backups.errors import BackupError, RestoreError
from freehold.kernel.backups.restore import Writing, replace_all

ROWS = 20_000


async def dumped(url: str) -> bytes:
    """A database with a table, an index over it, and rows; and its dump."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("CREATE TABLE kept (a serial PRIMARY KEY, b text)")
    await connection.execute("INSERT INTO kept (b) SELECT md5(n::text) FROM generate_series(1, $1::int) n", ROWS)
    async with postgres.snapshot(url) as (session, seen):
        await connection.execute("INSERT INTO kept (b) VALUES ('too late')")
        version = await postgres.major_version(session)
        found = b"".join([block async for block in postgres.dump(url, version, seen)])
        assert await postgres.counts(session) == {"kept": ROWS}
    await connection.close()
    return found


async def held(url: str) -> int:
    """Rows of the table."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    count = await connection.fetchval("SELECT count(*) FROM kept")
    await connection.close()
    return int(count)


async def test_what_was_written_after_the_snapshot_is_not_in_the_dump(postgres_url: str) -> None:
    """Restored over what is there, it is what it was in that moment."""
    whole = await dumped(postgres_url)
    assert await held(postgres_url) == ROWS + 1
    async with postgres.restoring(postgres_url, "DROP TABLE kept") as restoring:
        await restoring.feed(whole)
        await restoring.finish()
    assert await held(postgres_url) == ROWS + 1, "finished is not replaced"
    async with postgres.restoring(postgres_url, "DROP TABLE kept") as restoring:
        await restoring.feed(whole)
        await restoring.finish()
        await restoring.replace()
    assert await held(postgres_url) == ROWS


async def test_what_was_replaced_before_a_server_left_is_named(
    postgres_url: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    """Nothing holds two databases together: who restores is told what is new, and what is as it was."""
    whole, other = await dumped(postgres_url), postgres_server.url("left_alone")
    where = ("-h", "127.0.0.1", "-p", str(postgres_server.port), "-U", "freehold")
    postgres_server.run("dropdb", "--if-exists", *where, "left_alone")
    postgres_server.run("createdb", *where, "left_alone")
    file = tmp_path / "runs.db"
    file.write_bytes(b"as it was")
    async with (
        postgres.restoring(postgres_url, "DROP TABLE kept") as node,
        postgres.restoring(other, "") as n8n,
        sqlite.unpacking(file) as runs,
    ):
        written: dict[str, Writing] = {"runs": runs, "node": node, "n8n": n8n}
        for each in (node, n8n):
            await each.feed(whole)
            await each.finish()
        admin = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'left_alone'")
        await admin.close()
        with pytest.raises(RestoreError, match=r"n8n was written, .* terminat.* node had been replaced before it"):
            await replace_all(written)
    assert (await held(postgres_url), file.read_bytes()) == (ROWS, b"as it was")
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.999])
@pytest.mark.parametrize("ending", ["told to finish", "left alone", "killed"])
async def test_a_part_of_a_dump_changes_nothing(postgres_url: str, share: float, ending: str) -> None:
    """Wherever it breaks off, and whoever dies of it, what stood there stands there still."""
    whole = await dumped(postgres_url)
    async with postgres.restoring(postgres_url, "DROP TABLE kept") as restoring:
        await restoring.feed(whole[: int(len(whole) * share)])
        if ending == "killed":
            restoring._convert.kill()
        if ending != "left alone":
            with pytest.raises(RestoreError, match="as it was"):
                await restoring.finish()
    assert await held(postgres_url) == ROWS + 1


async def test_an_older_program_is_told_before_it_is_tried(postgres_url: str) -> None:
    """pg_dump refuses newer servers in words that help nobody."""
    with pytest.raises(BackupError, match="postgresql-client-99"):
        async for _ in postgres.dump(postgres_url, 99, "none"):
            pass


@pytest.mark.parametrize(("named", "taken"), [("own_dump", True), ("pg_wrapper", False)])
def test_the_path_says_which_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, *, taken: bool
) -> None:
    """Whoever puts a client first on PATH means it; Debian's wrapper there means its newest version."""
    (tmp_path / named).write_text("#!/bin/sh\n")
    (tmp_path / named).chmod(0o700)
    (tmp_path / "pg_dump").symlink_to(tmp_path / named)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert (postgres.find_program("pg_dump") == str(tmp_path / "pg_dump")) is taken


def test_a_program_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="install PostgreSQL's client"):
        postgres.find_program("pg_unheard_of")


async def test_a_password_is_neither_argument_nor_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands in a file for the time of the program, readable by its owner alone; our settings go to nobody."""
    monkeypatch.setenv("FREEHOLD_NODE_DATABASE_URL", "hidden")
    monkeypatch.setenv("PGPASSWORD", "hidden")
    url = make_url("postgresql+asyncpg://freehold:s3cr%3At@127.0.0.1:5432/freehold?ssl=require")
    with postgres._login(url) as (words, environment):
        process = await postgres._start(["env"], environment, stdout=asyncio.subprocess.PIPE)
        out, _ = await process.communicate()
        file = Path(environment["PGPASSFILE"])
        assert (file.read_text(), file.stat().st_mode & 0o777) == ("*:*:*:*:s3cr\\:t\n", 0o600)
    assert not file.exists()
    assert words == ["--host=127.0.0.1", "--port=5432", "--username=freehold", "--dbname=freehold"]
    told = out.decode()
    assert "PGSSLMODE=require" in told
    assert not any(secret in told for secret in ("s3cr", "hidden"))
