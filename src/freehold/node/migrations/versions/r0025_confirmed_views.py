"""Wide views tell only of what a person ticked, as the tools do, and posts without stories, as the metric does."""

from alembic import op

from freehold.node.migrations.versions.r0019_wide_views import VIEWS

revision = "0025"
down_revision = "0024"

_CONFIRMED = "IN (SELECT asset_id FROM connected_assets WHERE confirmed_at IS NOT NULL)"

KEPT = {
    "bi_account_days": f"v.account_id {_CONFIRMED}",
    "bi_posts": f"v.product_type <> 'STORY' AND v.account_id {_CONFIRMED}",
    "bi_ad_days": f"v.ad_account_id {_CONFIRMED}",
    "bi_campaign_days": f"v.ad_account_id {_CONFIRMED}",
    "bi_page_days": f"v.page_id {_CONFIRMED}",
    "bi_audience": f"v.account_id {_CONFIRMED}",
    "bi_recommendations": f"(v.account_id = '' OR v.account_id {_CONFIRMED})",
}
"""View -> which of its rows stay."""


def upgrade() -> None:
    """Leave the rest out."""
    for name, kept in KEPT.items():
        _replace(name, f"SELECT v.* FROM ({VIEWS[name]}) v WHERE {kept}")


def downgrade() -> None:
    """Tell everything again."""
    for name in KEPT:
        _replace(name, VIEWS[name])


def _replace(name: str, query: str) -> None:
    """PostgreSQL's roles keep their right to a view that is replaced; SQLite has neither roles nor replacing."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
        return
    op.execute(f"DROP VIEW {name}")
    op.execute(f"CREATE VIEW {name} AS {query}")
