"""The second fence: whatever the first one let through, the database gives nothing but the wide views."""

import asyncio
import contextlib
import os
import time
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import func, select
from tests.integration.cage.conftest import CAPTION, SECRET, Cage

from freehold.kernel.problems import Problem
from freehold.node.access.tables import access_keys
from freehold.node.cage import postgres
from freehold.node.cage.bounds import MOST_BYTES, PATIENCE, SECONDS
from freehold.node.cage.grammar import understood
from freehold.node.store.tables import instagram_posts
from freehold.node.store.views import WIDE

BOTH = (
    "SELECT digest FROM access_keys",
    "SELECT count(*) FROM access_keys",
    "SELECT 1 FROM access_keys LIMIT 1",
    "SELECT * FROM meta_credentials",
    "SELECT caption FROM instagram_posts",
    "SELECT asset_id FROM connected_assets WHERE confirmed_at IS NOT NULL",
    "SELECT value FROM instagram_insights",
    "SELECT * FROM bi_posts JOIN access_keys ON 1 = 1",
    "WITH bi_posts AS (SELECT digest FROM access_keys) SELECT * FROM bi_posts",
    "WITH x AS (WITH bi_posts AS (SELECT digest FROM access_keys) SELECT * FROM bi_posts) SELECT * FROM x",
    'SELECT * FROM "Instagram results"',
    "SELECT * FROM instagram_account_days",
    "SELECT * FROM alembic_version",
    "UPDATE instagram_posts SET caption = ''",
    "UPDATE bi_posts SET caption = ''",
    "DELETE FROM instagram_posts",
    "INSERT INTO access_keys (id) VALUES ('x')",
    "CREATE TABLE x (a int)",
    "CREATE TEMPORARY TABLE x (a int)",
    "CREATE VIEW x AS SELECT 1",
    "DROP TABLE access_keys",
    "DROP VIEW bi_posts",
    "ALTER TABLE access_keys ADD COLUMN x int",
    "SELECT 1; SELECT 2",
    "SELECT 1; DELETE FROM instagram_posts",
    "SELECT 1) AS x; DELETE FROM instagram_posts; SELECT (1",
    "SELECT 1) AS question LIMIT 1) AS answers UNION ALL SELECT digest FROM (SELECT digest FROM access_keys",
    "VACUUM",
    "BEGIN",
    "COMMIT",
)
ONLY = {
    "postgresql": (
        "WITH x AS (DELETE FROM instagram_posts RETURNING 1) SELECT * FROM x",
        "SELECT * INTO x FROM bi_posts",
        "SELECT * FROM bi_posts FOR UPDATE",
        "SELECT rolpassword FROM pg_authid",
        "SELECT * FROM pg_shadow",
        "SELECT pg_sleep(60)",
        "SELECT pg_sleep_for('60 s')",
        "SELECT set_config('statement_timeout', '0', false)",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock(1)",
        "SELECT lo_create(0)",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_get(1)",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_read_binary_file('/etc/passwd')",
        "SELECT pg_ls_dir('/')",
        "SELECT pg_stat_file('/etc/passwd')",
        "SELECT pg_notify('x', 'y')",
        "SELECT ts_stat('SELECT array_to_tsvector(array_agg(rolname::text)) FROM pg_roles')",
        "SELECT ('SELECT array_to_tsvector(array_agg(rolname::text)) FROM pg_roles').ts_stat",
        "SELECT pg_terminate_backend(pg_backend_pid())",
        "SELECT pg_cancel_backend(pg_backend_pid())",
        "SELECT query_to_xml('SELECT digest FROM access_keys', true, true, '')",
        "SELECT table_to_xml('bi_posts', true, true, '')",
        "SELECT database_to_xml(true, true, '')",
        "SELECT pg_logical_emit_message(true, 'x', 'y')",
        "SELECT pg_export_snapshot()",
        "SELECT * FROM dblink('x', 'y') AS t (a int)",
        "COPY bi_posts TO '/tmp/x'",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "SET ROLE postgres",
        "SET statement_timeout = 0",
        "SET SESSION AUTHORIZATION postgres",
        "RESET ALL",
        "SHOW data_directory",
        "DO $$ BEGIN PERFORM 1; END $$",
        "LISTEN x",
        "LOCK TABLE instagram_posts",
        "PREPARE x AS SELECT 1",
        "DECLARE x CURSOR FOR SELECT 1",
        "EXPLAIN SELECT 1",
        "GRANT ALL ON access_keys TO PUBLIC",
        "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE EXTENSION dblink",
        "CALL x()",
    ),
    "sqlite": (
        "SELECT * FROM sqlite_master",
        "SELECT sql FROM sqlite_schema",
        "SELECT * FROM sqlite_temp_master",
        "SELECT * FROM pragma_table_info('access_keys')",
        "SELECT * FROM pragma_database_list",
        "PRAGMA table_info(access_keys)",
        "PRAGMA query_only = OFF",
        "PRAGMA writable_schema = ON",
        "ATTACH DATABASE 'x.db' AS x",
        "DETACH DATABASE main",
        "SELECT 1 WHERE 'x' IN access_keys",
        "SELECT load_extension('x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('x', 'y')",
        "SELECT zeroblob(1000000000)",
        "SELECT randomblob(1000000000)",
        "SELECT printf('%1000000000d', 1)",
        "SELECT replace(caption, 'a', 'aaaa') FROM bi_posts",
        "SELECT group_concat(caption) FROM bi_posts",
        "SELECT sqlite_version()",
        "SELECT * FROM json_each('[1]')",
        "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x) SELECT count(*) FROM x",
        "SELECT caption GLOB '*' FROM bi_posts",
        "EXPLAIN SELECT digest FROM access_keys",
        "REINDEX",
        "ANALYZE",
    ),
}


