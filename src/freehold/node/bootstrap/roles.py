"""PostgreSQL's roles and databases: one for each product, and nobody in another's.

- `freehold` owns the database `freehold`, where the node's tables are;
- `nocodb`, `n8n` and `open_webui` own a database each, for what these programs keep of themselves;
- `nocodb_data` owns nothing: with it NocoDB reads and annotates the node's tables (`grants`);
- `freehold_sql` and `bi` own nothing: with them questions in SQL are answered, and BI tools read the wide views.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from freehold.node.bootstrap import scram
from freehold.node.bootstrap.done import Done

OWNERS = ("freehold", "nocodb", "n8n", "open_webui")
"""Roles with a database of the same name."""
DATA_ROLE = "nocodb_data"
SQL_ROLE = "freehold_sql"
BI_ROLE = "bi"
_PLAIN = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
_BOUNDED = {"idle_in_transaction_session_timeout": "60s", "search_path": "public"}
_LIMITS: Mapping[str, Mapping[str, str]] = {
    DATA_ROLE: {"statement_timeout": "60s", **_BOUNDED},
    BI_ROLE: {"statement_timeout": "120s", "default_transaction_read_only": "on", "temp_file_limit": "2GB", **_BOUNDED},
    SQL_ROLE: {
        "statement_timeout": "5s",
        "default_transaction_read_only": "on",
        "temp_file_limit": "256MB",
        "work_mem": "4MB",
        "max_parallel_workers_per_gather": "0",
        **_BOUNDED,
    },
}
"""Of the roles that only read: a filter over everything ends by itself, and blocks no migration."""
_PLACES = {SQL_ROLE: 8, BI_ROLE: 10}
"""Connections at once; a role that is not here has no limit of its own."""


@dataclass(frozen=True)
class _Role:
    """A role as it stands: its verifier, and whether it may do more than sign in."""

    verifier: str | None
    powerful: bool


async def settle_roles(connection: asyncpg.Connection, passwords: Mapping[str, str]) -> list[Done]:
    """Make the roles (role -> password) and databases, and close each database to everybody but its owner.

    `connection` is a superuser's, to the database `postgres`.
    """
    done = [await settle_role(connection, role, password) for role, password in passwords.items()]
    done += [await _settle_database(connection, owner) for owner in OWNERS if owner in passwords]
    visitors = [role for role in _LIMITS if role in passwords]
    done.append(await _close_databases(connection, visitors))
    done += [await limit(connection, role) for role in visitors]
    return done


async def settle_role(connection: asyncpg.Connection, name: str, password: str) -> Done:
    """Make a role that signs in with a password and has no power, or take its powers."""
    what = f"PostgreSQL role {name}"
    there = await _find(connection, name)
    if there is None:
        await connection.execute(f"CREATE ROLE {name} {_PLAIN} PASSWORD '{scram.verifier(password)}'")
        return Done(what, "created")
    if scram.fits(password, there.verifier) and not there.powerful:
        return Done(what, "unchanged")
    await connection.execute(f"ALTER ROLE {name} {_PLAIN} PASSWORD '{scram.verifier(password)}'")
    return Done(what, "updated")


async def _find(connection: asyncpg.Connection, name: str) -> _Role | None:
    powers = "rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls OR NOT rolcanlogin"
    row = await connection.fetchrow(f"SELECT rolpassword, {powers} FROM pg_authid WHERE rolname = $1", name)  # noqa: S608 - our own words
    return None if row is None else _Role(row[0], row[1])


async def _settle_database(connection: asyncpg.Connection, owner: str) -> Done:
    what = f"PostgreSQL database {owner}"
    if await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", owner):
        return Done(what, "unchanged")
    await connection.execute(f"CREATE DATABASE {owner} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8'")
    return Done(what, "created")


async def _close_databases(connection: asyncpg.Connection, visitors: Sequence[str]) -> Done:
    """Nobody enters a database that they do not own, except `visitors` the node's."""
    databases = ("postgres", *OWNERS)
    open_to_all = await connection.fetch(
        "SELECT datname FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) "
        "WHERE datname = ANY($1) AND grantee = 0 GROUP BY datname",
        databases,
    )
    for row in open_to_all:
        await connection.execute(f"REVOKE ALL ON DATABASE {row['datname']} FROM PUBLIC")
    let_in = [await _let_in(connection, role) for role in visitors]
    return Done("PostgreSQL databases closed to others", "updated" if open_to_all or any(let_in) else "unchanged")


async def _let_in(connection: asyncpg.Connection, role: str) -> bool:
    """Let a role into the node's database; gives whether it was not yet."""
    if await connection.fetchval("SELECT has_database_privilege($1, 'freehold', 'CONNECT')", role):
        return False
    await connection.execute(f"GRANT CONNECT ON DATABASE freehold TO {role}")
    return True


async def limit(connection: asyncpg.Connection, role: str) -> Done:
    """Bound what a role that only reads may take; it has to be there."""
    what, limits, places = f"limits of PostgreSQL role {role}", _LIMITS[role], _PLACES.get(role, -1)
    wanted = {f"{name}={value}" for name, value in limits.items()}
    there: Sequence[str] | None = await connection.fetchval(
        "SELECT setconfig FROM pg_db_role_setting WHERE setrole = $1::text::regrole AND setdatabase = 0", role
    )
    limited = await connection.fetchval("SELECT rolconnlimit FROM pg_roles WHERE rolname = $1", role)
    if wanted == set(there or ()) and limited == places:
        return Done(what, "unchanged")
    await connection.execute(f"ALTER ROLE {role} CONNECTION LIMIT {places}")
    await connection.execute(f"ALTER ROLE {role} RESET ALL")
    for name, value in limits.items():
        await connection.execute(f"ALTER ROLE {role} SET {name} = '{value}'")
    return Done(what, "updated")
