"""The table of connections: who authorised what for whom, without a token and without a plain user id."""

from sqlalchemy import JSON, Column, Index, String, Table, UniqueConstraint

from freehold.broker.db import metadata
from freehold.kernel.database import ROW_ID, Instant

connections = Table(
    "connections",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("client_id", String(63), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("user_hash", String(80), nullable=False, comment="keyed digest of the provider's user id"),
    Column("asset_ids", JSON, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("token_expires_at", Instant),
    Column("data_access_expires_at", Instant),
    Column("status", String(8), nullable=False, comment="active, pending or revoked"),
    Column("connected_at", Instant, nullable=False),
    Column("last_renewed_at", Instant),
    UniqueConstraint("client_id", "provider", "user_hash"),
    Index("ix_connections_user", "provider", "user_hash"),
)