def attacks() -> list[tuple[str, str]]:
    """Each attack with the database that it is for."""
    both = [(dialect, sql) for dialect in ONLY for sql in BOTH]
    return [*both, *((dialect, sql) for dialect, found in ONLY.items() for sql in found)]


async def test_every_attack_is_refused(cage: Cage) -> None:
    """By the database itself, without the reading of the question; nothing is changed, and nothing told."""
    through, refused = [], []
    for dialect, sql in attacks():
        if dialect != cage.dialect:
            continue
        try:
            through.append((sql, await cage.ask(sql)))
        except Problem as problem:
            refused.append(problem)
    assert through == []
    assert {each.code for each in refused} <= {"sql_refused", "sql_wrong", "sql_failed", "sql_too_large"}
    assert not [each for each in refused if SECRET in f"{each.detail} {each.hint}"]
    async with cage.database.reading() as session:
        posts = await session.scalar(select(func.count()).select_from(instagram_posts))
        keys = await session.scalar(select(func.count()).select_from(access_keys))
    assert (posts, keys) == (3, 1)


async def test_what_is_allowed_is_answered(cage: Cage) -> None:
    """So that the refusals above are not for want of anything: joins, subqueries, windows, with what both can."""
    found = await cage.ask(
        "WITH p AS (SELECT account_id, username, reach, likes FROM bi_posts) "
        "SELECT p.account_id AS account, max(p.username) AS name, count(*) AS posts, sum(p.reach) AS reach, "
        "rank() OVER (ORDER BY count(*) DESC) AS place, CAST(avg(p.likes) AS numeric) AS likes "
        "FROM p LEFT JOIN bi_account_days d ON d.account_id = p.account_id WHERE p.likes >= 0 GROUP BY p.account_id "
        "ORDER BY place"
    )
    assert found.columns == ["account", "name", "posts", "reach", "place", "likes"]
    assert found.rows == [["1", "mara", 2, 10, 1, 0.5], ["2", None, 1, 20, 2, 2]]
    assert not found.cut
    (texts,) = (await cage.ask("SELECT caption, caption FROM bi_posts WHERE caption LIKE '%DROP%'")).rows
    assert texts == [CAPTION, CAPTION]


