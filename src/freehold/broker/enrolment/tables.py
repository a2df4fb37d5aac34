"""The table of enrolment codes; a code itself is not in it."""

from sqlalchemy import Column, String, Table

from freehold.broker.db import metadata
from freehold.kernel.database import Instant

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the code's secret"),
    Column("client_id", String(63), nullable=False, index=True),
    Column("company_name", String(200), nullable=False),
    Column("vm_host", String(253), comment="the only host that the node may name; null: any"),
    Column("created_by", String(120), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant),
    Column("used_by", String(64), comment="public key of the node that used it"),
    Column("revoked_at", Instant),
)
