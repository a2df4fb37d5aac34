"""Who is let in to the tools, by which name, and what a key that is let in sees."""

import io
from datetime import timedelta

import pytest
from mcp import MCPError
from tests.integration.mcp.conftest import MakeTools, Tools
from tests.integration.node.conftest import call, eventually
from tests.meta_sandbox import CERAMICS_ADS, CERAMICS_PAGE

from freehold.node.access.tables import access_log, security_events


@pytest.mark.parametrize("mode", ["2025-11-25", "2026-07-28"])
async def test_both_generations_of_clients_are_served(ads: Tools, mode: str) -> None:
    """One endpoint speaks with clients that shake hands and with those that do not."""
    async with ads.client(mode="legacy" if mode == "2025-11-25" else mode) as client:
        assert client.protocol_version == mode
        result = await client.call_tool("get_ad_accounts", {})
    assert [each["id"] for each in result.structured_content["accounts"]] == [CERAMICS_ADS]


async def test_without_a_key_a_client_is_told_where_to_read_about_keys(ads: Tools) -> None:
    """401, with the address of the metadata, which names the resource and tells no secret."""
    for path, method in (("/mcp", "POST"), ("/tools", "GET"), ("/tools/get_ad_accounts", "POST")):
        refused = await call(method, ads.url + path, json={} if method == "POST" else None)
        assert refused.refusal == (401, "key_missing")
        challenge = refused.headers["WWW-Authenticate"]
        assert challenge == f'Bearer resource_metadata="{ads.url}/.well-known/oauth-protected-resource/mcp"'
    metadata = await call("GET", challenge.partition('"')[2].rstrip('"'))
    assert metadata.body["resource"] == f"{ads.url}/mcp"
    assert metadata.body["bearer_methods_supported"] == ["header"]


async def test_a_key_without_a_scope_for_tools_is_refused(ads: Tools) -> None:
    """403 `insufficient_scope`, with the scope that is needed; the refusal is a security event."""
    key = await ads.other_key("workflows", "credentials:read")
    refused = await call("POST", f"{ads.url}/mcp", key=key, json={})
    assert refused.refusal == (403, "scope_missing")
    assert 'error="insufficient_scope", scope="tools:read"' in refused.headers["WWW-Authenticate"]
    assert [row["kind"] for row in await ads.stage.rows(security_events)] == ["scope_missing"]


async def test_a_key_ends_when_it_was_to(ads: Tools) -> None:
    """A key with an expiry is good until then, and not a second longer."""
    key = await ads.other_key("tools:read", expires_at=ads.stage.clock.now() + timedelta(days=1))
    assert (await call("GET", f"{ads.url}/tools", key=key)).status == 200
    ads.stage.clock.advance(timedelta(days=1))
    assert (await call("GET", f"{ads.url}/tools", key=key)).refusal == (401, "key_unknown")


async def test_the_key_is_asked_for_before_anything_is_read(ads: Tools) -> None:
    """A stranger learns nothing of what is wrong with what they sent, nor which tools there are."""
    for path in ("/tools/get_ad_accounts", "/tools/no_such_tool", "/mcp", "/mcp/no-such-set"):
        refused = await call("POST", ads.url + path, data="{", headers={"Content-Type": "application/json"})
        assert refused.refusal == (401, "key_missing")


async def test_the_endpoint_takes_post_alone(ads: Tools) -> None:
    """There is no stream to listen to and no session to end."""
    for method in ("GET", "DELETE"):
        refused = await call(method, f"{ads.url}/mcp", key=ads.key)
        assert refused.refusal == (405, "method_not_allowed")
        assert refused.headers["Allow"] == "POST"


async def test_a_key_in_the_address_is_no_key(ads: Tools) -> None:
    """A key is taken from the headers alone: addresses are written down by everybody."""
    refused = await call("GET", f"{ads.url}/tools?access_token={ads.key}&api_key={ads.key}")
    assert refused.refusal == (401, "key_missing")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:3004", "127.0.0.1.evil.example", "localhost.", "node"])
