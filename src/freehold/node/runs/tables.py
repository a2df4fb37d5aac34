"""The tables of runs: each run, how far each list in it has been read, and the processes that work on them."""

from sqlalchemy import Boolean, Column, Float, Integer, String, Table, Text, UniqueConstraint

from freehold.kernel.database import ROW_ID, Instant
from freehold.node.db import metadata

workflow_runs = Table(
    "workflow_runs",
    metadata,
    Column("run_id", String(128), primary_key=True),
    Column("workflow", String(64), nullable=False, index=True),
    Column("trigger", String(16), nullable=False, comment="schedule, api or command"),
    Column("parameters", Text, nullable=False, comment="JSON: what was ordered, such as assets and days"),
    Column("callback_url", Text, nullable=False, comment="told when the run ends; empty for none"),
    Column("created_at", Instant, nullable=False, index=True),
    Column("started_at", Instant),
    Column("ended_at", Instant, index=True),
    Column(
        "attempt",
        Integer,
        nullable=False,
        server_default="1",
        comment="how often it was ordered: resuming is one more",
    ),
    Column("outcome", String(16), nullable=False, index=True, comment="queued, running, or how it ended"),
    Column("graph_calls", Integer, nullable=False, comment="calls that the provider counted"),
    Column("floor_calls", Float, nullable=False, comment="calls that the same data needs at least"),
    Column("failures", Text, nullable=False, comment="JSON: asset or stream -> why it could not be read"),
)

collection_places = Table(
    "collection_places",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("run_id", String(128), nullable=False, index=True),
    Column("asset_id", String(64), nullable=False),
    Column("place", String(200), nullable=False, comment="a list, or one call, of this run"),
    Column("cursor", Text, comment="where the next page begins; empty before the first"),
    Column("page_size", Integer, nullable=False),
    Column("finished", Boolean, nullable=False),
    Column("floor_calls", Float, nullable=False, comment="calls that what was read here needs at least"),
    Column("at", Instant, nullable=False),
    UniqueConstraint("run_id", "asset_id", "place", name="collection_places_once"),
)

workers = Table(
    "workers",
    metadata,
    Column("worker_id", String(64), primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)
