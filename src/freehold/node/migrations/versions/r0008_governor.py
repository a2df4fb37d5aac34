"""What the governor remembers of each account: its share of a ceiling, its claim to room, the app's access tier."""

import sqlalchemy as sa
from alembic import op

from freehold.kernel.database import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns, and name the buckets of Meta's limits as they are named now: what was shut stays shut."""
    for column in _columns():
        op.add_column("governor_ledger", column)
    op.create_index(op.f("ix_governor_ledger_person_id"), "governor_ledger", ["person_id"])
    op.execute("DELETE FROM governor_ledger WHERE key = 'node'")
    op.execute("UPDATE governor_ledger SET key = substr(key, 7) WHERE key LIKE 'usage:%'")


def downgrade() -> None:
    """Take them away again, and what only they explain."""
    op.execute("DELETE FROM governor_ledger WHERE key LIKE 'share:%'")
    op.execute("UPDATE governor_ledger SET key = 'usage:' || key WHERE key NOT LIKE 'person:%'")
    op.drop_index(op.f("ix_governor_ledger_person_id"), "governor_ledger")
    for column in _columns():
        op.drop_column("governor_ledger", column.name)


def _columns() -> list["sa.Column[object]"]:
    share = "of an asset's share: the person whose ceiling it is part of"
    return [
        sa.Column("person_id", sa.String(length=64), comment=share),
        sa.Column("tier", sa.String(length=32), comment="the app's access to the Marketing API, as a header told it"),
        sa.Column("claim_until", Instant(), comment="of a share: how long the asset is believed to wait for room"),
        sa.Column("claim_priority", sa.Integer(), comment="how urgent what waits is; 0 is the most urgent"),
    ]