async def test_another_name_leads_nowhere(ads: Tools, host: str) -> None:
    """A browser that was led to this machine by a name of others is sent away, whatever key it has."""
    for path in ("/mcp", "/tools", "/openapi.json"):
        refused = await call("GET", ads.url + path, key=ads.key, headers={"Host": host})
        assert refused.refusal == (421, "host_unknown")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "https://localhost"]
)
async def test_a_page_of_others_may_not_call(ads: Tools, origin: str) -> None:
    """Nor a page that holds a key."""
    refused = await call("GET", f"{ads.url}/tools", key=ads.key, headers={"Origin": origin})
    assert refused.refusal == (403, "origin_refused")


async def test_names_and_origins_can_be_added(make_tools: MakeTools) -> None:
    """By settings: a name with its port or for any port, and origins."""
    tools = await make_tools(tool_hosts=("node", "proxy:443"), tool_origins=("https://chat.example",))
    for host, status in (("node:3004", 200), ("NODE", 200), ("proxy:443", 200), ("proxy:80", 421), ("proxy", 421)):
        assert (await call("GET", f"{tools.url}/tools", key=tools.key, headers={"Host": host})).status == status
    for origin in ("https://chat.example", "http://localhost:6274"):
        assert (await call("GET", f"{tools.url}/tools", key=tools.key, headers={"Origin": origin})).status == 200


async def test_too_many_requests_have_to_wait(make_tools: MakeTools) -> None:
    """Counted for each key; another key is not held up."""
    tools = await make_tools(tool_calls_per_minute=3)
    answers = [await call("GET", f"{tools.url}/tools", key=tools.key) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert int(answers[3].headers["Retry-After"]) >= 1
    assert (await call("GET", f"{tools.url}/tools", key=await tools.other_key("tools:read"))).status == 200


async def test_every_request_is_written_down(ads: Tools, lines: io.StringIO) -> None:
    """In the access log with the key's name; which tool it was, in the log, under the same request."""
    await ads.rest("get_ad_accounts")
    await ads.ask("get_ad_accounts")
    assert lines.getvalue().count('"tool": "get_ad_accounts"') == 2

    async def written() -> bool:
        return len([row for row in await ads.stage.rows(access_log) if row["listener"] == "meta_ads"]) >= 3

    await eventually(written)
    rows = [row for row in await ads.stage.rows(access_log) if row["listener"] == "meta_ads"]
    assert {row["path"] for row in rows} == {"/tools/get_ad_accounts", "/mcp/all"}
    assert {row["caller"] for row in rows} == {"tester"}


async def test_a_key_for_some_assets_sees_no_other(ads: Tools) -> None:
    """Neither in lists, nor by name, over both interfaces."""
    key = await ads.other_key("tools:read", assets=[CERAMICS_PAGE])
    listed = await call("POST", f"{ads.url}/tools/get_ad_accounts", key=key, json={})
    assert listed.body["accounts"] == []
    for named in ({"account_id": CERAMICS_ADS}, {}):
        refused = await call("POST", f"{ads.url}/tools/get_account_info", key=key, json=named)
        assert refused.status in {403, 404}
    assert not ads.stage.meta.sandbox.calls


async def test_a_tool_that_is_not_there_is_unknown(ads: Tools) -> None:
    """As is one that the key has no scope for: a protocol error, and no hint that it exists."""
    async with ads.client() as client:
        with pytest.raises(MCPError, match="Unknown tool"):
            await client.call_tool("no_such_tool", {})


async def test_a_body_that_is_too_large_is_refused(ads: Tools) -> None:
    """Before it is read."""
    large = io.BytesIO(b"x" * (9 * 1024 * 1024))
    refused = await call(
        "POST", f"{ads.url}/mcp", key=ads.key, data=large, headers={"Content-Type": "application/json"}
    )
    assert refused.refusal == (413, "body_too_large")