@pytest.mark.parametrize("name", WIDE)
async def test_every_view_is_readable(cage: Cage, name: str) -> None:
    """With all its columns, also where there is no row."""
    found = await cage.ask(f"SELECT * FROM {name}")
    assert found.columns == WIDE[name].source.c.keys()


async def test_huge_answers_are_cut(cage: Cage) -> None:
    """After so many rows, and after so many bytes; a row that is too large is refused."""
    many = "bi_posts a CROSS JOIN bi_posts b CROSS JOIN bi_posts c CROSS JOIN bi_posts d CROSS JOIN bi_posts e"
    rows = await cage.ask(f"SELECT a.likes FROM {many}", 50)
    assert (len(rows.rows), rows.cut) == (50, True)
    large = await cage.ask(f"SELECT e.caption FROM {many} CROSS JOIN bi_posts f WHERE e.likes = 1", 1_000)
    wide = await cage.ask(f"SELECT a.caption, b.caption, c.caption, d.caption, e.caption FROM {many}", 1_000)
    assert [large.cut, wide.cut] == [False, False]
    columns = ", ".join(["e.caption"] * 20)
    bytes_told = await cage.ask(f"SELECT {columns} FROM {many} WHERE e.likes = 1", 1_000)
    assert bytes_told.cut
    assert MOST_BYTES / 2 < sum(len(text) for row in bytes_told.rows for text in row) < MOST_BYTES
    with pytest.raises(Problem) as error:
        await cage.ask(f"SELECT {', '.join(['caption'] * 40)} FROM bi_posts")
    assert error.value.code == "sql_too_large"


async def test_an_endless_question_ends(cage: Cage) -> None:
    """In seconds, by the database's own clock or with its process, and it leaves room for the next."""
    tables = " CROSS JOIN ".join(f"bi_posts p{number}" for number in range(25))
    started = time.monotonic()
    with pytest.raises(Problem) as error:
        await cage.ask(f"SELECT count(*) FROM {tables} WHERE p0.likes + p24.likes > 99")
    assert error.value.code == "sql_too_long"
    assert time.monotonic() - started < SECONDS + 10
    assert (await cage.ask("SELECT 1")).rows == [[1]]


async def test_a_pattern_that_goes_back_and_forth_ends(cage: Cage) -> None:
    """SQLite compares without looking at the clock: its process is ended."""
    pattern = "%a" * 60
    with contextlib.suppress(Problem):
        async with asyncio.timeout(PATIENCE + 20):
            found = await cage.ask(f"SELECT count(*) FROM bi_posts WHERE caption LIKE '{pattern}b'")
        assert found.rows == [[0]]
    assert not children()


async def test_texts_that_double_end(cage: Cage) -> None:
    """What the first fence refuses does not fill SQLite's memory either."""
    if cage.dialect != "sqlite":
        return
    doubled = "WITH a0 AS (SELECT caption AS x FROM bi_posts)" + "".join(
        f", a{n + 1} AS (SELECT x || x AS x FROM a{n})" for n in range(30)
    )
    with pytest.raises(Problem) as error:
        await cage.ask(f"{doubled} SELECT length(x) FROM a30")
    assert error.value.code in {"sql_wrong", "sql_too_large"}
    with pytest.raises(Problem):
        understood(f"{doubled} SELECT length(x) FROM a30", "sqlite")


