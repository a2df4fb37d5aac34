"""The tables of recommendations."""

from sqlalchemy import Column, String, Table, Text

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
    Column("made_at", Instant, nullable=False),
    note(),
)
