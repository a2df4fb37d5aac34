"""What a target lets wait is kept for its digest."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_TABLE, _INDEX = "notification_deliveries", "ix_notification_deliveries_held"
_COMMENT = "whether it waits for the digest"


def upgrade() -> None:
    """Nothing waited before."""
    held: sa.Column[bool] = sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false(), comment=_COMMENT)
    op.add_column(_TABLE, held)
    op.create_index(_INDEX, _TABLE, ["held"])


def downgrade() -> None:
    """What waits is told nobody."""
    op.drop_index(_INDEX, _TABLE)
    op.drop_column(_TABLE, "held")
