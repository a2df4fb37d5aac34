"""Spending: plans, approvals, rules and locks; changes of ads in a chain; whom a caller's key belongs to."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import ROW_ID, Instant

revision = "0014"
down_revision = "0013"

_INDEXED = {
    "spending_plans": ("account_id", "object_id", "status", "proposed_at", "made_id"),
    "spending_approvals": ("plan_id", "approver_id"),
    "spending_rules": ("account_id",),
}
_OF_CHANGES = {
    "ad_account_id": (64, None),
    "plan_id": (32, None),
    "kind": (32, None),
    "currency": (3, None),
    "channel": (16, "mcp, rest, workflow, cli or page"),
    "previous": (64, "hash of the change before it"),
    "hash": (64, "SHA-256 over the row and `previous`"),
}
"""New columns of changes: length and comment."""


def upgrade() -> None:
    """Make them."""
    _make_plans()
    _make_approvals()
    op.create_table(
        "spending_rules",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column(
            "account_id", sa.String(length=64), nullable=False, comment="empty for every account without its own"
        ),
        sa.Column("rules", sa.Text(), nullable=False, comment="JSON; empty for the built-in ones"),
        sa.Column("set_by", sa.String(length=120), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "spending_locks",
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False, comment="empty for nobody"),
        sa.Column("held_until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    for table, columns in _INDEXED.items():
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    for name, (length, comment) in _OF_CHANGES.items():
        op.add_column("ad_changes", sa.Column(name, sa.String(length=length), comment=comment))
    for name in ("ad_account_id", "plan_id"):
        op.create_index(op.f(f"ix_ad_changes_{name}"), "ad_changes", [name])
    op.create_index("ad_changes_follow_once", "ad_changes", ["previous"], unique=True)
    op.add_column("access_keys", sa.Column("person", sa.String(length=100), comment="whose it is; empty for unknown"))


def _make_plans() -> None:
    op.create_table(
        "spending_plans",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False, comment="empty for what is to be made"),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="JSON: the plan as it was approved"),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="SHA-256 of the content"),
        sa.Column(
            "status",
            sa.String(length=16),
            nullable=False,
            comment="ready, waiting, approved, refused, forbidden, sending, applied, failed or uncertain",
        ),
        sa.Column("added_today_minor", sa.BigInteger(), nullable=False, comment="to the worst of the day"),
        sa.Column("proposed_by", sa.String(length=120), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), comment="of whoever applied it"),
        sa.Column("started_at", Instant(), comment="when it was sent"),
        sa.Column("ended_at", Instant()),
        sa.Column("made_id", sa.String(length=64), comment="what it made at Meta"),
        sa.Column("failure", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("idempotency_key"),
    )


def _make_approvals() -> None:
    op.create_table(
        "spending_approvals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("plan_id", sa.String(length=32), nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False, comment="approved or refused"),
        sa.Column("approver_id", sa.String(length=32), nullable=False, comment="the key that was presented"),
        sa.Column("approver", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "seal", sa.Text(), nullable=False, comment="holds plan, hash and approver; made with the node's keyring"
        ),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), comment="when the plan was sent with it"),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("access_keys", "person")
    op.drop_index("ad_changes_follow_once", "ad_changes")
    for name in ("ad_account_id", "plan_id"):
        op.drop_index(op.f(f"ix_ad_changes_{name}"), "ad_changes")
    for name in _OF_CHANGES:
        op.drop_column("ad_changes", name)
    for table in ("spending_locks", "spending_rules", "spending_approvals", "spending_plans"):
        op.drop_table(table)
