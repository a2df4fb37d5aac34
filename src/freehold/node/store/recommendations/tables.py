"""The tables of recommendations."""

from sqlalchemy import Column, Date, Index, String, Table, Text, text

from freehold.kernel.database import Instant
from freehold.node.db import metadata
from freehold.node.store.columns import ID, note

ai_recommendations = Table(
    "ai_recommendations",
    metadata,
    Column("recommendation_id", ID, primary_key=True),
    Column("kind", String(64), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("evidence", Text, nullable=False, comment="JSON: the numbers that it rests on"),
    Column("status", String(16), nullable=False),
    Column("made_at", Instant, nullable=False, index=True),
    note(),
    Column(
        "topic",
        String(64),
        nullable=False,
        server_default="",
        index=True,
        comment="digest of what it is about: of one topic one recommendation stands at a time",
    ),
    Column(
        "account_id",
        ID,
        nullable=False,
        server_default="",
        index=True,
        comment="the asset that it is about; empty for competitors",
    ),
    Column("language", String(8), nullable=False, server_default=""),
    Column(
        "worded_by",
        String(128),
        nullable=False,
        server_default="",
        comment="template, or the model whose words passed the check against the evidence",
    ),
    Column("confidence", String(16), nullable=False, server_default="", comment="moderate or high"),
    Column("effort", String(16), nullable=False, server_default="", comment="low, medium or high"),
    Column(
        "changed_by",
        String(120),
        nullable=False,
        server_default="",
        comment="who gave it its status; empty for the node itself",
    ),
    Column("action", Text, nullable=False, server_default="", comment="what to do, as the template says it"),
    Column("why", Text, nullable=False, server_default="", comment="what speaks for it, as the template says it"),
    Column(
        "forecast",
        Text,
        nullable=False,
        server_default="",
        comment="JSON: what is expected of following it, and how that is measured; empty for none",
    ),
    Column(
        "outcome",
        Text,
        nullable=False,
        server_default="",
        comment="JSON: what was measured against the forecast; empty before",
    ),
    Column("first_day", Date, comment="of the days that the evidence is from"),
    Column("last_day", Date),
    Column("found_at", Instant, comment="the last look that found it"),
    Column("changed_at", Instant, comment="when it was given its status"),
    Column("acted_at", Instant, comment="since when it is followed: when it was first accepted or done"),
    Column("measured_at", Instant),
    Index(
        "ai_recommendations_once",
        "topic",
        unique=True,
        sqlite_where=text("topic <> '' AND status IN ('new', 'accepted')"),
        postgresql_where=text("topic <> '' AND status IN ('new', 'accepted')"),
    ),
)
"""Of one topic one recommendation stands at a time (new or accepted), whoever looks at the same moment."""
