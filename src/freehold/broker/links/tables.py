"""The table of connect links; the link itself is sealed and is not in it."""

from sqlalchemy import Column, String, Table

from freehold.broker.db import metadata
from freehold.kernel.database import Instant

connect_links = Table(
    "connect_links",
    metadata,
    Column("id", String(32), primary_key=True, comment="from the SHA-256 of the secret in the link"),
    Column("client_id", String(63), nullable=False, index=True),
    Column("provider", String(32), nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
)
