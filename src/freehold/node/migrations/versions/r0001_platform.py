"""Credentials, access, budgets: what a node needs to be one."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import ROW_ID, Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    _access_keys()
    _access_log()
    _api_calls()
    _connected_assets()
    _governor_ledger()
    _meta_credentials()
    _platform_events_received()
    _received_deliveries()
    _security_events()
    _success_sessions()


def downgrade() -> None:
    """Take every table away again."""
    for table in TABLES:
        op.drop_table(table)


def _access_keys() -> None:
    op.create_table(
        "access_keys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the key"),
        sa.Column("scopes", sa.Text(), nullable=False, comment="separated by commas"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )


def _access_log() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("listener", sa.String(length=32), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("path", sa.Text(), nullable=False, comment="without query"),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=120), nullable=True, comment="name of the key that was accepted"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_access_log_at"), "access_log", ["at"], unique=False)


def _api_calls() -> None:
    op.create_table(
        "api_calls",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("credential_id", sa.String(length=64), nullable=True),
        sa.Column("asset_id", sa.String(length=64), nullable=True),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("path", sa.Text(), nullable=False, comment="ids replaced by {id}; no parameters"),
        sa.Column("parts", sa.Integer(), nullable=False, comment="calls that it counts as: the parts of a batch"),
        sa.Column("priority", sa.String(length=16), nullable=False),
        sa.Column(
            "outcome", sa.String(length=16), nullable=False, comment="ok, throttled, revoked, rejected or unavailable"
        ),
        sa.Column("status", sa.Integer(), nullable=True, comment="HTTP status; empty when no answer came"),
        sa.Column("code", sa.Integer(), nullable=True, comment="the provider's error code"),
        sa.Column("subcode", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("retry", sa.Boolean(), nullable=False, comment="whether it repeats a call that failed in passing"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_api_calls_asset_id"), "api_calls", ["asset_id"], unique=False)
    op.create_index(op.f("ix_api_calls_at"), "api_calls", ["at"], unique=False)
    op.create_index(op.f("ix_api_calls_credential_id"), "api_calls", ["credential_id"], unique=False)


def _connected_assets() -> None:
    op.create_table(
        "connected_assets",
        sa.Column("id", sa.String(length=200), nullable=False, comment="<credential id>:<asset id>"),
        sa.Column("credential_id", sa.String(length=64), nullable=False),
        sa.Column(
            "kind", sa.String(length=32), nullable=False, comment="facebook_page, instagram_account or ad_account"
        ),
        sa.Column("asset_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column(
            "parent_id",
            sa.String(length=64),
            nullable=True,
            comment="of an Instagram account: the page it is reached through",
        ),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("offered_at", Instant(), nullable=False, comment="when an authorisation first covered it"),
        sa.Column("confirmed_at", Instant(), nullable=True, comment="when a person ticked it; empty: never collected"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("credential_id", "asset_id"),
    )
    op.create_index(op.f("ix_connected_assets_asset_id"), "connected_assets", ["asset_id"], unique=False)
    op.create_index(op.f("ix_connected_assets_credential_id"), "connected_assets", ["credential_id"], unique=False)
    op.create_index(op.f("ix_connected_assets_parent_id"), "connected_assets", ["parent_id"], unique=False)


def _governor_ledger() -> None:
    op.create_table(
        "governor_ledger",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column(
            "asset_id", sa.String(length=64), nullable=True, comment="of a bucket that only this asset's calls fill"
        ),
        sa.Column("calls", sa.Text(), nullable=False, comment="JSON: minute since 1970 -> calls"),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("percent_at", Instant(), nullable=True),
        sa.Column("blocked_until", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_governor_ledger_asset_id"), "governor_ledger", ["asset_id"], unique=False)


def _meta_credentials() -> None:
    op.create_table(
        "meta_credentials",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=True, comment="encrypted; empty once revoked or superseded"),
        sa.Column("token_expires_at", Instant(), nullable=True),
        sa.Column("instagram_business_account_id", sa.String(length=64), nullable=True),
        sa.Column("facebook_page_id", sa.String(length=64), nullable=True),
        sa.Column("ad_account_id", sa.String(length=64), nullable=True),
        sa.Column("meta_user_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_refreshed_at", Instant(), nullable=True),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False, comment="active, pending, revoked or superseded"),
        sa.Column("status_reason", sa.String(length=64), nullable=True, comment="why it is revoked or superseded"),
        sa.Column("scopes", sa.Text(), nullable=False, comment="separated by commas"),
        sa.Column("data_access_expires_at", Instant(), nullable=True),
        sa.Column("page_tokens", sa.Text(), nullable=True, comment="encrypted"),
        sa.Column("appsecret_proofs", sa.Text(), nullable=True, comment="encrypted"),
        sa.Column("key_id", sa.String(length=16), nullable=True, comment="the key that encrypted this row"),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False, comment="when the person authorised"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_meta_credentials_delivery_id"), "meta_credentials", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_meta_credentials_meta_user_id"), "meta_credentials", ["meta_user_id"], unique=False)
    op.create_index("meta_credentials_by_status", "meta_credentials", ["status", "issued_at"], unique=False)


def _platform_events_received() -> None:
    op.create_table(
        "platform_events_received",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False, comment="deauthorize or data_deletion"),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("meta_user_id", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("credentials_revoked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index(
        op.f("ix_platform_events_received_meta_user_id"), "platform_events_received", ["meta_user_id"], unique=False
    )


def _received_deliveries() -> None:
    op.create_table(
        "received_deliveries",
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="keyed digest of the content"),
        sa.Column("outcome", sa.String(length=16), nullable=False, comment="stored or pending"),
        sa.Column("credential_id", sa.String(length=64), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id"),
    )
    op.create_index(
        op.f("ix_received_deliveries_credential_id"), "received_deliveries", ["credential_id"], unique=False
    )


def _security_events() -> None:
    op.create_table(
        "security_events",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("caller", sa.String(length=120), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_security_events_at"), "security_events", ["at"], unique=False)
    op.create_index(op.f("ix_security_events_kind"), "security_events", ["kind"], unique=False)


def _success_sessions() -> None:
    op.create_table(
        "success_sessions",
        sa.Column("handle_digest", sa.String(length=64), nullable=False, comment="SHA-256 of the one-time handle"),
        sa.Column("credential_id", sa.String(length=64), nullable=False),
        sa.Column("handle_expires_at", Instant(), nullable=False),
        sa.Column(
            "session_digest",
            sa.String(length=64),
            nullable=True,
            comment="SHA-256 of the cookie; empty until the handle is used",
        ),
        sa.Column("session_expires_at", Instant(), nullable=True),
        sa.Column("chosen_at", Instant(), nullable=True, comment="when the person sent their choice of assets"),
        sa.PrimaryKeyConstraint("handle_digest"),
    )
    op.create_index(op.f("ix_success_sessions_credential_id"), "success_sessions", ["credential_id"], unique=False)
    op.create_index(op.f("ix_success_sessions_session_digest"), "success_sessions", ["session_digest"], unique=False)


TABLES = (
    "access_keys",
    "access_log",
    "api_calls",
    "connected_assets",
    "governor_ledger",
    "meta_credentials",
    "platform_events_received",
    "received_deliveries",
    "security_events",
    "success_sessions",
)
