"""Reports are kept as editions."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import Instant

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the table of editions."""
    op.create_table(
        "report_editions",
        sa.Column("edition_id", sa.String(96), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False, comment="week, month or days"),
        sa.Column("first", sa.Date(), nullable=False, comment="the first day that it tells of"),
        sa.Column("last", sa.Date(), nullable=False, comment="the last day that it tells of"),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("folder", sa.String(96), nullable=False, comment="below the folder of reports"),
    )
    op.create_index("ix_report_editions_last", "report_editions", ["last"])
    op.create_index("ix_report_editions_made_at", "report_editions", ["made_at"])


def downgrade() -> None:
    """Forget which editions there are; their folders stay."""
    op.drop_table("report_editions")
