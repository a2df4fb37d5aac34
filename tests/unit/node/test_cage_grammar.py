"""What may be asked in SQL: plain questions over the wide views, and nothing that is read in two ways."""

import pytest

from freehold.kernel.problems import Problem
from freehold.node.cage.grammar import understood
from freehold.node.cage.words import FUNCTIONS, KEYWORDS, REFUSED, Dialect

ASKED = (
    ("SELECT 1", ()),
    ("select count(*) from bi_posts;", ("bi_posts",)),
    (
        "SELECT username, SUM(views) v FROM bi_account_days GROUP BY username ORDER BY 2 DESC LIMIT 5",
        ("bi_account_days",),
    ),
    (
        "SELECT p.username AS name, d.day FROM bi_posts p JOIN bi_account_days AS d ON (d.account_id = p.account_id)",
        ("bi_posts", "bi_account_days"),
    ),
    (
        "SELECT * FROM (SELECT a, b FROM bi_posts WHERE x IN ('a', 'b''c')) s LEFT JOIN bi_posts q USING (a, b)",
        ("bi_posts",),
    ),
    (
        "WITH w AS (SELECT day, reach FROM bi_account_days), z AS (SELECT day FROM w) SELECT w.day FROM w CROSS JOIN z",
        ("bi_account_days",),
    ),
    (
        "SELECT rank() OVER (PARTITION BY a, b ORDER BY c ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) FROM bi_ad_days",
        ("bi_ad_days",),
    ),
    (
        "SELECT CAST(spend_minor AS numeric(10, 2)) / NULLIF(clicks, 0) FROM bi_ad_days WHERE day >= date '2026-03-01'",
        ("bi_ad_days",),
    ),
    (
        'SELECT CAST(1 AS double precision) AS "Klicks für %", 1.5e3 FROM bi_ad_days WHERE a IS DISTINCT FROM b',
        ("bi_ad_days",),
    ),
    (
        "SELECT CASE WHEN reach > 5 THEN 'many' ELSE 'few' END FROM bi_posts WHERE EXISTS (SELECT 1 FROM bi_ad_days)",
        ("bi_posts", "bi_ad_days"),
    ),
    (
        "SELECT count(*) FILTER (WHERE likes > 3) FROM bi_posts WHERE caption LIKE '%; DROP -- /*%' UNION SELECT 1",
        ("bi_posts",),
    ),
    (
        "SELECT day FROM ((bi_posts p JOIN bi_ad_days d ON p.a = d.a)) WHERE (a + (b * 2)) > 3",
        ("bi_posts", "bi_ad_days"),
    ),
)

