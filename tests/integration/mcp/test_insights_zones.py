"""Hours of posts are those of one time zone, whoever asks and whichever tool answers."""

from dataclasses import replace
from typing import Any

import pytest
from tests.conftest import Serve
from tests.integration.conftest import MakeNode
from tests.integration.mcp.conftest import MakeTools, Tools, collected_insights
from tests.integration.mcp.week import WEEK
from tests.integration.node.conftest import CERAMICS_ASSETS
from tests.meta_sandbox import CERAMICS

CHOSEN = "Asia/Tokyo"
POSTS: dict[str, Any] = {"metrics": ["posts"], "period": WEEK, "dimensions": ["hour"]}


@pytest.fixture
async def in_tokyo(make_node: MakeNode, serve: Serve, database_url: str) -> Tools:
    """Insights of a client whose operator chose a zone for posts that no ad account has."""
    return await collected_insights(make_node, serve, database_url=database_url, posts_timezone=CHOSEN)


async def test_a_key_for_the_account_alone_has_the_hours_of_the_full_key(insights: Tools) -> None:
    """The ad accounts tell the zone, also to whoever may not ask about them."""
    limited = replace(insights, key=await insights.other_key("tools:read", assets=[CERAMICS]))
    whole, told = await insights.ask("query_metrics", **POSTS), await limited.ask("query_metrics", **POSTS)
    assert told["evidence"]["time_zone"] == "America/Los_Angeles"
    assert told["rows"] == whole["rows"]


async def test_the_zone_that_the_operator_chose_is_that_of_posts(in_tokyo: Tools) -> None:
    """And not that of the ad accounts."""
    assert (await in_tokyo.ask("query_metrics", **POSTS))["evidence"]["time_zone"] == CHOSEN


async def test_posting_times_are_told_in_the_zone_that_the_operator_chose(make_tools: MakeTools) -> None:
    """As long as the question names none."""
    tools = await make_tools("instagram", posts_timezone=CHOSEN)
    await tools.stage.connect(assets=CERAMICS_ASSETS)
    assert (await tools.ask("best_posting_times"))["time_zone"] == CHOSEN
    assert (await tools.ask("best_posting_times", time_zone="Etc/GMT-6"))["time_zone"] == "Etc/GMT-6"
