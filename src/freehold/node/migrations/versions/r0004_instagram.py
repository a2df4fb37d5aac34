"""What is kept of Instagram beside posts and days: carousels' children, how far feeds are read, and what is due."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import Instant

revision = "0004"
down_revision = "0003"

SUBJECTS = ("account or post", "account, post or story")
PERIODS = (
    "day, or lifetime: the value as it stood on `day`",
    "day; lifetime, as it stood on `day`; week, days_28, days_30: the days that end with `day`",
)
"""Comments of columns, before and after."""


def upgrade() -> None:
    """Make them."""
    for name, told in (
        ("insights_read_at", "empty where its insights have not been read, or are not given"),
        ("extras_read_at", "the same of the metrics that only its kind of post has"),
        ("gone_at", "when it was no longer listed"),
    ):
        op.add_column("instagram_posts", sa.Column(name, Instant(), comment=told))
    op.create_index("ix_instagram_posts_newest", "instagram_posts", ["account_id", "published_at"])
    _children()
    op.create_table(
        "instagram_feeds",
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("listed_until", Instant(), comment="the newest post up to which every post is known"),
        sa.Column("listed_since", Instant(), comment="the oldest post down to which every post is known"),
        sa.Column("whole", sa.Boolean(), nullable=False, comment="whether there is none that is older"),
        sa.Column(
            "personal_until", Instant(), comment="the newest post from when the account was still a personal one"
        ),
        sa.Column(
            "personal_reason",
            sa.Text(),
            nullable=False,
            comment="why posts up to there have no insights, as Meta says it",
        ),
        sa.PrimaryKeyConstraint("account_id"),
    )
    _comment(1)


def downgrade() -> None:
    """Take them away again."""
    _comment(0)
    for table in ("instagram_feeds", "instagram_children"):
        op.drop_table(table)
    op.drop_index("ix_instagram_posts_newest", "instagram_posts")
    for name in ("gone_at", "extras_read_at", "insights_read_at"):
        op.drop_column("instagram_posts", name)


def _children() -> None:
    op.create_table(
        "instagram_children",
        sa.Column("child_id", sa.String(length=64), nullable=False),
        sa.Column("post_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="its place in the carousel, from 0"),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("media_url", sa.Text(), nullable=False, comment="valid for some days only"),
        sa.Column("thumbnail_url", sa.Text(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("child_id"),
    )
    op.create_index(op.f("ix_instagram_children_post_id"), "instagram_children", ["post_id"])
    op.create_index(op.f("ix_instagram_children_account_id"), "instagram_children", ["account_id"])


def _comment(chosen: int) -> None:
    """Give two columns their comments; SQLite keeps none."""
    if op.get_bind().dialect.name == "sqlite":
        return
    length = {"subject_kind": (SUBJECTS, 16), "period": (PERIODS, 16)}
    for name, (told, size) in length.items():
        op.alter_column(
            "instagram_insights",
            name,
            existing_type=sa.String(length=size),
            existing_nullable=False,
            comment=told[chosen],
        )
