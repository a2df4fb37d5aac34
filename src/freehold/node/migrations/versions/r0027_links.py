"""Of a link to an edition, how it was made and for whom."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_TABLE = "report_links"
_WAY = "notice, tool or command; empty for unknown"
_FOR = "the notice's target, the tool's key, or what the operator wrote; empty for nobody named"


def upgrade() -> None:
    """Of those that were made before, nobody knows."""
    op.add_column(_TABLE, sa.Column("way", sa.String(length=16), nullable=False, server_default="", comment=_WAY))
    op.add_column(_TABLE, sa.Column("made_for", sa.String(length=100), nullable=False, server_default="", comment=_FOR))


def downgrade() -> None:
    """Forget it."""
    for column in ("made_for", "way"):
        op.drop_column(_TABLE, column)
