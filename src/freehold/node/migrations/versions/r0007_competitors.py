"""What is kept of competitors."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make them."""


def downgrade() -> None:
    """Take them away again."""
