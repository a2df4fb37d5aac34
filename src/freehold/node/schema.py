"""Bring a node's database to the newest schema: every table of every part of the node."""

from freehold.kernel.database import Database
from freehold.node.access import tables as access_tables
from freehold.node.assets import tables as asset_tables
from freehold.node.db import metadata
from freehold.node.governor import tables as governor_tables
from freehold.node.pages import tables as page_tables
from freehold.node.receiver import tables as receiver_tables
from freehold.node.store import tables as store_tables
from freehold.node.vault import tables as vault_tables

TABLES = (
    access_tables.access_keys,
    access_tables.access_log,
    access_tables.security_events,
    asset_tables.connected_assets,
    governor_tables.api_calls,
    governor_tables.governor_ledger,
    page_tables.success_sessions,
    receiver_tables.platform_events_received,
    receiver_tables.received_deliveries,
    vault_tables.meta_credentials,
    *store_tables.TABLES,
)
"""Every table; naming them here puts them on `metadata`."""


async def migrate(database: Database) -> None:
    """Make whatever tables are missing."""
    async with database.writing() as session:
        await session.run_sync(metadata.create_all)
