"""Bring the broker's database to the newest schema: every table of every part of the broker."""

from sqlalchemy import func, select

from freehold.broker.access import tables as access_tables
from freehold.broker.audit import tables as audit_tables
from freehold.broker.authorization import tables as authorization_tables
from freehold.broker.connections import tables as connection_tables
from freehold.broker.db import metadata
from freehold.broker.links import tables as link_tables
from freehold.broker.platform_events import tables as platform_event_tables
from freehold.broker.registry import tables as registry_tables
from freehold.broker.testers import tables as tester_tables
from freehold.kernel.database import Database

TABLES = (
    access_tables.admin_keys,
    audit_tables.oauth_events,
    authorization_tables.authorization_states,
    connection_tables.connections,
    link_tables.connect_links,
    platform_event_tables.deletion_requests,
    platform_event_tables.platform_event_outbox,
    registry_tables.client_vm_registry,
    tester_tables.app_testers,
)
"""Naming the tables here puts them on `metadata`."""
MIGRATION_LOCK = 0x66_68_62


async def migrate(database: Database) -> None:
    """Make whatever tables are missing; replicas that start together wait for each other."""
    async with database.writing() as session:
        if session.dialect.name == "postgresql":
            await session.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        await session.run_sync(metadata.create_all)
