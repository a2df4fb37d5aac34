"""Whatever is sent to a tool, the answer is a declared one, tells no secret, and changes nothing past the gate."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, FULL_ACCESS
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode
from tests.integration.mcp.arguments import arguments_for
from tests.integration.mcp.conftest import tools_of
from tests.integration.node.conftest import CERAMICS_ASSETS, Answer, Stage, call

from freehold.node.app import create_app
from freehold.node.mcp.protocol import described
from freehold.node.mcp.registry import SERVICES
from freehold.node.mcp.tool import Tool
from freehold.node.spending.tables import spending_plans

EXAMPLES = 3
"""Of Schemathesis, for each way in which it varies an argument."""
TRIES = 12
"""Calls of each tool."""
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=900)


@dataclass
class Sent:
    """What was answered to whatever was sent: statuses over REST, codes over the protocol, and every text of both."""

    statuses: Counter[int] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    texts: list[str] = field(default_factory=list)


@pytest.fixture(params=["empty", "collected"])
async def held(request: pytest.FixtureRequest, make_node: MakeNode, serve: Serve) -> Stage:
    """A node that has just been connected, and one that holds a week."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    limits = {"ceiling_per_hour": 100_000, "app_share_per_user": 100_000, "tool_calls_per_minute": 1_000_000}
    opened = await make_node(graph_url=meta.url, clock=meta.clock, **{**AMPLE, **limits})
    stage = Stage(opened, "", meta)
    await stage.connect(assets=CERAMICS_ASSETS)
    if request.param == "collected":
        await collect(stage.node, 7)
    return stage


async def send_all(url: str, key: str, tools: Sequence[Tool], examples: int) -> Sent:
    """Whatever a tool's schema allows, and what it does not, over REST and over the protocol."""
    sent = Sent()
    for tool in tools:
        for number, arguments in enumerate(arguments_for(described(tool).input_schema, examples)):
            if number % 2:
                answer = await posted(f"{url}/tools/{tool.name}", key, arguments)
                sent.statuses[answer.status] += 1
            else:
                params = {"name": tool.name, "arguments": arguments}
                body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
                answer = await posted(f"{url}/mcp/all", key, body, Accept="application/json, text/event-stream")
                assert answer.status < 500, (tool.name, arguments, answer.text)
                error = (answer.body.get("result") or {}).get("_meta", {}).get("freehold/error", {})
                sent.codes[error.get("code", "")] += 1
            assert answer.status != 500, (tool.name, arguments, answer.text)
            assert '"unexpected"' not in answer.text, (tool.name, arguments, answer.text)
            sent.texts.append(answer.text)
    return sent


async def posted(url: str, key: str, body: Any, **headers: str) -> Answer:
    """A body as JSON may be written: half a character by its escape."""
    await asyncio.sleep(0)
    return await call(
        "POST", url, key=key, data=json.dumps(body), headers={"Content-Type": "application/json", **headers}
    )


async def secrets_of(stage: Stage, key: str) -> list[str]:
    """Every token of the vault, its proofs, and the key that is used."""
    found = [key]
    async with stage.node.database.reading() as session:
        for credential in await stage.node.vault.active(session):
            tokens = stage.node.vault.opened(credential.row)
            found += [tokens.user, *tokens.pages.values(), *tokens.proofs.values()]
    return found


@pytest.mark.parametrize("name", SERVICES)
async def test_whatever_is_sent_nothing_leaks_and_nothing_is_changed_past_the_gate(
    held: Stage, serve: Serve, name: str
) -> None:
    """No failure of the server's, no secret in any answer, and at Meta no write but those of plans that nobody had to
    approve.
    """
    service = SERVICES[name]
    url, key = await serve(create_app(held.node, service.listener)), await held.key("tools:read", "tools:write")
    sent = await send_all(url, key, service.tools, TRIES)
    secrets = await secrets_of(held, key)

    assert len(secrets) > 3
    assert sent.statuses[200], "some of it is understood"
    assert sent.codes[""], "over the protocol, too"
    assert not [text[:500] for text in sent.texts if any(secret in text for secret in secrets)]
    assert not [text for text in sent.texts if held.meta.url in text or "graph.facebook.com" in text]
    plans = await held.rows(spending_plans)
    made = [row for row in plans if row["status"] not in {"ready", "waiting", "forbidden"}]
    asks = [row for row in made if any(each["rule"]["effect"] != "allow" for each in verdicts(row))]
    assert not asks
    assert len(writes_at(held)) <= len(made)


def writes_at(stage: Stage) -> list[str]:
    """What Meta was asked to change: not to check, and not to prepare a report."""
    asked = [
        (call.partition("?")[0], call) for method, call in stage.meta.sandbox.exact_calls.elements() if method != "GET"
    ]
    return [call for path, call in asked if "validate_only" not in call and not path.endswith("/insights")]


def verdicts(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules that a plan was past."""
    found: list[dict[str, Any]] = json.loads(row["content"])["verdicts"]
    return found


DESCRIBED = {"insights": "/tools/openapi.json"}
"""Where a service describes its tools, if its listener has other endpoints to describe."""


@pytest.mark.long
@pytest.mark.parametrize("name", SERVICES)
async def test_every_tool_bears_whatever_is_sent(name: str, make_node: MakeNode, serve: Serve, tmp_path: Path) -> None:
    """Schemathesis sends valid and invalid arguments to every tool, with a key that reads and writes."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    chosen = {**AMPLE, "ceiling_per_hour": 100_000, "app_share_per_user": 100_000, "tool_calls_per_minute": 1_000_000}
    tools = await tools_of(make_node, meta, serve, name, "tools:read", "tools:write", **chosen)
    grant = await tools.stage.connect()
    command: list[str | Path] = [
        Path(sys.executable).parent / "schemathesis", "run", tools.url + DESCRIBED.get(name, "/openapi.json"),
        "--header", f"X-API-Key: {tools.key}", "--max-examples", str(EXAMPLES), "--phases", "examples,coverage,fuzzing",
        "--checks", CHECKS, "--include-path-regex", "^/tools/", "--no-color", "--seed", "1",
        "--generation-database", "none",
    ]  # fmt: skip

    done = await asyncio.to_thread(run, command, tmp_path)

    told = "\n".join(line[:200] for line in done.stdout.splitlines())
    assert done.returncode == 0, told[-8000:] + done.stderr[-2000:]
    assert grant.access_token.get_secret_value() not in done.stdout
    plans = [row for row in await tools.stage.rows(spending_plans) if row["status"] == "applied"]
    assert not [
        row for row in plans if any(each["rule"]["effect"] == "ask" for each in json.loads(row["content"])["verdicts"])
    ]
