"""What is kept of Facebook pages."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make them."""


def downgrade() -> None:
    """Take them away again."""
