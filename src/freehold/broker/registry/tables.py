"""The registry's table: which client's node is where, and who may connect to it."""

from sqlalchemy import JSON, Boolean, Column, String, Table, Text

from freehold.broker.db import metadata
from freehold.kernel.database import Instant

client_vm_registry = Table(
    "client_vm_registry",
    metadata,
    Column("client_id", String(63), primary_key=True),
    Column("company_name", String(200), nullable=False),
    Column("vm_url", Text, nullable=False),
    Column("success_url", Text, nullable=False),
    Column("vm_api_key", Text, nullable=False, comment="AES-256-GCM, bound to this row"),
    Column("vm_api_key_digest", String(64), nullable=False, unique=True, comment="keyed; finds the node that calls"),
    Column("public_key", String(64), comment="X25519; deliveries are sealed to it"),
    Column("allowed_users", JSON, nullable=False, comment="keyed digests of provider user ids"),
    Column("allowed_assets", JSON, nullable=False, comment="asset ids"),
    Column("bare_links", Boolean, nullable=False, comment="whether /auth works without a connect link"),
    Column("shared_user_policy", String(8), nullable=False, comment="warn or refuse"),
    Column("status", String(8), nullable=False, comment="active or paused"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
