"""What people write at collected rows stays, whatever is read of those rows afterwards."""

from datetime import timedelta

from sqlalchemy import update
from tests.integration.collection.checks import connected, rows
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode
from tests.meta_sandbox import MetaSandbox

from freehold.node import competitors
from freehold.node.store import tables
from freehold.sandbox.meta.world.people import page_id

REREAD = {
    tables.instagram_posts: "caption",
    tables.facebook_posts: "message",
    tables.ad_campaigns: "name",
    tables.ad_sets: "name",
    tables.ads: "name",
    tables.competitor_ads: "page_name",
}
"""Table with notes -> a column that the next collection reads anew."""


async def test_a_reading_keeps_the_notes(make_node: MakeNode, meta: MetaSandbox, database_url: str) -> None:
    """Every row that has a note is written anew a week later, and its note is what people wrote."""
    opened = await connected(make_node, meta, database_url=database_url)
    await competitors.add(opened.node, "page", page_id(1), [], "mara")
    await collect(opened.node)
    async with opened.node.database.writing() as session:
        for table, column in REREAD.items():
            await session.execute(update(table).values({"note": "ours", column: "old"}))
    noted = {table.name: len(await rows(opened, table)) for table in REREAD}

    meta.clock.advance(timedelta(days=8))
    await collect(opened.node)

    assert min(noted.values()) > 0
    for table, column in REREAD.items():
        found = await rows(opened, table)
        assert sum(row["note"] == "ours" for row in found) == noted[table.name], table.name
        assert any(row[column] != "old" for row in found if row["note"] == "ours"), table.name
