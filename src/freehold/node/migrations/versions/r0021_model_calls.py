"""What models were asked, and what each month has used of them."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import ROW_ID, Instant

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make them."""
    _calls()
    op.create_table(
        "model_usage",
        sa.Column("month", sa.String(length=7), nullable=False, comment="2026-03, in UTC"),
        sa.Column("tokens", sa.BigInteger(), nullable=False, comment="used, and reserved for requests under way"),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False, comment="the same in millionths of a US dollar"),
        sa.PrimaryKeyConstraint("month"),
    )


def downgrade() -> None:
    """Take them away again."""
    for table in ("model_usage", "model_calls"):
        op.drop_table(table)


def _calls() -> None:
    sent = "the request; names, captions and comments are left out"
    outcome = "asked, worded, refused by the check, failed, or not_asked"
    op.create_table(
        "model_calls",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("draft", sa.String(length=200), nullable=False, comment="what was to be worded"),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("sent", sa.Text(), nullable=False, comment=sent),
        sa.Column("outcome", sa.String(length=16), nullable=False, comment=outcome),
        sa.Column("error", sa.String(length=64), nullable=False, comment="what failed, in one word; empty for nothing"),
        sa.Column("rounds", sa.Integer(), nullable=False, comment="answers of the model; the second one repairs"),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_model_calls_at"), "model_calls", ["at"])
