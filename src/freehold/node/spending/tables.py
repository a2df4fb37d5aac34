"""The tables of spending: plans, who approved them, the rules, and who is changing an account right now.

What was changed stands in `ad_changes`, among the collected data.
"""

from sqlalchemy import BigInteger, Column, String, Table, Text

from freehold.kernel.database import ROW_ID, Instant
from freehold.node.db import metadata

spending_plans = Table(
    "spending_plans",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", String(64), nullable=False, index=True),
    Column("object_id", String(64), nullable=False, index=True, comment="empty for what is to be made"),
    Column("kind", String(32), nullable=False),
    Column("content", Text, nullable=False, comment="JSON: the plan as it was approved"),
    Column("hash", String(64), nullable=False, comment="SHA-256 of the content"),
    Column(
        "status", String(16), nullable=False, index=True,
        comment="ready, waiting, approved, refused, forbidden, sending, applied, failed or uncertain",
    ),
    Column("added_today_minor", BigInteger, nullable=False, comment="to the worst of the day"),
    Column("proposed_by", String(120), nullable=False),
    Column("proposed_at", Instant, nullable=False, index=True),
    Column("expires_at", Instant, nullable=False),
    Column("idempotency_key", String(128), unique=True, comment="of whoever applied it"),
    Column("started_at", Instant, comment="when it was sent"),
    Column("ended_at", Instant),
    Column("made_id", String(64), index=True, comment="what it made at Meta"),
    Column("failure", Text),
)  # fmt: skip

spending_approvals = Table(
    "spending_approvals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("plan_id", String(32), nullable=False, index=True),
    Column("plan_hash", String(64), nullable=False),
    Column("decision", String(16), nullable=False, comment="approved or refused"),
    Column("approver_id", String(32), nullable=False, index=True, comment="the key that was presented"),
    Column("approver", String(120), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("seal", Text, nullable=False, comment="holds plan, hash and approver; made with the node's keyring"),
    Column("decided_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant, comment="when the plan was sent with it"),
)

spending_rules = Table(
    "spending_rules",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("account_id", String(64), nullable=False, index=True, comment="empty for every account without its own"),
    Column("rules", Text, nullable=False, comment="JSON; empty for the built-in ones"),
    Column("set_by", String(120), nullable=False),
    Column("set_at", Instant, nullable=False),
)
"""Every set of rules that was ever chosen; the newest of an account counts."""

spending_locks = Table(
    "spending_locks",
    metadata,
    Column("account_id", String(64), primary_key=True),
    Column("holder", String(32), nullable=False, comment="empty for nobody"),
    Column("held_until", Instant, nullable=False),
)
