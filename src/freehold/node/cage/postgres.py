"""The cage in PostgreSQL: a role that may read the wide views and do nothing else, and one connection a question.

Nothing is left for the next question: no SET, no transaction, no prepared statement outlives the connection.
The question is one prepared statement by itself first, so that it cannot end what it is put into afterwards.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from sqlalchemy.engine import make_url

from freehold.kernel import logs
from freehold.kernel.problems import Problem
from freehold.node.cage.bounds import MOST_BYTES, MOST_ROW_BYTES, PATIENCE, SECONDS, Found
from freehold.node.cage.refusals import refusal
from freehold.node.store.views import WIDE

log = logs.get(__name__)

CLOSED: Final = (
    r"^(set_config|pg_sleep.*|pg_(try_)?advisory_.*|lo_.*|lo(read|write)|pg_notify|pg_(cancel|terminate)_backend|"
    r".*_to_xml.*|ts_stat|ts_rewrite|pg_logical_emit_message|pg_export_snapshot|pg_read_.*file.*|pg_ls_.*|pg_stat_file|dblink.*)$"
)
"""Functions (a regular expression of PostgreSQL's) that the role may not call; `freehold node bootstrap` takes them."""

DIVISION_BY_ZERO: Final = "22012"

_SETTINGS: Final = {
    "application_name": "freehold sql",
    "default_transaction_read_only": "on",
    "statement_timeout": str(round(SECONDS * 1000)),
    "lock_timeout": "1000",
    "idle_in_transaction_session_timeout": "10000",
    "search_path": "public",
    "standard_conforming_strings": "on",
    "work_mem": "4MB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "TimeZone": "UTC",
}
_DOOR: Final = """
    SELECT
        (SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
            FROM pg_roles WHERE rolname = current_user)
        OR EXISTS (SELECT 1 FROM pg_auth_members WHERE member = current_user::regrole)
        OR has_schema_privilege('public', 'CREATE') OR has_database_privilege(current_database(), 'CREATE, TEMPORARY')
        AS powerful,
        (SELECT min(format('%I.%I', n.nspname, c.relname)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            AND NOT (n.nspname = 'public' AND c.relname = ANY (string_to_array($1, ' ')))
            AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'USAGE, SELECT, UPDATE')
                ELSE has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END) AS relation,
        (SELECT min(proname) FROM pg_proc WHERE proname ~ $2 AND has_function_privilege(oid, 'EXECUTE')) AS function
"""
"""What the role may do beside what it is for."""
_CALLED: Final = """
    SELECT min(name) FROM unnest(string_to_array($1, ' ')) AS name
    WHERE name IN (SELECT proname FROM pg_proc) OR name IN (SELECT typname FROM pg_type WHERE typrelid = 0)
"""
"""The first of some names that a dot would call."""
_ROWS: Final = """
    SELECT CASE WHEN octet_length(answer) <= {most} THEN answer END AS answer
    FROM (SELECT row_to_json(question)::text AS answer FROM (
{question}
    ) AS question LIMIT {limit}) AS answers
"""


async def ask(url: str, question: str, most: int, members: Sequence[str] = ()) -> Found:
    """The first `most` rows of a question that was understood, by the role of `url`.

    `members` are names after a dot that may be columns of subqueries, and may not be anything that can be called.
    Raises `Problem` 422 for what the database does not do, and 503 where it or the role is not as it has to be.
    """
    connection = await _connect(url)
    try:
        async with connection.transaction(readonly=True):
            await check_door(connection)
            await _check_members(connection, members)
            return await _ask(connection, question, most)
    except asyncpg.PostgresError as error:
        raise _refusal(error) from error
    except TimeoutError as error:
        raise refusal("too_long") from error
    finally:
        connection.terminate()


async def check_door(connection: asyncpg.Connection) -> None:
    """Raise `Problem` 503 when the role may do more than it is for: a cage whose door is open is not entered."""
    # As one text: asyncpg would look up a list's type, and call set_config for that.
    found = await connection.fetchrow(_DOOR, " ".join(WIDE), CLOSED)
    if found["powerful"] or found["relation"] or found["function"]:
        log.error("cage.open", powerful=found["powerful"], relation=found["relation"], function=found["function"])
        raise refusal("not_closed")


async def _check_members(connection: asyncpg.Connection, names: Sequence[str]) -> None:
    called = await connection.fetchval(_CALLED, " ".join(names)) if names else None
    if called is not None:
        raise refusal("called", called)


async def _connect(url: str) -> asyncpg.Connection:
    parsed = make_url(url)
    try:
        return await asyncpg.connect(
            host=parsed.host,
            port=parsed.port,
            user=parsed.username,
            password=parsed.password,
            database=parsed.database,
            timeout=5,
            command_timeout=PATIENCE,
            statement_cache_size=0,
            server_settings=_SETTINGS,
        )
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        log.error("cage.unavailable", error=type(error).__name__, state=getattr(error, "sqlstate", None))  # noqa: TRY400 - the message may quote the address
        raise refusal("unavailable") from error


async def _ask(connection: asyncpg.Connection, question: str, most: int) -> Found:
    alone = await connection.prepare(question)
    titles = [attribute.name for attribute in alone.get_attributes()]
    rows: list[list[Any]] = []
    size = 0
    limited = _ROWS.format(question=question, most=MOST_ROW_BYTES, limit=most + 1)
    async for (answer,) in connection.cursor(limited, prefetch=16):
        if answer is None:
            raise refusal("too_large")
        size += len(answer)
        if len(rows) == most or size > MOST_BYTES:
            return Found(titles, rows, cut=True)
        rows.append(values(answer))
    return Found(titles, rows, cut=False)


def values(answer: str) -> list[Any]:
    """The values of a row that PostgreSQL told as an object of JSON, in their order; titles may be there twice."""
    pairs: list[Any] = json.loads(answer, object_pairs_hook=_second)
    return pairs


def _second(pairs: Sequence[tuple[str, Any]]) -> list[Any]:
    return [value for _, value in pairs]


def _refusal(error: asyncpg.PostgresError) -> Problem:
    """What PostgreSQL said, as far as it concerns who asked."""
    if isinstance(error, asyncpg.QueryCanceledError | asyncpg.LockNotAvailableError):
        return refusal("too_long")
    state = error.sqlstate or ""
    if state == "42501":
        return refusal("refused")
    if state[:2] == "22" and state != DIVISION_BY_ZERO:  # the server quotes the value, which others wrote
        return refusal("misfit", state)
    if state[:2] in {"21", "22", "42", "54"}:
        return refusal("wrong", str(error.args[0]))
    log.error("cage.failed", state=state)
    return refusal("failed")
