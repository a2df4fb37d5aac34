"""The table of alerts: what is wrong now, and since when."""

from sqlalchemy import Column, String, Table

from freehold.kernel.database import Instant
from freehold.node.db import metadata

open_alerts = Table(
    "open_alerts",
    metadata,
    Column("key", String(200), primary_key=True, comment="kind and subject: each is open once"),
    Column("kind", String(32), nullable=False),
    Column("subject", String(64), comment="the asset or workflow that it is about; empty for the whole node"),
    Column("opened_at", Instant, nullable=False),
)
