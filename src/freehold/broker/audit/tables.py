"""The audit table. Its indexes carry every filter that /admin/events offers, each in the order of the ids."""

from sqlalchemy import Column, Float, Index, String, Table

from freehold.broker.db import metadata
from freehold.kernel.database import ROW_ID, Instant

oauth_events = Table(
    "oauth_events",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("client_id", String(63)),
    Column("provider", String(32), nullable=False),
    Column("flow_id", String(32)),
    Column("step", String(48), nullable=False, comment="what was done: authorize, callback, delivery, renewal, …"),
    Column("outcome", String(16), nullable=False, comment="succeeded, pending, warned, refused or failed"),
    Column("reason", String(64), comment="stable code of a refusal or failure"),
    Column("duration_ms", Float),
    Column("node_ms", Float, comment="how long the node took to answer"),
    Column("request_id", String(32)),
    Column("actor", String(120), comment="the admin or node whose key was used"),
    Index("ix_oauth_events_client", "client_id", "id"),
    Index("ix_oauth_events_outcome", "outcome", "id"),
    Index("ix_oauth_events_client_outcome", "client_id", "outcome", "id"),
    Index("ix_oauth_events_flow", "flow_id", "id"),
)
