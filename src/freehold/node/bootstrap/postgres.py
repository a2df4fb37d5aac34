"""PostgreSQL: roles, databases, the newest schema, and what the roles that own nothing may see of it."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
from sqlalchemy.engine import make_url

from freehold.kernel import migrations
from freehold.kernel.database import SCHEMA_TIMEOUT, open_database
from freehold.kernel.problems import ExplainedError
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.functions import close_functions
from freehold.node.bootstrap.grants import reading_views, settle_grants, wanted
from freehold.node.bootstrap.roles import BI_ROLE, DATA_ROLE, SQL_ROLE, settle_roles
from freehold.node.bootstrap.settings import BootstrapSettings

DATABASE = "freehold"


class PostgresError(ExplainedError):
    """PostgreSQL could not be set up; the message says why."""


async def set_up_postgres(settings: BootstrapSettings) -> list[Done]:
    """Roles and databases, then the schema as the owner of the tables, then grants; raises `PostgresError`."""
    chosen = {
        "freehold": settings.freehold_password,
        "nocodb": settings.nocodb_password,
        "n8n": settings.n8n_password,
        "open_webui": settings.open_webui_password,
        DATA_ROLE: settings.nocodb_data_password,
        SQL_ROLE: settings.sql_password,
        BI_ROLE: settings.bi_password,
    }
    passwords = {role: password.get_secret_value() for role, password in chosen.items() if password}
    async with _superuser(settings, "postgres") as connection:
        done = await settle_roles(connection, passwords)
    before = await _revision(settings)
    await _migrate(settings)
    after = await _revision(settings)
    changed = "unchanged" if after == before else "updated" if before else "created"
    done.append(Done(f"schema of the node at revision {after}", changed))  # type: ignore[arg-type]
    async with _superuser(settings, DATABASE) as connection:
        done.append(await settle_grants(connection, DATA_ROLE, wanted(), "what NocoDB may read and write"))
        if SQL_ROLE in passwords or BI_ROLE in passwords:
            done.append(await close_functions(connection, DATABASE))
        for role in (SQL_ROLE, BI_ROLE):
            if role in passwords:
                told = f"what PostgreSQL role {role} may read"
                done.append(await settle_grants(connection, role, reading_views(), told))
    return done


def owner_url(settings: BootstrapSettings) -> str:
    """The address of the node's database for the role that owns it."""
    url = make_url(settings.admin_database_url.get_secret_value())
    owned = url.set(username=DATABASE, password=settings.freehold_password.get_secret_value(), database=DATABASE)
    return owned.render_as_string(hide_password=False)


@contextlib.asynccontextmanager
async def _superuser(settings: BootstrapSettings, database: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to `database`."""
    url = make_url(settings.admin_database_url.get_secret_value())
    try:
        connection = await asyncpg.connect(
            host=url.host, port=url.port, user=url.username, password=url.password, database=database, timeout=10
        )
    except asyncpg.InvalidPasswordError as error:
        raise PostgresError(
            f"PostgreSQL at {url.host} refuses {url.username}: the password in FREEHOLD_BOOTSTRAP_ADMIN_DATABASE_URL "
            "is not the one that the server was made with"
        ) from error
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise PostgresError(
            f"PostgreSQL at {url.host}:{url.port} cannot be reached ({error}); start it first"
        ) from error
    try:
        yield connection
    except asyncpg.InsufficientPrivilegeError as error:
        raise PostgresError(f"{url.username} is no superuser of PostgreSQL ({error})") from error
    finally:
        await connection.close()


async def _migrate(settings: BootstrapSettings) -> None:
    database = open_database(owner_url(settings), statement_timeout=SCHEMA_TIMEOUT)
    try:
        await migrations.upgrade(database, "freehold.node")
    finally:
        await database.close()


async def _revision(settings: BootstrapSettings) -> str | None:
    """The newest revision that the node's database has; None for an empty one."""
    async with _superuser(settings, DATABASE) as connection:
        if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
            return None
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return found
