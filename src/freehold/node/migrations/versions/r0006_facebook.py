"""What is kept of Facebook pages: the pages, and more of their posts."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import Instant

revision = "0006"
down_revision = "0005"

POST_COLUMNS = ("story", "picture_url", "status_type", "updated_at", "shares", "reactions", "comments", "gone_at")
SUBJECT = "the page or one of its posts"
PERIOD = "day, week or days_28 that end with `day`; or lifetime"


def upgrade() -> None:
    """Make the table of pages, and the new columns of posts."""
    _facebook_pages()
    for column in _post_columns():
        op.add_column("facebook_posts", column)
    _comments(SUBJECT, PERIOD)


def downgrade() -> None:
    """Take them away again."""
    _comments(None, None)
    with op.batch_alter_table("facebook_posts") as posts:
        for name in POST_COLUMNS:
            posts.drop_column(name)
    op.drop_table("facebook_pages")


def _facebook_pages() -> None:
    op.create_table(
        "facebook_pages",
        sa.Column("page_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("fans", sa.Integer(), comment="people who like the page; empty where Meta does not tell"),
        sa.Column("followers", sa.Integer(), nullable=False),
        sa.Column("verification", sa.String(length=64), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("page_id"),
    )


def _post_columns() -> list[sa.Column[object]]:
    told = "what Facebook itself says of the post"
    return [
        sa.Column("story", sa.Text(), nullable=False, server_default="", comment=told),
        sa.Column("picture_url", sa.Text(), nullable=False, server_default=""),
        sa.Column(
            "status_type", sa.String(length=64), nullable=False, server_default="", comment="such as added_photos"
        ),
        sa.Column("updated_at", Instant()),
        sa.Column("shares", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reactions", sa.Integer(), comment="of all kinds; empty where Meta does not tell"),
        sa.Column("comments", sa.Integer(), comment="empty where Meta does not tell"),
        sa.Column("gone_at", Instant(), comment="when it was no longer listed"),
    ]


def _comments(subject: str | None, period: str | None) -> None:
    """Comments of columns, which only PostgreSQL keeps."""
    if op.get_bind().dialect.name != "postgresql":
        return
    was = {"subject_id": sa.String(length=64), "period": sa.String(length=16)}
    for name, comment in (("subject_id", subject), ("period", period)):
        op.alter_column("facebook_page_insights", name, existing_type=was[name], comment=comment)
