"""What the broker has sent: deliveries and platform events, so that neither counts twice."""

from sqlalchemy import Column, Integer, String, Table

from freehold.kernel.database import Instant
from freehold.node.db import metadata

received_deliveries = Table(
    "received_deliveries",
    metadata,
    Column("delivery_id", String(64), primary_key=True),
    Column("digest", String(64), nullable=False, comment="keyed digest of the content"),
    Column("outcome", String(16), nullable=False, comment="stored or pending"),
    Column("credential_id", String(64), nullable=False, index=True),
    Column("issued_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
)

platform_events_received = Table(
    "platform_events_received",
    metadata,
    Column("event_id", String(64), primary_key=True),
    Column("kind", String(32), nullable=False, comment="deauthorize or data_deletion"),
    Column("provider", String(32), nullable=False),
    Column("meta_user_id", String(64), nullable=False, index=True),
    Column("occurred_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("credentials_revoked", Integer, nullable=False),
)
