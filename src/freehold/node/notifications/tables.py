"""The tables of notifications: what is to be told, and how far it has come to each target."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, UniqueConstraint, false

from freehold.kernel.database import ROW_ID, Instant
from freehold.node.db import metadata

notifications = Table(
    "notifications",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False, unique=True, comment="what it is about: told once"),
    Column("kind", String(32), nullable=False, index=True),
    Column("severity", String(16), nullable=False, comment="info, warning or critical"),
    Column("title", String(200), nullable=False),
    Column("text", Text, nullable=False, comment="plain; no secret but a link to connect"),
    Column("valid_until", Instant, comment="after this it is not worth telling; empty for ever"),
    Column("created_at", Instant, nullable=False, index=True),
)

notification_deliveries = Table(
    "notification_deliveries",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("notification_id", ROW_ID, nullable=False, index=True),
    Column("target", String(64), nullable=False, comment="the target's name; its address is in a file"),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, index=True, comment="when it is tried; empty when nothing more is tried"),
    Column(
        "held", Boolean, nullable=False, server_default=false(), index=True, comment="whether it waits for the digest"
    ),
    Column("sent_at", Instant),
    Column("had", Text, nullable=False, server_default="", comment="readers that have it while others wait, sealed"),
    Column("last_error", String(200), nullable=False, comment="why the last attempt failed; empty for none"),
    UniqueConstraint("notification_id", "target", name="notification_deliveries_once"),
)
