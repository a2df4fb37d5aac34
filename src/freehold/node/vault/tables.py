"""The table of credentials: the seed's columns, and what a node has to know to use them well."""

from sqlalchemy import Column, Index, String, Table, Text

from freehold.kernel.database import Instant
from freehold.node.db import metadata

meta_credentials = Table(
    "meta_credentials",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("client_id", String(64), nullable=False),
    Column("access_token", Text, comment="encrypted; empty once revoked or superseded"),
    Column("token_expires_at", Instant),
    Column("instagram_business_account_id", String(64)),
    Column("facebook_page_id", String(64)),
    Column("ad_account_id", String(64)),
    Column("meta_user_id", String(64), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("last_refreshed_at", Instant),
    Column("provider", String(32), nullable=False),
    Column("status", String(16), nullable=False, comment="active, pending, revoked or superseded"),
    Column("status_reason", String(64), comment="why it is revoked or superseded"),
    Column("scopes", Text, nullable=False, comment="separated by commas"),
    Column("data_access_expires_at", Instant),
    Column("page_tokens", Text, comment="encrypted"),
    Column("appsecret_proofs", Text, comment="encrypted"),
    Column("key_id", String(16), comment="the key that encrypted this row"),
    Column("delivery_id", String(64), nullable=False, index=True),
    Column("issued_at", Instant, nullable=False, comment="when the person authorised"),
    Index("meta_credentials_by_status", "status", "issued_at"),
)

CIPHERTEXTS = ("access_token", "page_tokens", "appsecret_proofs")
"""The columns that hold ciphertext."""
