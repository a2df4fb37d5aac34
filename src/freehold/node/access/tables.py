"""The tables of access: callers' keys, every request, and what went wrong at the door."""

from sqlalchemy import Column, Float, Integer, String, Table, Text

from freehold.kernel.database import ROW_ID, Instant
from freehold.node.db import metadata

access_keys = Table(
    "access_keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("digest", String(64), nullable=False, unique=True, comment="SHA-256 of the key"),
    Column("scopes", Text, nullable=False, comment="separated by commas"),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("expires_at", Instant, comment="empty for never"),
    Column("assets", Text, comment="ids, separated by commas, that tools may be about; empty for all"),
    Column("person", String(100), comment="whose it is; empty for unknown"),
)

access_log = Table(
    "access_log",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("request_id", String(32), nullable=False),
    Column("listener", String(32), nullable=False),
    Column("method", String(16), nullable=False),
    Column("path", Text, nullable=False, comment="without query"),
    Column("status", Integer, nullable=False),
    Column("duration_ms", Float, nullable=False),
    Column("address", String(64), nullable=False),
    Column("caller", String(120), comment="name of the key that was accepted"),
    Column("tool", String(64), comment="that was called, over whichever interface"),
    Column("person", String(254), comment="for whom the caller asked, where it proved so"),
)

security_events = Table(
    "security_events",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("kind", String(64), nullable=False, index=True),
    Column("detail", Text, nullable=False),
    Column("caller", String(120)),
    Column("address", String(64)),
    Column("request_id", String(32)),
)
