"""The tables of coverage."""

from sqlalchemy import Column, Date, String, Table, Text, UniqueConstraint

from freehold.kernel.database import Instant
from freehold.node.db import metadata
from freehold.node.store.columns import ID, row_id

coverage = Table(
    "coverage",
    metadata,
    row_id(),
    Column("subject_id", ID, nullable=False),
    Column("metric", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("state", String(16), nullable=False, comment="complete, empty by Meta's rules, or missing"),
    Column("reason", Text, nullable=False),
    Column("read_at", Instant, nullable=False),
    UniqueConstraint("subject_id", "metric", "day", name="coverage_once"),
)
