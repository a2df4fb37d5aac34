"""Runs of workflows, their places, the workers, and which run each call was made for."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import ROW_ID, Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables of runs."""
    _workflow_runs()
    _collection_places()
    op.create_table(
        "workers",
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id"),
    )
    told = "the run that it was made for; empty for none"
    op.add_column("api_calls", sa.Column("run_id", sa.String(length=128), comment=told))
    op.create_index(op.f("ix_api_calls_run_id"), "api_calls", ["run_id"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_index(op.f("ix_api_calls_run_id"), "api_calls")
    op.drop_column("api_calls", "run_id")
    for table in ("workers", "collection_places", "workflow_runs"):
        op.drop_table(table)


def _workflow_runs() -> None:
    op.create_table(
        "workflow_runs",
        sa.Column("run_id", sa.String(length=128), nullable=False),
        sa.Column("workflow", sa.String(length=64), nullable=False),
        sa.Column("trigger", sa.String(length=16), nullable=False, comment="schedule, api or command"),
        sa.Column("parameters", sa.Text(), nullable=False, comment="JSON: what was ordered, such as assets and days"),
        sa.Column("callback_url", sa.Text(), nullable=False, comment="told when the run ends; empty for none"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("started_at", Instant()),
        sa.Column("ended_at", Instant()),
        sa.Column("outcome", sa.String(length=16), nullable=False, comment="queued, running, or how it ended"),
        sa.Column("graph_calls", sa.Integer(), nullable=False, comment="calls that the provider counted"),
        sa.Column("floor_calls", sa.Float(), nullable=False, comment="calls that the same data needs at least"),
        sa.Column("failures", sa.Text(), nullable=False, comment="JSON: asset or stream -> why it could not be read"),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index(op.f("ix_workflow_runs_workflow"), "workflow_runs", ["workflow"])
    op.create_index(op.f("ix_workflow_runs_created_at"), "workflow_runs", ["created_at"])


def _collection_places() -> None:
    op.create_table(
        "collection_places",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=128), nullable=False),
        sa.Column("asset_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False, comment="a list, or one call, of this run"),
        sa.Column("cursor", sa.Text(), comment="where the next page begins; empty before the first"),
        sa.Column("page_size", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("floor_calls", sa.Float(), nullable=False, comment="calls that what was read here needs at least"),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("run_id", "asset_id", "place", name="collection_places_once"),
    )
    op.create_index(op.f("ix_collection_places_run_id"), "collection_places", ["run_id"])
