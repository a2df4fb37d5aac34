"""Fifty questions over the protocol: each answer is what the sandbox's world says."""

import pytest
from tests.integration.mcp.conftest import Tools
from tests.integration.mcp.known_answers import fifty, wrong_answers

from freehold.node.mcp.insights.tools import INSIGHTS


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # on PostgreSQL each tool has tests of its own
async def test_every_answer_is_the_worlds(insights: Tools) -> None:
    """Each tool is asked, by one client over one connection, and none is wrong."""
    asked = fifty(insights.stage.meta.sandbox)
    assert len(asked) == 50
    assert {each.tool for each in asked} == {tool.name for tool in INSIGHTS.tools}
    key = await insights.other_key("tools:read", "tools:write")
    async with insights.client(path="/mcp/all", key=key) as client:
        assert await wrong_answers(client, asked) == []
