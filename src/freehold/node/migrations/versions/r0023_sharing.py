"""Links to editions of the report, and who read them."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import ROW_ID, Instant

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make them. A link that was made before leads nowhere any more: it had no row."""
    sealed = "sealed into the link's address, which is kept nowhere"
    op.create_table(
        "report_links",
        sa.Column("link_id", sa.String(length=32), nullable=False, comment=sealed),
        sa.Column("edition_id", sa.String(length=96), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False, comment="from then on it leads nowhere"),
        sa.Column("withdrawn_at", Instant(), comment="from then on it leads nowhere, too; empty for never"),
        sa.PrimaryKeyConstraint("link_id"),
    )
    _reads()
    for table, columns in (
        ("report_links", ("edition_id", "until")),
        ("report_reads", ("at", "link_id", "edition_id")),
    ):
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    """Take them away again."""
    for table in ("report_reads", "report_links"):
        op.drop_table(table)


def _reads() -> None:
    reader = "person, program, or preview: of a messenger or search engine"
    digest = "HMAC-SHA256 of the address, its key the link itself"
    op.create_table(
        "report_reads",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("link_id", sa.String(length=32), nullable=False),
        sa.Column("edition_id", sa.String(length=96), nullable=False),
        sa.Column("file", sa.String(length=16), nullable=False, comment="report.html or report.pdf"),
        sa.Column("reader", sa.String(length=16), nullable=False, comment=reader),
        sa.Column("address_digest", sa.String(length=64), nullable=False, comment=digest),
        sa.PrimaryKeyConstraint("id"),
    )
