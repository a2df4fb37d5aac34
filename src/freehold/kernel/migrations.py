"""Brings a service's database to its newest schema, from the revisions in the service's `migrations` package."""

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.engine import Connection

from freehold.kernel import schema
from freehold.kernel.database import SCHEMA_TIMEOUT, Database, open_database

_LOCK = 7_362_013
"""Any number: replicas that start together take their turn."""


async def upgrade(database: Database, package: str) -> None:
    """Apply the revisions of `package` ("freehold.node") that the database has not seen, in one transaction.

    Raises `SchemaError` when the database has seen revisions that this version does not know.
    """
    async with database.writing() as session:
        await session.run_sync(_upgrade, package)


async def bring_up_to_date(url: str, package: str) -> None:
    """`upgrade` the database at `url` over a connection of its own, which waits as long as a migration may take."""
    database = open_database(url, pool_size=1, statement_timeout=SCHEMA_TIMEOUT)
    try:
        await upgrade(database, package)
    finally:
        await database.close()


def _upgrade(connection: Connection, package: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    schema.check_known(connection, package)
    config = Config()
    config.set_main_option("script_location", f"{package}:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
