"""Registry, connections, audit: what the broker keeps, none of it a token."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import ROW_ID, Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    _admin_keys()
    _app_testers()
    _authorization_states()
    _client_vm_registry()
    _connect_links()
    _connections()
    _deletion_requests()
    _oauth_events()
    _platform_event_outbox()


def downgrade() -> None:
    """Take every table away again."""
    for table in TABLES:
        op.drop_table(table)


def _admin_keys() -> None:
    op.create_table(
        "admin_keys",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the key"),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )


def _app_testers() -> None:
    op.create_table(
        "app_testers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("meta_user", sa.String(length=128), nullable=False, comment="user name or id, as it was invited"),
        sa.Column("client_id", sa.String(length=63), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False, comment="tester or analytics"),
        sa.Column(
            "present",
            sa.Boolean(),
            nullable=True,
            comment="whether the app's roles list this person; null: not known yet",
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("reconciled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("meta_user"),
    )
    op.create_index(op.f("ix_app_testers_client_id"), "app_testers", ["client_id"], unique=False)


def _authorization_states() -> None:
    op.create_table(
        "authorization_states",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the handle"),
        sa.Column("record", sa.Text(), nullable=False, comment="AES-256-GCM, bound to the digest"),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index(op.f("ix_authorization_states_expires_at"), "authorization_states", ["expires_at"], unique=False)


def _client_vm_registry() -> None:
    op.create_table(
        "client_vm_registry",
        sa.Column("client_id", sa.String(length=63), nullable=False),
        sa.Column("company_name", sa.String(length=200), nullable=False),
        sa.Column("vm_url", sa.Text(), nullable=False),
        sa.Column("success_url", sa.Text(), nullable=False),
        sa.Column("vm_api_key", sa.Text(), nullable=False, comment="AES-256-GCM, bound to this row"),
        sa.Column(
            "vm_api_key_digest", sa.String(length=64), nullable=False, comment="keyed; finds the node that calls"
        ),
        sa.Column("public_key", sa.String(length=64), nullable=True, comment="X25519; deliveries are sealed to it"),
        sa.Column("allowed_users", sa.JSON(), nullable=False, comment="keyed digests of provider user ids"),
        sa.Column("allowed_assets", sa.JSON(), nullable=False, comment="asset ids"),
        sa.Column("bare_links", sa.Boolean(), nullable=False, comment="whether /auth works without a connect link"),
        sa.Column("shared_user_policy", sa.String(length=8), nullable=False, comment="warn or refuse"),
        sa.Column("status", sa.String(length=8), nullable=False, comment="active or paused"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("client_id"),
        sa.UniqueConstraint("vm_api_key_digest"),
    )


def _connect_links() -> None:
    op.create_table(
        "connect_links",
        sa.Column("id", sa.String(length=32), nullable=False, comment="from the SHA-256 of the secret in the link"),
        sa.Column("client_id", sa.String(length=63), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_connect_links_client_id"), "connect_links", ["client_id"], unique=False)
    op.create_index(op.f("ix_connect_links_expires_at"), "connect_links", ["expires_at"], unique=False)


def _connections() -> None:
    op.create_table(
        "connections",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("client_id", sa.String(length=63), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("user_hash", sa.String(length=80), nullable=False, comment="keyed digest of the provider's user id"),
        sa.Column("asset_ids", sa.JSON(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("token_expires_at", Instant(), nullable=True),
        sa.Column("data_access_expires_at", Instant(), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False, comment="active, pending or revoked"),
        sa.Column("connected_at", Instant(), nullable=False),
        sa.Column("last_renewed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("client_id", "provider", "user_hash"),
    )
    op.create_index("ix_connections_user", "connections", ["provider", "user_hash"], unique=False)


def _deletion_requests() -> None:
    op.create_table(
        "deletion_requests",
        sa.Column(
            "code", sa.String(length=32), nullable=False, comment="the confirmation code that Meta shows to the person"
        ),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("event_id"),
    )


def _oauth_events() -> None:
    op.create_table(
        "oauth_events",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("client_id", sa.String(length=63), nullable=True),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("flow_id", sa.String(length=32), nullable=True),
        sa.Column(
            "step",
            sa.String(length=48),
            nullable=False,
            comment="what was done: authorize, callback, delivery, renewal, …",
        ),
        sa.Column(
            "outcome", sa.String(length=16), nullable=False, comment="succeeded, pending, warned, refused or failed"
        ),
        sa.Column("reason", sa.String(length=64), nullable=True, comment="stable code of a refusal or failure"),
        sa.Column("duration_ms", sa.Float(), nullable=True),
        sa.Column("node_ms", sa.Float(), nullable=True, comment="how long the node took to answer"),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.Column("actor", sa.String(length=120), nullable=True, comment="the admin or node whose key was used"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_oauth_events_at"), "oauth_events", ["at"], unique=False)
    op.create_index("ix_oauth_events_client", "oauth_events", ["client_id", "id"], unique=False)
    op.create_index("ix_oauth_events_client_outcome", "oauth_events", ["client_id", "outcome", "id"], unique=False)
    op.create_index("ix_oauth_events_flow", "oauth_events", ["flow_id", "id"], unique=False)
    op.create_index("ix_oauth_events_outcome", "oauth_events", ["outcome", "id"], unique=False)


def _platform_event_outbox() -> None:
    op.create_table(
        "platform_event_outbox",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column(
            "content",
            sa.Text(),
            nullable=True,
            comment="the event, AES-256-GCM, bound to this row; null once the node has it",
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "client_id"),
    )
    op.create_index(
        op.f("ix_platform_event_outbox_next_attempt_at"), "platform_event_outbox", ["next_attempt_at"], unique=False
    )


TABLES = (
    "admin_keys",
    "app_testers",
    "authorization_states",
    "client_vm_registry",
    "connect_links",
    "connections",
    "deletion_requests",
    "oauth_events",
    "platform_event_outbox",
)
