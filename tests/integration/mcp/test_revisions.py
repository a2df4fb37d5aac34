"""What a client of each revision of the protocol is answered, by plain HTTP as it would send it."""

from typing import Any

import pytest
from tests.integration.mcp.conftest import MakeTools, Tools
from tests.integration.node.conftest import Answer, call

LEGACY = ("2025-03-26", "2025-06-18", "2025-11-25")
FIRST = {"meta_ads": "get_ad_accounts", "instagram": "list_accounts"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(params=FIRST)
async def tools(request: pytest.FixtureRequest, make_tools: MakeTools) -> Tools:
    """Each of the services, over a node whose client is connected."""
    made = await make_tools(request.param)
    await made.stage.connect()
    return made


async def send(tools: Tools, method: str, params: dict[str, Any], **headers: str) -> Answer:
    """One message as a POST of its own."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await call("POST", f"{tools.url}/mcp", key=tools.key, json=body, headers={**ACCEPT, **named})


def envelope(version: str) -> dict[str, Any]:
    """What each request of the newest revision says of its sender."""
    told = {"protocolVersion": version, "clientCapabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    return {f"io.modelcontextprotocol/{name}": value for name, value in told.items()}


@pytest.mark.parametrize("version", LEGACY)
async def test_a_client_that_shakes_hands_is_answered_in_its_revision(tools: Tools, version: str) -> None:
    """Without a session: what is listed and called next needs no other header than the revision's own."""
    hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    greeted = await send(tools, "initialize", hello)
    # The first of these revisions has no such header; its clients send none.
    told = {} if version == "2025-03-26" else {"MCP_Protocol_Version": version}
    listed = await send(tools, "tools/list", {}, **told)
    called = await send(tools, "tools/call", {"name": FIRST[tools.name], "arguments": {}}, **told)

    assert greeted.body["result"]["protocolVersion"] == version
    assert "Mcp-Session-Id" not in greeted.headers
    assert FIRST[tools.name] in {tool["name"] for tool in listed.body["result"]["tools"]}
    assert called.body["result"]["structuredContent"]["accounts"]
    assert not called.body["result"].get("isError")


async def test_a_client_that_does_not_is_answered_too(tools: Tools) -> None:
    """In the newest revision each request says for itself which it is, in its headers and in its body."""
    version = "2026-07-28"

    async def ask(method: str, **params: Any) -> dict[str, Any]:
        named = {"Mcp_Name": params["name"]} if "name" in params else {}
        headers = {"MCP_Protocol_Version": version, "Mcp_Method": method, **named}
        answer = await send(tools, method, {**params, "_meta": envelope(version)}, **headers)
        assert answer.status == 200, answer.text
        result: dict[str, Any] = answer.body["result"]
        return result

    assert version in (await ask("server/discover"))["supportedVersions"]
    assert FIRST[tools.name] in {tool["name"] for tool in (await ask("tools/list"))["tools"]}
    assert (await ask("tools/call", name=FIRST[tools.name], arguments={}))["structuredContent"]["accounts"]


async def test_an_unknown_revision_is_refused(tools: Tools) -> None:
    """By the number that the protocol has for it, and with what a client may go on with."""
    headers = {"MCP_Protocol_Version": "2099-01-01", "Mcp_Method": "tools/list"}
    refused = await send(tools, "tools/list", {"_meta": envelope("2099-01-01")}, **headers)
    assert refused.body["error"]["data"]["supported"] == ["2026-07-28"], "of those that need no handshake"
    assert (refused.status, refused.body["error"]["code"]) == (400, -32022), refused.text
