"""Brings a service's database to its newest schema, from the revisions in the service's `migrations` package."""

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.engine import Connection

from freehold.kernel.database import Database

_LOCK = 7_362_013
"""Any number: replicas that start together take their turn."""


async def upgrade(database: Database, package: str) -> None:
    """Apply the revisions of `package` ("freehold.node") that the database has not seen, in one transaction."""
    async with database.writing() as session:
        await session.run_sync(_upgrade, package)


def _upgrade(connection: Connection, package: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", f"{package}:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
