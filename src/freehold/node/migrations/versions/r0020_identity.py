"""The access log says for whom a chat called a tool."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add what older code does not write."""
    told = "for whom the caller asked, where it proved so"
    op.add_column("access_log", sa.Column("person", sa.String(length=254), comment=told))


def downgrade() -> None:
    """Forget it again."""
    op.drop_column("access_log", "person")
