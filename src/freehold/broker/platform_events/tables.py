"""The tables of Meta's callbacks: requests for deletion, and what still has to reach the nodes."""

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from freehold.broker.db import metadata
from freehold.kernel.database import ROW_ID, Instant

deletion_requests = Table(
    "deletion_requests",
    metadata,
    Column("code", String(32), primary_key=True, comment="the confirmation code that Meta shows to the person"),
    Column("event_id", String(64), nullable=False, unique=True),
    Column("provider", String(32), nullable=False),
    Column("received_at", Instant, nullable=False),
)

platform_event_outbox = Table(
    "platform_event_outbox",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("event_id", String(64), nullable=False),
    Column("client_id", String(63), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("content", Text, comment="the event, AES-256-GCM, bound to this row; null once the node has it"),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Instant, index=True),
    Column("created_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    UniqueConstraint("event_id", "client_id"),
)
