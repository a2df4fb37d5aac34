"""Assets that a person ticked, without a connection behind them."""

from datetime import UTC, datetime

from freehold.kernel.database import Database
from freehold.node.assets.tables import connected_assets

TICKED = datetime(2026, 1, 1, tzinfo=UTC)


async def confirm(database: Database, *asset_ids: str) -> None:
    """Tick these assets."""
    of = {"credential_id": "c", "kind": "instagram_account", "name": "", "offered_at": TICKED, "confirmed_at": TICKED}
    async with database.writing() as session:
        rows = [{**of, "id": f"c:{each}", "asset_id": each} for each in asset_ids]
        await session.execute(connected_assets.insert(), rows)
