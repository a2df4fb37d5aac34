"""The short session in which the person who authorised sees the node's pages."""

from sqlalchemy import Column, String, Table

from freehold.kernel.database import Instant
from freehold.node.db import metadata

success_sessions = Table(
    "success_sessions",
    metadata,
    Column("handle_digest", String(64), primary_key=True, comment="SHA-256 of the one-time handle"),
    Column("credential_id", String(64), nullable=False, index=True),
    Column("handle_expires_at", Instant, nullable=False),
    Column("session_digest", String(64), index=True, comment="SHA-256 of the cookie; empty until the handle is used"),
    Column("session_expires_at", Instant),
    Column("chosen_at", Instant, comment="when the person sent their choice of assets"),
)
