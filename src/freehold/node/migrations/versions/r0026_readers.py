"""Of a delivery that some readers have and others not, who has it."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_TABLE, _COMMENT = "notification_deliveries", "readers that have it while others wait, sealed"


def upgrade() -> None:
    """Nobody is known of what was tried before: it is tried for all."""
    op.add_column(_TABLE, sa.Column("had", sa.Text(), nullable=False, server_default="", comment=_COMMENT))


def downgrade() -> None:
    """What waits for some is tried for all."""
    op.drop_column(_TABLE, "had")
