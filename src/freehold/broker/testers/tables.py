"""The table of the people who have a role on the Meta app while it is in development mode."""

from sqlalchemy import Boolean, Column, String, Table

from freehold.broker.db import metadata
from freehold.kernel.database import Instant

app_testers = Table(
    "app_testers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("meta_user", String(128), nullable=False, unique=True, comment="user name or id, as it was invited"),
    Column("client_id", String(63), index=True),
    Column("role", String(16), nullable=False, comment="tester or analytics"),
    Column("present", Boolean, comment="whether the app's roles list this person; null: not known yet"),
    Column("created_at", Instant, nullable=False),
    Column("reconciled_at", Instant),
)
