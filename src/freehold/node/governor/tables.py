"""The tables of the governor: what was called, and what each bucket holds."""

from sqlalchemy import Boolean, Column, Float, Integer, String, Table, Text

from freehold.kernel.database import ROW_ID, Instant
from freehold.node.db import metadata

api_calls = Table(
    "api_calls",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("credential_id", String(64), index=True),
    Column("asset_id", String(64), index=True),
    Column("method", String(8), nullable=False),
    Column("path", Text, nullable=False, comment="ids replaced by {id}; no parameters"),
    Column("parts", Integer, nullable=False, comment="calls that it counts as: the parts of a batch"),
    Column("priority", String(16), nullable=False),
    Column("outcome", String(16), nullable=False, comment="ok, throttled, revoked, rejected or unavailable"),
    Column("status", Integer, comment="HTTP status; empty when no answer came"),
    Column("code", Integer, comment="the provider's error code"),
    Column("subcode", Integer),
    Column("duration_ms", Float, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("retry", Boolean, nullable=False, comment="whether it repeats a call that failed in passing"),
    Column("run_id", String(128), index=True, comment="the run that it was made for; empty for none"),
)

governor_ledger = Table(
    "governor_ledger",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("asset_id", String(64), index=True, comment="of a bucket that only this asset's calls fill"),
    Column("person_id", String(64), index=True, comment="of an asset's share: the person whose ceiling it is part of"),
    Column("calls", Text, nullable=False, comment="JSON: minute since 1970 -> calls"),
    Column("percent", Float, nullable=False),
    Column("percent_at", Instant),
    Column("blocked_until", Instant),
    Column("tier", String(32), comment="the app's access to the Marketing API, as a header told it"),
    Column("claim_until", Instant, comment="of a share: how long the asset is believed to wait for room"),
    Column("claim_priority", Integer, comment="how urgent what waits is; 0 is the most urgent"),
    Column("updated_at", Instant, nullable=False),
)
