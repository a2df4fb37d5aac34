"""The tools over standard input and output, by a client that starts the program."""

import os
import sys
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from tests.integration.mcp.conftest import Tools
from tests.meta_sandbox import CERAMICS_ADS

from freehold.node.access.tables import access_log


def desktop(ads: Tools, **environment: str) -> StdioServerParameters:
    """The program as a desktop client has it in its settings."""
    data = str(ads.stage.node.settings.data_dir)
    words = ["-m", "freehold.cli", "mcp", "meta-ads", "--data", data]
    return StdioServerParameters(command=sys.executable, args=words, env={**os.environ, **environment})


async def called(ads: Tools) -> list[Any]:
    """The rows of the access log of calls that came over standard input."""
    return [row for row in await ads.stage.rows(access_log) if row["address"] == "stdio"]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_desktop_client_starts_the_service(ads: Tools, mode: str) -> None:
    """It sees the tools that read and calls them; nothing else comes out of the program's output."""
    async with Client(desktop(ads), mode=mode) as client:
        listed = await client.list_tools()
        result = await client.call_tool("get_ad_accounts", {})
    assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in listed.tools)
    assert [each["id"] for each in result.structured_content["accounts"]] == [CERAMICS_ADS]
    (row,) = await called(ads)
    assert (row["listener"], row["method"], row["tool"], row["status"]) == ("meta_ads", "STDIO", "get_ad_accounts", 200)
    assert (row["path"], row["address"], row["caller"]) == ("/tools/get_ad_accounts", "stdio", "stdio")


async def test_a_program_is_held_to_the_same_limit(ads: Tools) -> None:
    """What is one too many is told as over HTTP, and written down with its status."""
    limit = {"FREEHOLD_NODE_TOOL_CALLS_PER_MINUTE": "2"}
    async with Client(desktop(ads, **limit)) as client:
        results = [await client.call_tool("get_ad_accounts", {}) for _ in range(3)]
    told = (results[2].meta or {})["freehold/error"]
    assert [result.is_error for result in results] == [False, False, True]
    assert told["code"] == "too_many_requests"
    assert told["wait_seconds"] >= 1
    assert [row["status"] for row in await called(ads)] == [200, 200, 429]