REFUSED_BY_BOTH = (
    # more than one statement, or another than SELECT
    "",
    ";",
    "DELETE FROM bi_posts",
    "SELECT 1; SELECT 2",
    "SELECT 1;;",
    "EXPLAIN SELECT 1",
    "TABLE bi_posts",
    "VALUES (1)",
    "COPY bi_posts TO '/tmp/x'",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "SET ROLE freehold",
    "RESET ROLE",
    "DO $$ BEGIN END $$",
    "BEGIN",
    "COMMIT",
    "PRAGMA table_info(x)",
    "ATTACH 'x' AS y",
    "CALL x()",
    "LISTEN x",
    "(SELECT 1)",
    # writing inside of SELECT
    "WITH x AS (DELETE FROM bi_posts RETURNING 1) SELECT * FROM x",
    "WITH x AS (INSERT INTO a SELECT 1) SELECT 1",
    "WITH x AS (UPDATE bi_posts SET a = 1) SELECT 1",
    "SELECT 1 INTO x",
    "SELECT * FROM bi_posts FOR UPDATE",
    "SELECT * FROM bi_posts FOR SHARE",
    # other relations
    "SELECT * FROM access_keys",
    "SELECT * FROM meta_credentials",
    "SELECT * FROM bi_posts, access_keys",
    "SELECT * FROM bi_posts JOIN access_keys ON true",
    "SELECT * FROM (access_keys)",
    "SELECT * FROM ((access_keys) x)",
    "SELECT * FROM public.bi_posts",
    "SELECT * FROM pg_catalog.pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    'SELECT * FROM "sqlite_schema"',
    "SELECT * FROM pragma_table_info('access_keys')",
    "SELECT 'x' IN access_keys",
    "SELECT * FROM ONLY access_keys",
    "SELECT 1 FROM bi_posts WHERE 1 IN (SELECT 1 FROM access_keys)",
    "SELECT (SELECT secret FROM access_keys)",
    "SELECT DISTINCT FROM access_keys",
    "SELECT 1 UNION SELECT secret FROM access_keys",
    "WITH x AS (SELECT * FROM y), y AS (SELECT 1) SELECT * FROM x",
    "WITH bi_posts AS (SELECT 1) SELECT * FROM bi_posts",
    "WITH pg_authid AS (SELECT 1) SELECT * FROM pg_authid",
    "SELECT * FROM bi_posts NATURAL JOIN bi_ad_days",
    "SELECT * FROM generate_series(1, 1000000000)",
    "SELECT * FROM bi_posts TABLESAMPLE SYSTEM (1)",
    "SELECT * FROM bi_posts, LATERAL (SELECT 1) x",
    "SELECT * FROM bi_posts p JOIN bi_ad_days d ON true, access_keys",
    # no end
    "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT 1 FROM x) SELECT * FROM x",
    # functions
    "SELECT pg_sleep(10)",
    "SELECT pg_catalog.pg_sleep(10)",
    'SELECT "pg_sleep"(10)',
    "SELECT set_config('role', 'freehold', false)",
    "SELECT current_setting('x')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT dblink('x', 'y')",
    "SELECT pg_advisory_lock(1)",
    "SELECT query_to_xml('SELECT 1', true, true, '')",
    "SELECT load_extension('x')",
    "SELECT readfile('/etc/passwd')",
    "SELECT randomblob(1000000000)",
    "SELECT repeat('x', 1000000000)",
    "SELECT lpad('x', 1000000000)",
    "SELECT replace('aa', 'a', 'bb')",
    "SELECT string_agg(caption, '') FROM bi_posts",
    "SELECT group_concat(caption) FROM bi_posts",
    "SELECT array_agg(caption) FROM bi_posts",
    "SELECT version()",
    "SELECT printf('%1000000000d', 1)",
    "SELECT zeroblob(1000000000)",
    "SELECT pg_sleep (1)",
    "SELECT lower.pg_sleep(1)",
    "SELECT (p).pg_sleep FROM bi_posts p",
    "SELECT public.lower('x')",
    "SELECT has_table_privilege('x', 'y')",
    # a dot calls a function, too
    "SELECT ('SELECT rolname FROM pg_roles').ts_stat",
    "SELECT 'server_version' . current_setting",
    "SELECT (10).regrole",
    "SELECT (p.caption).array_agg FROM bi_posts p",
    "SELECT p.caption.array_agg FROM bi_posts p",
    "SELECT CASE WHEN 1 = 1 THEN 'x' END.ts_stat",
    "SELECT max(caption).ts_stat FROM bi_posts",
    # of the server
    "SELECT current_user",
    "SELECT user",
    "SELECT session_user",
    "SELECT current_catalog",
    # types that read catalogs or files
    "SELECT 'access_keys'::regclass",
    "SELECT CAST('access_keys' AS regclass)",
    "SELECT regclass 'access_keys'",
    "SELECT CAST('access_keys' AS \"regclass\")",
    "SELECT xml '<x/>'",
    "SELECT CAST('<x/>' AS xml)",
    "SELECT CAST(coalesce(1) AS regrole)",
    # what is read in two ways
    "SELECT 1 -- x",
    "SELECT /* x */ 1",
    "SELECT $1",
    "SELECT ?",
    "SELECT :a",
    "SELECT $$x$$",
    r"SELECT E'\'; DROP TABLE x; --'",
    r"SELECT U&'\0041'",
    r'SELECT U&"\0041"',
    "SELECT B'1'",
    "SELECT X'00'",
    "SELECT `x`",
    "SELECT [x]",
    "SELECT 'x",
    'SELECT "x',
    "SELECT \\",
    "SELECT 1 # x",
    "SELECT 'a' ~ '(a*)*b'",
    "SELECT @x",
    "SELECT 1\x00",
    "SELECT 'a\x00'",
    "SELECT \u017fELECT",
    "SELECT a\u00a0b",
    'SELECT "a""b"',
    "SELECT ARRAY[1]",
    "SELECT '{}'::int[]",
    "SELECT 2 ^ 100000",
    "SELECT 1e999999",
    "SELECT 12abc",
    # what grows without an end
    "SELECT ROW(1, 2)",
    "SELECT (1, 2)",
    "SELECT p FROM bi_posts p",
    "SELECT count(bi_posts) FROM bi_posts",
    "WITH a AS (SELECT caption AS c FROM bi_posts), b AS (SELECT a AS x, a AS y FROM a) SELECT b.x FROM b",
    "SELECT " + " || ".join("'x'" * 10 for _ in range(10)),
    "SELECT " + "(" * 40 + "1" + ")" * 40,
    "SELECT 1" + " UNION SELECT 1" * 30,
    # parentheses
    "SELECT (1",
    "SELECT 1)",
    "SELECT 1) x; SELECT (2",
    "SELECT 1) FROM (SELECT 2",
)


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
@pytest.mark.parametrize(("sql", "views"), ASKED)
def test_plain_questions_are_understood(sql: str, views: tuple[str, ...], dialect: Dialect) -> None:
    """With joins, subqueries, windows and casts; told is which views they are about, and no semicolon stays."""
    question = understood(sql, dialect)
    assert question.sql == sql.rstrip(";")
    assert question.views == views


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
@pytest.mark.parametrize("sql", REFUSED_BY_BOTH)
def test_everything_else_is_refused(sql: str, dialect: Dialect) -> None:
    """By one code, before a database hears of it."""
    with pytest.raises(Problem) as error:
        understood(sql, dialect)
    assert error.value.code == "sql_refused"


def test_names_after_a_dot_are_told_for_the_server_to_look_at() -> None:
    """But those of columns: where no column has such a name, PostgreSQL calls the function that has it."""
    question = understood(
        'SELECT p.reach, p.json_agg, s."Ts_Stat", p.* FROM bi_posts p JOIN bi_ad_days s ON 1 = 1', "sqlite"
    )
    assert question.members == ("json_agg", "ts_stat")


def test_a_database_knows_its_own_functions_alone() -> None:
    """What only the other one has is told before it is tried, with those that there are."""
    understood("SELECT date_trunc('week', day) FROM bi_ad_days", "postgresql")
    with pytest.raises(Problem) as error:
        understood("SELECT date_trunc('week', day) FROM bi_ad_days", "sqlite")
    assert "strftime" in error.value.hint


def test_no_word_is_two_things() -> None:
    """A keyword is neither refused nor, but for left and right, a function."""
    functions = FUNCTIONS["postgresql"] | FUNCTIONS["sqlite"]
    assert not KEYWORDS & REFUSED
    assert KEYWORDS & functions == {"left", "right"}
