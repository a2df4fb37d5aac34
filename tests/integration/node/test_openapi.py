"""The node's API descriptions hold: whatever is sent, the answer is a declared one, and never a failure of ours."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.integration.node.conftest import MakeStage, call

EXAMPLES = 8
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


OPERATIONS = [("receiver", "GET|POST", "/"), ("workflows", "GET", "/graph"), ("workflows", "GET", "/reports")]
OPERATIONS += [("workflows", "GET", "/success"), ("workflows", "POST", "/success")]
OPERATIONS += [("workflows", "GET|POST", "/(workflows|runs|ads|notifications)")]
"""Listener, methods and paths that are asked together: one address may not open pages often."""


@pytest.mark.parametrize(("name", "methods", "path"), OPERATIONS)
async def test_every_answer_is_one_that_the_description_declares(
    make_stage: MakeStage, tmp_path: Path, name: str, methods: str, path: str
) -> None:
    """Schemathesis sends valid and invalid requests to every operation."""
    stage = await make_stage(accept_plain_deliveries=True)
    await stage.connect()
    key = await stage.key("credentials:deliver", "credentials:read", "credentials:reveal", "tools:read", "workflows")
    url = stage.receiver if name == "receiver" else stage.workflows
    command: list[str | Path] = [
        Path(sys.executable).parent / "schemathesis", "run", f"{url}/openapi.json", "--header", f"X-API-Key: {key}",
        "--max-examples", str(EXAMPLES), "--phases", "examples,coverage,fuzzing", "--checks", CHECKS,
        "--include-method-regex", methods, "--include-path-regex", f"^{path}",
        "--no-color", "--seed", "1", "--generation-database", "none",
    ]  # fmt: skip

    done = await asyncio.to_thread(run, command, tmp_path)

    told = "\n".join(line[:200] for line in done.stdout.splitlines())
    assert done.returncode == 0, told[-8000:] + done.stderr[-2000:]


@pytest.mark.parametrize("name", ["receiver", "workflows"])
async def test_every_operation_declares_its_refusals(make_stage: MakeStage, name: str) -> None:
    """Each can answer 429; each under a key also 401 and 403; none what is neither a problem nor a page."""
    stage = await make_stage()
    url = stage.receiver if name == "receiver" else stage.workflows
    paths = (await call("GET", f"{url}/openapi.json")).body["paths"]
    for path, item in paths.items():
        for operation in item.values():
            declared = operation["responses"]
            assert "429" in declared
            if path.startswith(("/api", "/graph", "/workflows", "/runs", "/ads", "/notifications")):
                assert {"401", "403", "422", "503"} <= set(declared)
            for status, response in declared.items():
                if status.startswith(("4", "5")):
                    assert {"application/problem+json", "text/html"} & set(response["content"]), f"{path} {status}"
