"""A node whose tools are served, a real client of the protocol, and plain REST calls."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import httpx2
import jsonschema
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, FULL_ACCESS
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode
from tests.integration.node.conftest import CERAMICS_ASSETS, Answer, Stage, call
from tests.meta_sandbox import MetaSandbox

from freehold.node.access import Scope, create_key
from freehold.node.app import create_app
from freehold.node.mcp.protocol import described
from freehold.node.mcp.registry import SERVICES

FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checks("date-time", raises=ValueError)(lambda value: datetime.fromisoformat(value).tzinfo is not None)
FORMATS.checks("date", raises=ValueError)(lambda value: bool(date.fromisoformat(value)))


@dataclass(frozen=True)
class Tools:
    """A service of tools on a node, and a key for it."""

    stage: Stage
    url: str
    key: str
    name: str = "meta_ads"

    @asynccontextmanager
    async def client(self, *, path: str = "/mcp", key: str | None = None, mode: str = "auto") -> AsyncIterator[Client]:
        """A client of the official SDK, connected with a key."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            Client(streamable_http_client(self.url + path, http_client=http), mode=mode) as client,
        ):
            yield client

    async def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What a tool answers over the protocol; it must not be an error."""
        result = await self.result(tool, **arguments)
        assert not result.is_error, result.content
        found: dict[str, Any] = result.structured_content
        self.fits(tool, found)
        return found

    async def result(self, tool: str, **arguments: Any) -> CallToolResult:
        """The result of a call over the protocol."""
        async with self.client(path="/mcp/all") as client:
            return await client.call_tool(tool, arguments)

    async def error(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The error that a tool answers over the protocol."""
        result = await self.result(tool, **arguments)
        assert result.is_error
        assert result.structured_content is None
        told: dict[str, Any] = (result.meta or {})["freehold/error"]
        return told

    async def rest(self, tool: str, **arguments: Any) -> Answer:
        """The answer of a tool's REST endpoint."""
        answer = await call("POST", f"{self.url}/tools/{tool}", key=self.key, json=arguments)
        if answer.status == 200:
            self.fits(tool, answer.body)
        return answer

    def fits(self, tool: str, answer: dict[str, Any]) -> None:
        """Raise unless an answer is of the schema that the tool shows, without any member that it does not name."""
        (shown,) = [described(each) for each in SERVICES[self.name].tools if each.name == tool]
        assert shown.output_schema is not None
        jsonschema.validate(answer, closed(shown.output_schema), format_checker=FORMATS)

    async def both(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What a tool answers, which has to be the same over the protocol and over REST."""
        over_rest = await self.rest(tool, **arguments)
        assert over_rest.status == 200, over_rest.text
        told = await self.ask(tool, **arguments)
        hidden = {"next_cursor"}
        assert without(told, hidden) == without(over_rest.body, hidden)
        return told

    async def other_key(self, *scopes: Scope, **chosen: Any) -> str:
        """One more key of the node."""
        node = self.stage.node
        async with node.database.writing() as session:
            return (await create_key(session, "other", scopes, node.clock.now(), **chosen)).secret


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that refuses what it does not name, wherever it names members."""
    found = {
        key: {name: closed(each) for name, each in value.items()}
        if key == "properties"
        else closed(value)
        if isinstance(value, dict)
        else [closed(each) if isinstance(each, dict) else each for each in value]
        if key in {"anyOf", "oneOf", "allOf", "prefixItems"}
        else value
        for key, value in schema.items()
    }
    return {"additionalProperties": False, **found} if "properties" in schema else found


def without(value: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """An answer without some of its members."""
    return {name: each for name, each in value.items() if name not in names}


async def tools_of(
    make_node: MakeNode, meta: MetaSandbox, serve: Serve, name: str, *scopes: Scope, **chosen: Any
) -> Tools:
    """A served service on a new node with these settings, and a key with these scopes (`tools:read` without any)."""
    opened = await make_node(**{"graph_url": meta.url, "clock": meta.clock, **chosen})
    stage = Stage(opened, "", meta)
    url = await serve(create_app(opened.node, SERVICES[name].listener))
    return Tools(stage, url, await stage.key(*(scopes or ("tools:read",))), name)


MakeTools = Callable[..., Awaitable[Tools]]


@pytest.fixture
def make_tools(make_node: MakeNode, meta: MetaSandbox, serve: Serve) -> MakeTools:
    """A maker of served services; takes a listener's name, scopes and a node's settings."""

    async def make(name: str = "meta_ads", *scopes: Scope, **chosen: Any) -> Tools:
        return await tools_of(make_node, meta, serve, name, *scopes, **chosen)

    return make


@pytest.fixture
async def ads(make_tools: MakeTools) -> Tools:
    """Meta Ads over a node whose client is connected, with a key that reads."""
    tools = await make_tools("meta_ads")
    await tools.stage.connect()
    return tools


@pytest.fixture
async def insights(make_node: MakeNode, serve: Serve, database_url: str) -> Tools:
    """Insights over a node that holds two weeks of the ceramics company, on both databases."""
    return await collected_insights(make_node, serve, database_url=database_url)


async def collected_insights(make_node: MakeNode, serve: Serve, **chosen: Any) -> Tools:
    """Insights over a new node that holds two weeks of the ceramics company."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    tools = await tools_of(make_node, meta, serve, "insights", **AMPLE, **chosen)
    await tools.stage.connect(assets=CERAMICS_ASSETS)
    run = await collect(tools.stage.node, 14)
    assert not run.failures
    return tools
