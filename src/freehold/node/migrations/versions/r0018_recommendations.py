"""Recommendations: what each is about, what is expected of it, who decided on it, and what came of it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import Instant

revision = "0018"
down_revision = "0017"

_TABLE = "ai_recommendations"
_TEXTS = {
    "topic": (64, "digest of what it is about: of one topic one recommendation stands at a time"),
    "account_id": (64, "the asset that it is about; empty for competitors"),
    "language": (8, None),
    "worded_by": (128, "template, or the model whose words passed the check against the evidence"),
    "confidence": (16, "moderate or high"),
    "effort": (16, "low, medium or high"),
    "changed_by": (120, "who gave it its status; empty for the node itself"),
}
"""Texts that are never absent: length and comment."""
_DOCUMENTS = {
    "action": "what to do, as the template says it",
    "why": "what speaks for it, as the template says it",
    "forecast": "JSON: what is expected of following it, and how that is measured; empty for none",
    "outcome": "JSON: what was measured against the forecast; empty before",
}
_ABSENT: dict[str, tuple[sa.types.TypeEngine[Any], str | None]] = {
    "first_day": (sa.Date(), "of the days that the evidence is from"),
    "last_day": (sa.Date(), None),
    "found_at": (Instant(), "the last look that found it"),
    "changed_at": (Instant(), "when it was given its status"),
    "acted_at": (Instant(), "since when it is followed: when it was first accepted or done"),
    "measured_at": (Instant(), None),
}


def upgrade() -> None:
    """Add what nothing wrote before."""
    for name, (length, comment) in _TEXTS.items():
        kind = sa.String(length=length)
        op.add_column(_TABLE, sa.Column(name, kind, nullable=False, server_default="", comment=comment))
    for name, comment in _DOCUMENTS.items():
        op.add_column(_TABLE, sa.Column(name, sa.Text(), nullable=False, server_default="", comment=comment))
    for name, (absent, comment) in _ABSENT.items():
        op.add_column(_TABLE, sa.Column(name, absent, comment=comment))
    op.create_index(op.f("ix_ai_recommendations_account_id"), _TABLE, ["account_id"])
    op.create_index(op.f("ix_ai_recommendations_made_at"), _TABLE, ["made_at"])
    op.create_index(op.f("ix_ai_recommendations_topic"), _TABLE, ["topic"])
    stands = sa.text("topic <> '' AND status IN ('new', 'accepted')")
    op.create_index(
        "ai_recommendations_once", _TABLE, ["topic"], unique=True, sqlite_where=stands, postgresql_where=stands
    )


def downgrade() -> None:
    """Forget it again."""
    op.drop_index("ai_recommendations_once", _TABLE)
    for name in ("topic", "made_at", "account_id"):
        op.drop_index(op.f(f"ix_ai_recommendations_{name}"), _TABLE)
    for name in (*_TEXTS, *_DOCUMENTS, *_ABSENT):
        op.drop_column(_TABLE, name)
