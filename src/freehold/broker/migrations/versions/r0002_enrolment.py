"""Enrolment codes, with which new nodes register themselves."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "enrolment_codes",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the code's secret"),
        sa.Column("client_id", sa.String(length=63), nullable=False),
        sa.Column("company_name", sa.String(length=200), nullable=False),
        sa.Column(
            "vm_host", sa.String(length=253), nullable=True, comment="the only host that the node may name; null: any"
        ),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("used_by", sa.String(length=64), nullable=True, comment="public key of the node that used it"),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index(op.f("ix_enrolment_codes_client_id"), "enrolment_codes", ["client_id"])
    op.create_index(op.f("ix_enrolment_codes_expires_at"), "enrolment_codes", ["expires_at"])


def downgrade() -> None:
    """Take the table away again."""
    op.drop_table("enrolment_codes")
