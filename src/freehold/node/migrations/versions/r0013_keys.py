"""Callers' keys may end by themselves, and may be good for some assets alone."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import Instant

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add what older code does not look at."""
    op.add_column("access_keys", sa.Column("expires_at", Instant, comment="empty for never"))
    told = "ids, separated by commas, that tools may be about; empty for all"
    op.add_column("access_keys", sa.Column("assets", sa.Text(), comment=told))


def downgrade() -> None:
    """Forget it again."""
    op.drop_column("access_keys", "assets")
    op.drop_column("access_keys", "expires_at")
