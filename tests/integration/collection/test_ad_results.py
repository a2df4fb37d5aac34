"""Results are what a campaign's objective is after, whenever the campaign itself comes to be known."""

from datetime import timedelta
from typing import Any

from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import oracle
from tests.integration.collection.checks import AMPLE, FULL_ACCESS, check_results, connected, rows, source
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS_ADS, MetaSandbox

from freehold.node.collection import ads
from freehold.node.collection.collect import read_streams
from freehold.node.collection.source import window
from freehold.node.store import tables
from freehold.providers.calls import Rejected, Unavailable

WITH_RESULTS = (tables.ad_insights, tables.ad_breakdowns, tables.ad_insight_restatements)


async def read(opened: OpenNode, meta: MetaSandbox, days: int) -> None:
    """A run over all streams of the ad account, whatever fails in it."""
    try:
        await read_streams(source(opened, CERAMICS_ADS), window(meta.clock.now(), days), ads.STREAMS)
    except (Rejected, Unavailable):
        return


async def with_campaigns(opened: OpenNode) -> list[dict[str, Any]]:
    """Every row that has results; those of the history with the campaigns of their ads."""
    found = {table.name: await rows(opened, table) for table in WITH_RESULTS}
    campaigns = {row["ad_id"]: row["campaign_id"] for row in found["ad_insights"]}
    assert all(found.values())
    return [row | {"campaign_id": campaigns[row["ad_id"]]} for each in found.values() for row in each]


async def test_campaigns_that_could_not_be_read_at_first(make_node: MakeNode, serve: Serve, database_url: str) -> None:
    """Days, parts and history that were read before them have their results as soon as they are listed."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    opened = await connected(make_node, meta, database_url=database_url, **AMPLE)
    for _ in range(2):
        meta.fault("error", path=f"{CERAMICS_ADS}/campaigns", code=1, count=3)
        await read(opened, meta, 40)
        meta.clock.advance(timedelta(days=1))
    assert await rows(opened, tables.ad_campaigns) == []
    assert {row["results"] for row in await with_campaigns(opened)} == {None}
    await read(opened, meta, 40)
    made = oracle.made(oracle.plan_of(meta.sandbox, CERAMICS_ADS), meta.clock.now())
    found = await with_campaigns(opened)
    check_results(found, made.objectives)
    assert sum(row["results"] or 0 for row in found) > 0
