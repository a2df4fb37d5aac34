"""The comparison with the peer's tools leaves nothing out."""

import re

import pytest
from pydantic import ValidationError
from scripts.instagram_peers import PEERS
from scripts.peer_tools import PEER
from scripts.tool_pages import instagram_page, not_taken, page, unexplained

from freehold.node.mcp.instagram.tools import INSTAGRAM
from freehold.node.mcp.meta_ads.tools import META_ADS
from freehold.node.mcp.tool import Tool

ALIKE = [pytest.param(tool, id=tool.name) for tool in META_ADS.tools if tool.name in PEER]


def test_every_argument_of_theirs_is_taken_or_explained() -> None:
    """Of each tool with a namesake; and each other tool of theirs has an explanation."""
    assert len(ALIKE) == 37
    assert not list(unexplained())
    assert "| `create_ad` | account_id, name, adset_id, creative_id, status, tracking_specs | bid_amount: " in page()


@pytest.mark.parametrize("tool", ALIKE)
def test_what_is_not_taken_is_refused_with_what_to_do_instead(tool: Tool) -> None:
    """By name, in the message that a caller reads; and no tool takes a token."""
    for name, hint in not_taken(tool, [*PEER[tool.name].split(), "access_token"]).items():
        with pytest.raises(ValidationError, match=f"{name} is not taken: ") as refused:
            tool.arguments.model_validate({name: "secret-value"})
        told = str(refused.value.errors(include_input=False)[0]["msg"])
        assert hint in told
        assert "secret-value" not in told


def test_every_tool_of_the_servers_for_instagram_is_here_or_explained() -> None:
    """What is said to take a tool's place is a tool, and the first servers have no name that is not here."""
    ours, text = {tool.name for tool in INSTAGRAM.tools}, instagram_page()
    first, *_ = PEERS

    assert set(first.tools) <= ours
    for peer in PEERS:
        for name in peer.tools:
            assert f"| `{name}` | " in text
            assert (name in peer.instead) is (name not in ours)
        named = {each for told in peer.instead.values() for each in re.findall("`([a-z_]+)`", told)}
        assert named - {"format"} <= ours
    for tool, name in (("get_account_insights", "timeframe"), ("get_media_insights", "period")):
        arguments = next(each.arguments for each in INSTAGRAM.tools if each.name == tool)
        with pytest.raises(ValidationError, match=f"{name} is not taken: "):
            arguments.model_validate({name: "this_month"})
