"""Of an edition, whether it was made for those who are sent reports, or by somebody for themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

_TABLE, _COMMENT = "report_editions", "whether a workflow made it to be sent"


def upgrade() -> None:
    """Of an edition that was sent there is a notice."""
    column: sa.Column[bool] = sa.Column(
        "for_readers", sa.Boolean(), nullable=False, server_default=sa.false(), comment=_COMMENT
    )
    op.add_column(_TABLE, column)
    told = "SELECT 1 FROM notifications WHERE notifications.key = 'report:' || report_editions.edition_id"
    op.execute(f"UPDATE report_editions SET for_readers = TRUE WHERE EXISTS ({told})")


def downgrade() -> None:
    """Forget it."""
    op.drop_column(_TABLE, "for_readers")
