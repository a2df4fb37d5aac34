"""PostgreSQL's roles and databases: one for each product, and nobody in another's.

- `freehold` owns the database `freehold`, where the node's tables are;
- `nocodb` and `n8n` own a database each, for what these programs keep of themselves;
- `nocodb_data` owns nothing: with it NocoDB reads and annotates the node's tables (`grants`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from freehold.node.bootstrap import scram
from freehold.node.bootstrap.done import Done

OWNERS = ("freehold", "nocodb", "n8n")
"""Roles with a database of the same name."""
DATA_ROLE = "nocodb_data"
_PLAIN = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
_LIMITS = {"statement_timeout": "60s", "idle_in_transaction_session_timeout": "60s", "search_path": "public"}
"""Of `DATA_ROLE`: a filter over everything ends by itself, and blocks no migration."""


@dataclass(frozen=True)
class _Role:
    """A role as it stands: its verifier, and whether it may do more than sign in."""

    verifier: str | None
    powerful: bool


async def settle_roles(connection: asyncpg.Connection, passwords: Mapping[str, str]) -> list[Done]:
    """Make the roles (role -> password) and databases, and close each database to everybody but its owner.

    `connection` is a superuser's, to the database `postgres`.
    """
    done = [await _settle_role(connection, role, password) for role, password in passwords.items()]
    done += [await _settle_database(connection, owner) for owner in OWNERS]
    done.append(await _close_databases(connection))
    done.append(await _limit(connection))
    return done


async def _settle_role(connection: asyncpg.Connection, name: str, password: str) -> Done:
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


async def _close_databases(connection: asyncpg.Connection) -> Done:
    """Nobody enters a database that they do not own, except `DATA_ROLE` the node's."""
    databases = ("postgres", *OWNERS)
    open_to_all = await connection.fetch(
        "SELECT datname FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) "
        "WHERE datname = ANY($1) AND grantee = 0 GROUP BY datname",
        databases,
    )
    for row in open_to_all:
        await connection.execute(f"REVOKE ALL ON DATABASE {row['datname']} FROM PUBLIC")
    let_in = await connection.fetchval("SELECT has_database_privilege($1, 'freehold', 'CONNECT')", DATA_ROLE)
    if not let_in:
        await connection.execute(f"GRANT CONNECT ON DATABASE freehold TO {DATA_ROLE}")
    return Done("PostgreSQL databases closed to others", "updated" if open_to_all or not let_in else "unchanged")


async def _limit(connection: asyncpg.Connection) -> Done:
    wanted = {f"{name}={value}" for name, value in _LIMITS.items()}
    there: Sequence[str] | None = await connection.fetchval(
        "SELECT setconfig FROM pg_db_role_setting WHERE setrole = $1::text::regrole AND setdatabase = 0", DATA_ROLE
    )
    if wanted <= set(there or ()):
        return Done(f"limits of PostgreSQL role {DATA_ROLE}", "unchanged")
    for name, value in _LIMITS.items():
        await connection.execute(f"ALTER ROLE {DATA_ROLE} SET {name} = '{value}'")
    return Done(f"limits of PostgreSQL role {DATA_ROLE}", "updated")
