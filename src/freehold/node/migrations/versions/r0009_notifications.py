"""Who is told what."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make them."""


def downgrade() -> None:
    """Take them away again."""
