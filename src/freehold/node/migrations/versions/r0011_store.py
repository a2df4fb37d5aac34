"""Indexes for what is asked over much data, and PostgreSQL told which tables change much."""

from alembic import op

revision = "0011"
down_revision = "0010"

_FOUND_BY_THE_UNIQUE_KEY = ("ad_insights", "ad_breakdowns")
"""Tables whose index on `ad_id` says what the unique key begins with."""
_BY_ACCOUNT_AND_DAY = ("ad_insights", "ad_breakdowns")
_GROWING = {
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_vacuum_insert_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.02",
}
"""At ten million rows the usual fifth would be two million dead rows before anybody cleans up."""
_REFRESHED = {**_GROWING, "fillfactor": "80"}
"""Rows of which a column without an index changes often: with room on its page, such a change touches no index."""
_ALWAYS_CHANGING = {"fillfactor": "50", "autovacuum_vacuum_scale_factor": "0", "autovacuum_vacuum_threshold": "500"}
"""Few rows that are written with every call."""
STORAGE = {
    **dict.fromkeys(("ad_insights", "ad_breakdowns", "ad_reach", "instagram_insights", "api_calls"), _GROWING),
    **dict.fromkeys(("facebook_page_insights", "facebook_posts", "instagram_posts"), _GROWING),
    **dict.fromkeys(("coverage", "collection_places"), _REFRESHED),
    **dict.fromkeys(("governor_ledger", "workers"), _ALWAYS_CHANGING),
}
"""Table -> its storage parameters in PostgreSQL."""


def upgrade() -> None:
    """Change the indexes; set the storage parameters."""
    for table in _FOUND_BY_THE_UNIQUE_KEY:
        op.drop_index(op.f(f"ix_{table}_ad_id"), table)
    for table in _BY_ACCOUNT_AND_DAY:
        op.create_index(op.f(f"ix_{table}_ad_account_id_day"), table, ["ad_account_id", "day"])
        op.drop_index(op.f(f"ix_{table}_ad_account_id"), table)
    op.create_index(op.f("ix_workflow_runs_ended_at"), "workflow_runs", ["ended_at"])
    if op.get_bind().dialect.name == "postgresql":
        for table, parameters in STORAGE.items():
            told = ", ".join(f"{name} = {value}" for name, value in parameters.items())
            op.execute(f"ALTER TABLE {table} SET ({told})")


def downgrade() -> None:
    """As it was."""
    if op.get_bind().dialect.name == "postgresql":
        for table, parameters in STORAGE.items():
            op.execute(f"ALTER TABLE {table} RESET ({', '.join(parameters)})")
    op.drop_index(op.f("ix_workflow_runs_ended_at"), "workflow_runs")
    for table in _BY_ACCOUNT_AND_DAY:
        op.create_index(op.f(f"ix_{table}_ad_account_id"), table, ["ad_account_id"])
        op.drop_index(op.f(f"ix_{table}_ad_account_id_day"), table)
    for table in _FOUND_BY_THE_UNIQUE_KEY:
        op.create_index(op.f(f"ix_{table}_ad_id"), table, ["ad_id"])
