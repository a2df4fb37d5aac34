"""The table of reports: each edition that was made, and the folder that holds it."""

from sqlalchemy import Boolean, Column, Date, String, Table, false

from freehold.kernel.database import Instant
from freehold.node.db import metadata

report_editions = Table(
    "report_editions",
    metadata,
    Column("edition_id", String(96), primary_key=True),
    Column("kind", String(16), nullable=False, comment="week, month or days"),
    Column("first", Date, nullable=False, comment="the first day that it tells of"),
    Column("last", Date, nullable=False, index=True, comment="the last day that it tells of"),
    Column("language", String(8), nullable=False),
    Column("made_at", Instant, nullable=False, index=True),
    Column("folder", String(96), nullable=False, comment="below the folder of reports"),
    Column(
        "for_readers", Boolean, nullable=False, server_default=false(), comment="whether a workflow made it to be sent"
    ),
)
