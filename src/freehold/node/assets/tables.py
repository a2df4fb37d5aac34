"""The table of assets that a person ticked for this client."""

from sqlalchemy import Column, String, Table, Text, UniqueConstraint

from freehold.kernel.database import Instant
from freehold.node.db import metadata

connected_assets = Table(
    "connected_assets",
    metadata,
    Column("id", String(200), primary_key=True, comment="<credential id>:<asset id>"),
    Column("credential_id", String(64), nullable=False, index=True),
    Column("kind", String(32), nullable=False, comment="facebook_page, instagram_account or ad_account"),
    Column("asset_id", String(64), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("username", Text),
    Column("parent_id", String(64), index=True, comment="of an Instagram account: the page it is reached through"),
    Column("currency", String(3)),
    Column("timezone", Text),
    Column("offered_at", Instant, nullable=False, comment="when an authorisation first covered it"),
    Column("confirmed_at", Instant, comment="when a person ticked it; empty: never collected"),
    UniqueConstraint("credential_id", "asset_id"),
)
