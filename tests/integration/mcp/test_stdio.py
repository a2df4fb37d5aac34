"""The tools over standard input and output, by a client that starts the program."""

import os
import sys

import pytest
from mcp import Client, StdioServerParameters
from tests.integration.mcp.conftest import Tools
from tests.meta_sandbox import CERAMICS_ADS


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_desktop_client_starts_the_service(ads: Tools, mode: str) -> None:
    """It sees the tools that read and calls them; nothing else comes out of the program's output."""
    data = str(ads.stage.node.settings.data_dir)
    words = ["-m", "freehold.cli", "mcp", "meta-ads", "--data", data]
    program = StdioServerParameters(command=sys.executable, args=words, env=dict(os.environ))
    async with Client(program, mode=mode) as client:
        listed = await client.list_tools()
        result = await client.call_tool("get_ad_accounts", {})
    assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in listed.tools)
    assert [each["id"] for each in result.structured_content["accounts"]] == [CERAMICS_ADS]
