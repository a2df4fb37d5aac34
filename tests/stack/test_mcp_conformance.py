"""The official conformance suite and inspector against all services of tools, with keys asked for.

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

FIRST_ANSWERS = {"meta_ads": "accounts", "instagram": "accounts", "insights": "metrics"}
"""Each service, and what its first tool answers with."""
HOP_BY_HOP = frozenset({"connection", "content-length", "content-encoding", "transfer-encoding", "keep-alive"})


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder with `conformance` and `mcp-inspector`."""
    try:
        return npm.installed("mcp") / "node_modules" / ".bin"
    except InstallError as error:
        missing(str(error))


@pytest.fixture(params=list(FIRST_ANSWERS))
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


DOCUMENT = Path(__file__).parents[2] / "docs" / "guides" / "mcp-conformance.md"
RESULT = re.compile(r"^(?:✓|✗) ([\w-]+): (\d+) passed, (\d+) failed$", re.MULTILINE)
EXCEPTION = re.compile(r"^\| `([\w-]+)` \| ([\d, -]+) \| (.+) \|$", re.MULTILINE)
REVISION = re.compile(r"^\| (\d{4}-\d\d-\d\d) \| (\d+) \| (.+) \|$", re.MULTILINE)


def documented(version: str) -> tuple[int, set[str], set[str]]:
    """What the document says of a revision: how many scenarios there are, which pass, and which fail with a reason."""
    text = DOCUMENT.read_text(encoding="utf-8")
    (row,) = [found for found in REVISION.findall(text) if found[0] == version]
    failing = {name for name, versions, why in EXCEPTION.findall(text) if version in versions.split(", ") and why}
    return int(row[1]), set(re.findall(r"`([\w-]+)`", row[2])) - failing, failing


@pytest.mark.parametrize("version", ["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"])
async def test_the_suite_finds_what_is_documented(proxied: str, programs: Path, version: str, tmp_path: Path) -> None:
    """Each scenario of the revision passes or fails as the document says; neither more nor fewer fail."""
    words = ("--url", proxied, "--spec-version", version, "--suite", "all", "--output-dir", str(tmp_path))
    done = await run(programs, "conformance", "server", *words)
    failures = {name: int(failed) for name, _, failed in RESULT.findall(done.stdout)}
    number, passing, failing = documented(version)

    assert len(failures) == number, done.stdout[-3000:] + done.stderr[-3000:]
    assert {name for name, count in failures.items() if count} == failing, done.stdout[-6000:]
    assert failures.keys() - failing == passing


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
    assert told["structuredContent"][FIRST_ANSWERS[tools.name]]


async def test_without_the_key_the_inspector_is_refused(tools: Tools, programs: Path) -> None:
    """The same call without the header comes to nothing."""
    words = ("--transport", "http", "--method", "tools/list")
    done = await run(programs, "mcp-inspector", "--cli", f"{tools.url}/mcp", *words)

    assert done.returncode != 0
    assert '"tools"' not in done.stdout
