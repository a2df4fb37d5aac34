"""When an Instagram account's newest posts were listed last: what was published since is not known."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import Instant

revision = "0024"
down_revision = "0023"

_COMMENT = "when the newest posts were listed last, to the first that was known"


def upgrade() -> None:
    """A listing wrote down with each post of its pages when it was read."""
    op.add_column("instagram_feeds", sa.Column("listed_at", Instant(), comment=_COMMENT))
    op.execute(
        "UPDATE instagram_feeds SET listed_at = (SELECT MAX(p.read_at) FROM instagram_posts p "
        "WHERE p.account_id = instagram_feeds.account_id AND p.product_type <> 'STORY')"
    )


def downgrade() -> None:
    """Nobody asks any more."""
    op.drop_column("instagram_feeds", "listed_at")
