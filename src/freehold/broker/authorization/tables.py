"""The table of one-time state, for brokers without Redis."""

from sqlalchemy import Column, String, Table, Text

from freehold.broker.db import metadata
from freehold.kernel.database import Instant

authorization_states = Table(
    "authorization_states",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the handle"),
    Column("record", Text, nullable=False, comment="AES-256-GCM, bound to the digest"),
    Column("expires_at", Instant, nullable=False, index=True),
)
