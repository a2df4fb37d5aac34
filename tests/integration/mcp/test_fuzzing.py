"""Whatever is sent to a tool, the answer is a declared one, tells no secret, and changes nothing past the gate."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, FULL_ACCESS
from tests.integration.conftest import MakeNode
from tests.integration.mcp.conftest import tools_of

from freehold.node.mcp.registry import SERVICES
from freehold.node.spending.tables import spending_plans

EXAMPLES = 3
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=900)


@pytest.mark.long
@pytest.mark.parametrize("name", SERVICES)
async def test_every_tool_bears_whatever_is_sent(name: str, make_node: MakeNode, serve: Serve, tmp_path: Path) -> None:
    """Schemathesis sends valid and invalid arguments to every tool, with a key that reads and writes."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    chosen = {**AMPLE, "ceiling_per_hour": 100_000, "app_share_per_user": 100_000, "tool_calls_per_minute": 1_000_000}
    tools = await tools_of(make_node, meta, serve, name, "tools:read", "tools:write", **chosen)
    grant = await tools.stage.connect()
    command: list[str | Path] = [
        Path(sys.executable).parent / "schemathesis", "run", f"{tools.url}/openapi.json",
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
