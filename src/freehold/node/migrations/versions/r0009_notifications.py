"""Who is told what."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import ROW_ID, Instant

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make them."""
    _notifications()
    _deliveries()
    about = "the asset or workflow that it is about; empty for the whole node"
    op.create_table(
        "open_alerts",
        sa.Column("key", sa.String(length=200), nullable=False, comment="kind and subject: each is open once"),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), comment=about),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def downgrade() -> None:
    """Take them away again."""
    for table in ("open_alerts", "notification_deliveries", "notifications"):
        op.drop_table(table)


def _notifications() -> None:
    plain = "plain; no secret but a link to connect"
    op.create_table(
        "notifications",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False, comment="what it is about: told once"),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False, comment="info, warning or critical"),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment=plain),
        sa.Column("valid_until", Instant(), comment="after this it is not worth telling; empty for ever"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(op.f("ix_notifications_kind"), "notifications", ["kind"])
    op.create_index(op.f("ix_notifications_created_at"), "notifications", ["created_at"])


def _deliveries() -> None:
    target = "the target's name; its address is in a file"
    tried = "when it is tried; empty when nothing more is tried"
    op.create_table(
        "notification_deliveries",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("notification_id", ROW_ID, nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False, comment=target),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(), comment=tried),
        sa.Column("sent_at", Instant()),
        sa.Column(
            "last_error", sa.String(length=200), nullable=False, comment="why the last attempt failed; empty for none"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notification_id", "target", name="notification_deliveries_once"),
    )
    op.create_index(op.f("ix_notification_deliveries_notification_id"), "notification_deliveries", ["notification_id"])
    op.create_index(op.f("ix_notification_deliveries_next_at"), "notification_deliveries", ["next_at"])
