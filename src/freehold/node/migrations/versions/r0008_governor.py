"""What the governor remembers of each account."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make them."""


def downgrade() -> None:
    """Take them away again."""
