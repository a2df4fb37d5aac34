"""The table of administrators' keys."""

from sqlalchemy import Column, String, Table

from freehold.broker.db import metadata
from freehold.kernel.database import Instant

admin_keys = Table(
    "admin_keys",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the key"),
    Column("name", String(100), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)
