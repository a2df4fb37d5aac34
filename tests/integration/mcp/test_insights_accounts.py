"""Several accounts, one of them never read: the others lack nothing, and it is named whose days are not known."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from tests.integration.mcp.conftest import Tools
from tests.integration.mcp.week import FIRST, LAST, WEEK
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS

from freehold.node.assets.tables import connected_assets
from freehold.node.store.ads.tables import ad_campaigns

OTHER, OTHER_ADS = "17841499999999999", "act_999999999999"
OF_SOURCES = [
    ("impressions", "ad_account", CERAMICS_ADS, OTHER_ADS),
    ("account_views", "account", CERAMICS, OTHER),
    ("posts", "account", CERAMICS, OTHER),
]
"""Of each source a metric, its dimension of accounts, the account that was read, and the one that was not."""


@pytest.fixture
async def two(insights: Tools) -> Tools:
    """Insights over a node to which an account of each kind was added since it collected."""
    async with insights.stage.node.database.writing() as session:
        for mine, other in ((CERAMICS, OTHER), (CERAMICS_ADS, OTHER_ADS)):
            of = connected_assets.c
            kept = (await session.execute(select(connected_assets).where(of.asset_id == mine))).mappings().one()
            await session.execute(insert(connected_assets).values({**kept, "id": f"added:{other}", "asset_id": other}))
    return insights


@pytest.mark.parametrize(("metric", "dimension", "mine", "other"), OF_SOURCES)
async def test_days_of_another_account_are_not_missing(
    two: Tools, metric: str, dimension: str, mine: str, other: str
) -> None:
    """In what is filtered to one account; without a filter it is named whose days they are."""
    asked: dict[str, Any] = {"metrics": [metric], "period": WEEK}
    kept = await two.ask("query_metrics", **asked, filters={dimension: [mine]})
    assert (kept["complete"], kept["not_read"], kept["evidence"]["account_ids"]) == (True, [], [mine])
    every = await two.ask("query_metrics", **asked)
    assert not every["complete"]
    assert every["not_read"] == [{"since": str(FIRST), "until": str(LAST), "account_ids": [other]}]
    refused = await two.error("query_metrics", **asked, filters={dimension: ["act_1"]})
    assert refused["code"] == "asset_not_confirmed"


async def test_a_campaign_lacks_no_days_of_another_account(two: Tools) -> None:
    """What is filtered to an object is about its account alone."""
    async with two.stage.node.database.reading() as session:
        campaign = (await session.execute(select(ad_campaigns.c.campaign_id).limit(1))).scalar_one()
    kept = await two.ask("query_metrics", metrics=["impressions"], period=WEEK, filters={"campaign": [campaign]})
    assert (kept["complete"], kept["evidence"]["account_ids"]) == (True, [CERAMICS_ADS])


async def test_each_accounts_row_says_whether_it_is_complete(two: Tools) -> None:
    """A change is told of the account of which all is known, and of no other."""
    asked: dict[str, Any] = {"metrics": ["account_views"], "dimensions": ["account"], "period": WEEK}
    (row,) = (await two.ask("query_metrics", **asked))["rows"]
    assert (row["dimensions"], row["complete"]) == ({"account": CERAMICS}, True)
    compared = await two.ask("compare_periods", **asked)
    assert "change" in compared["rows"][0]["metrics"]["account_views"]
    assert (compared["complete"], compared["not_read_before"][0]["account_ids"]) == (False, [OTHER])
    drawn = await two.ask("draw_chart", metric="account_views", dimension="account", period=WEEK)
    assert all("value" in point for point in drawn["series"][0]["points"])
    ranked = await two.ask("top_posts", period=WEEK)
    assert ranked["not_read"] == [{"since": str(FIRST), "until": str(LAST), "account_ids": [OTHER]}]
    before = {"since": str(FIRST - timedelta(days=7)), "until": str(LAST - timedelta(days=7))}
    explained = await two.ask("explain_change", metric="account_views", period=WEEK, filters={"account": [CERAMICS]})
    assert (explained["complete"], explained["evidence_before"]["days"]) == (True, before)
