"""What is kept of Instagram beside posts and days."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make them."""


def downgrade() -> None:
    """Take them away again."""
