"""Hours of posts are those of one time zone, whoever asks and whichever tool answers."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.conftest import Serve
from tests.integration.conftest import MakeNode
from tests.integration.mcp.conftest import MakeTools, Tools, collected_insights
from tests.integration.mcp.test_insights_pages import published
from tests.integration.mcp.week import FIRST, WEEK
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


async def test_a_pages_hours_are_those_of_the_clock_that_instagrams_have(in_tokyo: Tools) -> None:
    """While its days stay those of Meta; the answer names both, and so does the title of a chart the clock."""
    listed = [
        (post, datetime.fromisoformat(post["created_time"]).astimezone(ZoneInfo(CHOSEN)))
        for post in await published(in_tokyo)
        if post["day"] >= FIRST
    ]
    for dimension, told_as in {"hour": "%H", "weekday": "%A"}.items():
        told = await in_tokyo.ask("query_metrics", metrics=["page_posts"], period=WEEK, dimensions=[dimension])
        counted = {row["dimensions"][dimension]: row["values"]["page_posts"] for row in told["rows"]}
        assert counted == Counter(at.strftime(told_as) for _, at in listed)
        assert (told["evidence"]["time_zone"], told["evidence"]["clock"]) == ("America/Los_Angeles", CHOSEN)
        asked = {"metric": "page_posts", "period": WEEK, "grain": "total", "dimension": dimension}
        assert f"Page posts by {dimension} ({CHOSEN}): " in (await in_tokyo.ask("draw_chart", **asked))["image"]["alt"]
    by_day = await in_tokyo.ask("query_metrics", metrics=["page_posts"], period=WEEK, grain="day")
    days = {row["since"]: row["values"]["page_posts"] for row in by_day["rows"]}
    assert days == Counter(str(post["day"]) for post, _ in listed)
