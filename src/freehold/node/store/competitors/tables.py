"""The tables of competitors."""

from sqlalchemy import BigInteger, Column, Date, Table, Text

from freehold.kernel.database import Instant
from freehold.node.db import metadata
from freehold.node.store.columns import ID

competitor_ads = Table(
    "competitor_ads",
    metadata,
    Column("ad_archive_id", ID, primary_key=True),
    Column("page_id", ID, nullable=False, index=True),
    Column("page_name", Text, nullable=False),
    Column("bodies", Text, nullable=False, comment="JSON list"),
    Column("snapshot_url", Text, nullable=False),
    Column("delivery_started_on", Date),
    Column("delivery_stopped_on", Date),
    Column("publisher_platforms", Text, nullable=False, comment="separated by commas"),
    Column("eu_total_reach", BigInteger),
    Column("read_at", Instant, nullable=False),
)
