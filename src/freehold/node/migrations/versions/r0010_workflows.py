"""Runs may be taken up again."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Count how often a run was started."""
    told = "how often it was ordered: resuming is one more"
    op.add_column("workflow_runs", sa.Column("attempt", sa.Integer(), server_default="1", nullable=False, comment=told))
    op.create_index(op.f("ix_workflow_runs_outcome"), "workflow_runs", ["outcome"])


def downgrade() -> None:
    """Forget it again."""
    op.drop_index(op.f("ix_workflow_runs_outcome"), "workflow_runs")
    op.drop_column("workflow_runs", "attempt")
