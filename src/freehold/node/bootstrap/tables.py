"""The table of what bootstrap installed in other products."""

from sqlalchemy import Column, String, Table, UniqueConstraint

from freehold.kernel.database import ROW_ID, Instant
from freehold.node.db import metadata

installed_parts = Table(
    "installed_parts",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("product", String(32), nullable=False, comment="nocodb or n8n"),
    Column("name", String(200), nullable=False, comment="what the part is called by us"),
    Column("external_id", String(200), nullable=False, index=True, comment="the product's own"),
    Column("digest", String(64), nullable=False, comment="of what we wrote last"),
    Column("installed_at", Instant, nullable=False),
    UniqueConstraint("product", "name", name="installed_parts_once"),
)
"""A part that reads back otherwise than its digest was edited by people, and is theirs from then on."""
