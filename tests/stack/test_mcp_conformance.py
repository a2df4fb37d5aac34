"""The official conformance suite and inspector against both services of tools, with keys asked for.

The suite sends no key of its own, so a proxy on loopback adds one to each request and changes nothing else.
"""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.conftest import Serve
from tests.integration.conftest import MakeNode, make_node, meta
from tests.integration.mcp.conftest import Tools, tools_of
from tests.meta_sandbox import MetaSandbox
from tests.stack import npm
from tests.stack.conftest import missing
from tests.stack.npm import InstallError

from freehold.node.mcp.registry import SERVICES

__all__ = ["make_node", "meta"]

HOP_BY_HOP = frozenset({"connection", "content-length", "content-encoding", "transfer-encoding", "keep-alive"})


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder with `conformance` and `mcp-inspector`."""
    try:
        return npm.installed("mcp") / "node_modules" / ".bin"
    except InstallError as error:
        missing(str(error))


@pytest.fixture(params=["meta_ads", "instagram"])
async def tools(request: pytest.FixtureRequest, make_node: MakeNode, meta: MetaSandbox, serve: Serve) -> Tools:
    """A service whose client is connected."""
    served = await tools_of(make_node, meta, serve, request.param)
    await served.stage.connect()
    return served


@pytest.fixture
async def proxied(tools: Tools, serve: Serve) -> AsyncIterator[str]:
    """The service's protocol endpoint behind a proxy that adds the key."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def forward(request: Request) -> Response:
            sent = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP}
            sent["authorization"] = f"Bearer {tools.key}"
            body = await request.body()
            async with session.request(
                request.method, tools.url + request.url.path, headers=sent, data=body or None
            ) as answer:
                told = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
                return Response(await answer.read(), answer.status, told)

        methods = ["GET", "POST", "DELETE", "PUT", "OPTIONS"]
        yield f"{await serve(Starlette(routes=[Route('/{path:path}', forward, methods=methods)]))}/mcp"


async def run(programs: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one of the programs to its end, on the pinned Node."""
    environment = {**os.environ, "PATH": f"{npm.node_programs()}:{os.environ['PATH']}"}

    def go() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [programs / words[0], *words[1:]], env=environment, check=False, capture_output=True, text=True, timeout=120
        )

    return await asyncio.to_thread(go)


FIXTURE = "needs a tool, prompt or resource of the suite's own, which is no part of a service that people use"
OFFERED_NOT = "needs a feature that is not offered: completion, logging, subscriptions or asking the client"
EXCEPTIONS = {
    **dict.fromkeys(
        (
            "tools-call-simple-text", "tools-call-image", "tools-call-audio", "tools-call-embedded-resource",
            "tools-call-mixed-content", "tools-call-error", "tools-call-with-progress", "tools-call-with-logging",
            "tools-call-sampling", "tools-call-elicitation", "json-schema-2020-12", "resources-read-text",
            "resources-read-binary", "resources-templates-read", "prompts-get-simple", "prompts-get-with-args",
            "prompts-get-embedded-resource", "prompts-get-with-image", "http-custom-header-server-validation",
            "elicitation-sep1034-defaults", "elicitation-sep1330-enums",
            "input-required-result-basic-elicitation", "input-required-result-basic-sampling",
            "input-required-result-basic-list-roots", "input-required-result-request-state",
            "input-required-result-multiple-input-requests", "input-required-result-multi-round",
            "input-required-result-non-tool-request", "input-required-result-result-type",
            "input-required-result-tampered-state", "input-required-result-capability-check",
        ),
        FIXTURE,
    ),
    **dict.fromkeys(
        ("completion-complete", "logging-set-level", "resources-subscribe", "resources-unsubscribe"), OFFERED_NOT
    ),
    "server-stateless": "four of its checks need tools of the suite's own, and say so; the others pass",
    "resources-list": "a service without resources fails it, although none is required",
    "prompts-list": "the same for prompts",
}  # fmt: skip
"""Scenario -> why it may fail; every other scenario of the suite has to pass."""
RESULT = re.compile(r"^(✓|✗) ([\w-]+): (\d+) passed, (\d+) failed$", re.MULTILINE)
PASSING = {
    "2026-07-28": {"tools-list", "dns-rebinding-protection", "http-header-validation", "caching"},
    "2025-11-25": {"server-initialize", "ping", "tools-list", "dns-rebinding-protection"},
}
"""What has to be among the scenarios that were run and passed."""


@pytest.mark.parametrize("version", PASSING)
async def test_the_conformance_suite_passes(proxied: str, programs: Path, version: str, tmp_path: Path) -> None:
    """Every scenario of the revision, apart from those that are named above with their reasons."""
    words = ("--url", proxied, "--spec-version", version, "--suite", "all", "--output-dir", str(tmp_path))
    done = await run(programs, "conformance", "server", *words)
    results = {name: int(failed) for _, name, _, failed in RESULT.findall(done.stdout)}
    failed = {name for name, count in results.items() if count}

    assert results, done.stdout[-3000:] + done.stderr[-3000:]
    assert failed <= EXCEPTIONS.keys(), done.stdout[-6000:]
    assert PASSING[version] <= results.keys() - failed


async def test_what_fails_of_the_stateless_scenario_could_not_be_tested(proxied: str, programs: Path) -> None:
    """Its failures are those for which it looks for tools of its own."""
    words = ("--url", proxied, "--spec-version", "2026-07-28", "--scenario", "server-stateless")
    done = await run(programs, "conformance", "server", *words)
    errors = re.findall(r"^    Error: (.+)$", done.stdout, re.MULTILINE)

    assert "21/25" in done.stdout
    assert len(errors) == 4
    assert all(error.startswith("Not testable") for error in errors)


async def test_the_inspector_lists_and_calls(tools: Tools, programs: Path) -> None:
    """The official inspector, with the key in its header, as a person would use it."""
    key = ("--transport", "http", "--header", f"Authorization: Bearer {tools.key}")
    listed = await run(programs, "mcp-inspector", "--cli", f"{tools.url}/mcp/all", *key, "--method", "tools/list")
    names = [tool["name"] for tool in json.loads(listed.stdout)["tools"]]
    assert names == [tool.name for tool in SERVICES[tools.name].tools if tool.reads_only]
    begin = names[0]
    called = await run(
        programs, "mcp-inspector", "--cli", f"{tools.url}/mcp", *key, "--method", "tools/call", "--tool-name", begin
    )
    told = json.loads(called.stdout)
    assert not told.get("isError")
    assert told["structuredContent"]["accounts"]


async def test_without_the_key_the_inspector_is_refused(tools: Tools, programs: Path) -> None:
    """The same call without the header comes to nothing."""
    words = ("--transport", "http", "--method", "tools/list")
    done = await run(programs, "mcp-inspector", "--cli", f"{tools.url}/mcp", *words)

    assert done.returncode != 0
    assert '"tools"' not in done.stdout
