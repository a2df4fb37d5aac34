"""Who is let in to the tools, by which name, and what a key that is let in sees."""

import io
from datetime import timedelta

import pytest
from mcp import MCPError
from tests.integration.mcp.conftest import MakeTools, Tools
from tests.integration.node.conftest import call, eventually
from tests.meta_sandbox import CERAMICS_ADS, CERAMICS_PAGE

from freehold.node.access.tables import access_log, security_events
from freehold.node.mcp.admission import METADATA_PATH
from freehold.node.mcp.meta_ads.tools import META_ADS
from freehold.node.mcp.registry import SERVICES
from freehold.node.mcp.tool import TOOL_SCOPES


@pytest.mark.parametrize("mode", ["2025-11-25", "2026-07-28"])
async def test_both_generations_of_clients_are_served(ads: Tools, mode: str) -> None:
    """One endpoint speaks with clients that shake hands and with those that do not."""
    async with ads.client(mode="legacy" if mode == "2025-11-25" else mode) as client:
        assert client.protocol_version == mode
        result = await client.call_tool("get_ad_accounts", {})
    assert [each["id"] for each in result.structured_content["accounts"]] == [CERAMICS_ADS]


async def test_without_a_key_a_client_is_told_where_to_read_about_keys(ads: Tools) -> None:
    """401, with the address of the metadata, which names the resource and tells no secret."""
    paths = {"/mcp", "/mcp/all", *(f"/mcp/{name}" for name in META_ADS.toolsets), "/tools", "/tools/get_ad_accounts"}
    for path in sorted(paths):
        method = "GET" if path == "/tools" else "POST"
        refused = await call(method, ads.url + path, json={} if method == "POST" else None)
        assert refused.refusal == (401, "key_missing")
        challenge = refused.headers["WWW-Authenticate"]
        assert challenge == f'Bearer resource_metadata="{ads.url}/.well-known/oauth-protected-resource{path}"'
        metadata = await call("GET", challenge.partition('"')[2].rstrip('"'))
        assert metadata.body["resource"] == ads.url + path, "RFC 9728 has a client compare it with what it asked for"
        assert metadata.body["bearer_methods_supported"] == ["header"]


async def test_there_is_no_metadata_of_what_is_not_there(ads: Tools) -> None:
    """Nor is a path that somebody made up told again; its refusal names the service's first endpoint."""
    for path in ("/mcp/no-such-set", "/tools/no_such_tool", "/mcp/all/x", "/x"):
        asked = await call("GET", f"{ads.url}/.well-known/oauth-protected-resource{path}")
        assert asked.refusal == (404, "not_found")
    refused = await call("POST", f'{ads.url}/mcp/no"such', json={})
    assert refused.headers["WWW-Authenticate"].endswith('/.well-known/oauth-protected-resource/mcp"')


async def test_a_key_that_is_not_good_is_told_so(ads: Tools) -> None:
    """As RFC 6750 has it; without any key there is nothing to tell."""
    refused = await call("POST", f"{ads.url}/mcp", key="fhnode_" + "x" * 43, json={})
    assert refused.refusal == (401, "key_unknown")
    assert refused.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token", resource_metadata="')


async def test_a_key_without_a_scope_for_tools_is_refused(ads: Tools) -> None:
    """403 `insufficient_scope`, with the scope that is needed; the refusal is a security event."""
    key = await ads.other_key("workflows", "credentials:read")
    refused = await call("POST", f"{ads.url}/mcp", key=key, json={})
    assert refused.refusal == (403, "scope_missing")
    challenge = refused.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer error="insufficient_scope", error_description="scope_missing: ')
    assert challenge.endswith(f'scope="tools:read", resource_metadata="{ads.url}{METADATA_PATH}/mcp"')
    assert [row["kind"] for row in await ads.stage.rows(security_events)] == ["scope_missing"]


@pytest.mark.parametrize("service", SERVICES)
async def test_each_tool_wants_its_own_scope(make_tools: MakeTools, service: str) -> None:
    """Over REST, before a body is read; over the protocol a tool is listed for the keys that may call it alone."""
    tools, names = await make_tools(service), {tool.name: tool.scope for tool in SERVICES[service].tools}
    for scope in TOOL_SCOPES:
        key = await tools.other_key(scope)
        body = {"data": "{", "headers": {"Content-Type": "application/json"}}
        for name, wanted in names.items():
            refused = await call("POST", f"{tools.url}/tools/{name}", key=key, **body)
            assert refused.refusal == ((422, "invalid_request") if wanted == scope else (403, "scope_missing")), name
        async with tools.client(path="/mcp/all", key=key) as client:
            listed = {tool.name for tool in (await client.list_tools()).tools}
        assert listed == {name for name, wanted in names.items() if wanted == scope}


async def test_a_scope_that_one_tool_needs_is_named(ads: Tools) -> None:
    """Over REST, where the tool is in the address; over the protocol the tool is not there."""
    refused = await call("POST", f"{ads.url}/tools/pause_everything", key=ads.key, json={})
    assert refused.refusal == (403, "scope_missing")
    assert 'scope="tools:write", resource_metadata=' in refused.headers["WWW-Authenticate"]
    assert refused.headers["WWW-Authenticate"].endswith(f'{METADATA_PATH}/tools/pause_everything"')


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
    called = [row["path"] for row in rows if row["tool"] == "get_ad_accounts"]
    assert sorted(called) == ["/mcp/all", "/tools/get_ad_accounts"], "not what only lists tools"


async def test_a_name_that_no_tool_has_is_not_written_down(ads: Tools) -> None:
    """The access log holds names of tools, and nothing that a caller made up."""
    async with ads.client() as client:
        with pytest.raises(MCPError, match="Unknown tool"):
            await client.call_tool("planted-name", {})

    async def written() -> bool:
        return len(await ads.stage.rows(access_log)) >= 2

    await eventually(written)
    assert "planted-name" not in str(await ads.stage.rows(access_log))


async def test_a_list_has_no_page_that_was_not_offered(ads: Tools) -> None:
    """Lists come whole; a cursor that nobody was given is refused, and is no beginning anew."""
    async with ads.client() as client:
        with pytest.raises(MCPError, match="cursor"):
            await client.list_tools(cursor="made-up")


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
