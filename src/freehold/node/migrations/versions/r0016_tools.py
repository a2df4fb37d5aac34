"""The access log says which tool was called."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"


def upgrade() -> None:
    """Add what older code does not write."""
    told = "that was called, over whichever interface"
    op.add_column("access_log", sa.Column("tool", sa.String(length=64), comment=told))


def downgrade() -> None:
    """Forget it again."""
    op.drop_column("access_log", "tool")
