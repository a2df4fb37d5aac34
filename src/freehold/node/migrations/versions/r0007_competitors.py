"""Whom the client watches, and what is kept of them."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import ROW_ID, Instant

revision = "0007"
down_revision = "0006"

AD_COLUMNS: dict[str, str | None] = {
    "titles": "JSON list",
    "captions": "JSON list: the links that are shown",
    "descriptions": "JSON list",
    "languages": "separated by commas",
    "target_ages": None,
    "target_gender": None,
    "target_locations": "JSON list; -NAME is left out",
    "payers": "JSON list",
}
LISTS = frozenset({"titles", "captions", "descriptions", "target_locations", "payers"})
LOOKS = {
    "first_seen_on": "the first look that found it",
    "last_seen_on": "the last look that found it",
    "gone_on": "the first look that missed it although it had not stopped",
}


def upgrade() -> None:
    """Make them."""
    _competitors()
    _competitor_accounts()
    _competitor_posts()
    _competitor_ad_matches()
    for name, comment in AD_COLUMNS.items():
        default = "[]" if name in LISTS else ""
        column: sa.Column[object] = sa.Column(name, sa.Text(), nullable=False, server_default=default, comment=comment)
        op.add_column("competitor_ads", column)
    for name, comment in LOOKS.items():
        op.add_column("competitor_ads", sa.Column(name, sa.Date(), comment=comment))
    _comment_on_address("without a token")


def downgrade() -> None:
    """Take them away again."""
    _comment_on_address(None)
    with op.batch_alter_table("competitor_ads") as ads:
        for name in (*AD_COLUMNS, *LOOKS):
            ads.drop_column(name)
    for table in ("competitor_ad_matches", "competitor_posts", "competitor_accounts", "competitors"):
        op.drop_table(table)


def _competitors() -> None:
    op.create_table(
        "competitors",
        sa.Column("competitor_id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column(
            "kind",
            sa.String(length=32),
            nullable=False,
            comment="instagram_account, facebook_page or search_terms",
        ),
        sa.Column("name", sa.String(length=200), nullable=False, comment="a user name, a page's id, or words"),
        sa.Column(
            "countries",
            sa.Text(),
            nullable=False,
            comment="where ads are shown: ISO codes separated by commas, or ALL",
        ),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), comment="since when it is no longer watched; empty while it is"),
        sa.PrimaryKeyConstraint("competitor_id"),
        sa.UniqueConstraint("kind", "name", name="competitors_once"),
    )


def _competitor_accounts() -> None:
    op.create_table(
        "competitor_accounts",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("competitor_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="UTC"),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("biography", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("followers", sa.Integer(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "day", name="competitor_accounts_once"),
    )
    op.create_index(op.f("ix_competitor_accounts_competitor_id"), "competitor_accounts", ["competitor_id"])


def _competitor_posts() -> None:
    op.create_table(
        "competitor_posts",
        sa.Column("post_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("product_type", sa.String(length=32), nullable=False),
        sa.Column("permalink", sa.Text(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("likes", sa.Integer(), comment="empty where the owner hides it"),
        sa.Column("comments", sa.Integer()),
        sa.Column("views", sa.Integer(), comment="of reels alone"),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("post_id"),
    )
    for name in ("account_id", "published_at"):
        op.create_index(op.f(f"ix_competitor_posts_{name}"), "competitor_posts", [name])


def _competitor_ad_matches() -> None:
    op.create_table(
        "competitor_ad_matches",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("competitor_id", sa.Integer(), nullable=False),
        sa.Column("ad_archive_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("competitor_id", "ad_archive_id", name="competitor_ad_matches_once"),
    )
    for name in ("competitor_id", "ad_archive_id"):
        op.create_index(op.f(f"ix_competitor_ad_matches_{name}"), "competitor_ad_matches", [name])


def _comment_on_address(comment: str | None) -> None:
    """Comments of columns are kept by PostgreSQL alone."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("competitor_ads", "snapshot_url", existing_type=sa.Text(), comment=comment)