async def test_an_open_cage_is_not_entered(cage: Cage) -> None:
    """A role that may read one table more, call one function more, or is a superuser, answers nothing."""
    if cage.dialect != "postgresql":
        return
    opened = (
        ("GRANT SELECT ON access_keys TO freehold_sql", "REVOKE SELECT ON access_keys FROM freehold_sql"),
        ("GRANT SELECT (name) ON access_keys TO freehold_sql", "REVOKE SELECT (name) ON access_keys FROM freehold_sql"),
        ("GRANT EXECUTE ON FUNCTION pg_sleep TO PUBLIC", "REVOKE EXECUTE ON FUNCTION pg_sleep FROM PUBLIC"),
        ("GRANT pg_read_all_data TO freehold_sql", "REVOKE pg_read_all_data FROM freehold_sql"),
        ("ALTER ROLE freehold_sql SUPERUSER", "ALTER ROLE freehold_sql NOSUPERUSER"),
    )
    owner = await asyncpg.connect(
        cage.database.engine.url.render_as_string(hide_password=False).replace("+asyncpg", "")
    )
    for opening, closing in opened:
        await owner.execute(opening)
        with pytest.raises(Problem) as error:
            await cage.ask("SELECT 1")
        assert error.value.code == "sql_not_closed", opening
        await owner.execute(closing)
    await owner.close()
    assert (await cage.ask("SELECT 1")).rows == [[1]]


async def test_a_dot_calls_nothing(cage: Cage) -> None:
    """Where no column has the name behind it, PostgreSQL calls a function of that name, or casts to such a type."""
    if cage.dialect != "postgresql":
        return
    for called in ("array_agg", "json_agg", "count", "row_to_json", "regclass"):
        question = understood(f"SELECT p.{called} FROM bi_posts p", "postgresql")
        with pytest.raises(Problem) as error:
            await postgres.ask(cage.url, question.sql, 10, question.members)
        assert error.value.code == "sql_called"
    question = understood("SELECT s.most FROM (SELECT max(likes) AS most FROM bi_posts) s", "postgresql")
    assert (await postgres.ask(cage.url, question.sql, 10, question.members)).rows == [[2]]


async def test_no_column_of_a_view_can_be_called(cage: Cage) -> None:
    """Names of columns may stand behind any dot, also where the relation before it has no such column."""
    if cage.dialect != "postgresql":
        return
    owner = await asyncpg.connect(
        cage.database.engine.url.render_as_string(hide_password=False).replace("+asyncpg", "")
    )
    names = sorted({name for view in WIDE.values() for name in view.source.c.keys()})  # noqa: SIM118 - columns
    found = await owner.fetch("SELECT DISTINCT proname FROM pg_proc WHERE proname = ANY($1::text[])", names)
    assert {each["proname"] for each in found} == {"text"}, "casts of single values, no row is one"
    await owner.close()


async def test_what_does_not_fit_is_told_without_the_value(cage: Cage) -> None:
    """A caption, which others wrote, is no part of an error."""
    with contextlib.suppress(Problem):
        await cage.ask("SELECT CAST(caption AS integer) FROM bi_posts WHERE caption LIKE '%DROP%'")
        assert cage.dialect == "sqlite"
        return
    with pytest.raises(Problem) as error:
        await cage.ask("SELECT CAST(caption AS integer) FROM bi_posts WHERE caption LIKE '%DROP%'")
    assert error.value.code == "sql_misfit"
    assert CAPTION not in f"{error.value.detail} {error.value.hint}"


async def test_no_question_stays_when_it_is_left(cage: Cage) -> None:
    """Whoever stops waiting leaves neither a process nor, for longer than the database's own bound, a connection."""
    tables = " CROSS JOIN ".join(f"bi_posts p{number}" for number in range(25))
    task = asyncio.create_task(cage.ask(f"SELECT count(*) FROM {tables}"))
    await asyncio.sleep(2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not children()


def children() -> list[str]:
    """The processes of cages that this one has started and that live."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    told = [Path(f"/proc/{each}/cmdline").read_bytes().decode() for each in listed]
    return [each for each in told if "sqlite_child" in each]


def test_titles_that_are_there_twice_keep_both_values() -> None:
    """As SQL allows it, and objects of JSON do not."""
    assert postgres.values('{"a":1,"a":"x","b":null}') == [1, "x", None]
