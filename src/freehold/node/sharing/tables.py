"""The tables of links to editions, and of who read them."""

from sqlalchemy import Column, String, Table

from freehold.kernel.database import ROW_ID, Instant
from freehold.node.db import metadata

report_links = Table(
    "report_links",
    metadata,
    Column("link_id", String(32), primary_key=True, comment="sealed into the link's address, which is kept nowhere"),
    Column("edition_id", String(96), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("until", Instant, nullable=False, index=True, comment="from then on it leads nowhere"),
    Column("withdrawn_at", Instant, comment="from then on it leads nowhere, too; empty for never"),
    Column("way", String(16), nullable=False, server_default="", comment="notice, tool or command; empty for unknown"),
    Column(
        "made_for",
        String(100),
        nullable=False,
        server_default="",
        comment="the notice's target, the tool's key, or what the operator wrote; empty for nobody named",
    ),
)

report_reads = Table(
    "report_reads",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("link_id", String(32), nullable=False, index=True),
    Column("edition_id", String(96), nullable=False, index=True),
    Column("file", String(16), nullable=False, comment="report.html or report.pdf"),
    Column(
        "reader", String(16), nullable=False, comment="person, program, or preview: of a messenger or search engine"
    ),
    Column("address_digest", String(64), nullable=False, comment="HMAC-SHA256 of the address, its key the link itself"),
)
