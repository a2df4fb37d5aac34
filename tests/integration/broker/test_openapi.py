"""The API description holds: whatever is sent, the answer is a declared one, and never a failure of ours."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest
from tests.integration.broker.conftest import Stage

EXAMPLES = 8
PATHS = {"admin": "^(?!/renew|/connect|/enrol)", "node": "^/(renew|connect|enrol)"}


@pytest.fixture
def stage_database(postgres_url: str) -> str:
    """PostgreSQL, which takes less than SQLite does."""
    return postgres_url


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("more_settings", [{"failure_rate": "100000/minute", "node_rate": "100000/minute"}])
@pytest.mark.parametrize("caller", ["admin", "node"])
async def test_every_answer_is_one_that_the_description_declares(stage: Stage, tmp_path: Path, caller: str) -> None:
    """Schemathesis sends valid and invalid requests to every operation."""
    node = await stage.add_client()
    key = stage.admin_key if caller == "admin" else node.api_key
    command: list[str | Path] = [
        Path(sys.executable).parent / "schemathesis", "run", f"{stage.url}/openapi.json",
        "--header", f"X-API-Key: {key}", "--max-examples", str(EXAMPLES), "--phases", "examples,coverage,fuzzing",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--include-path-regex", PATHS[caller], "--no-color", "--seed", "1", "--generation-database", "none",
    ]  # fmt: skip

    done = await asyncio.to_thread(run, command, tmp_path)

    told = "\n".join(line[:200] for line in done.stdout.splitlines())
    assert done.returncode == 0, told[-8000:] + done.stderr[-2000:]


async def test_every_operation_declares_its_refusals(stage: Stage) -> None:
    """Each operation under a key can answer 401, and each limited one 429."""
    async with aiohttp.ClientSession() as session, session.get(f"{stage.url}/openapi.json") as answer:
        paths = (await answer.json())["paths"]

    keyed = [(path, operation["responses"]) for path, item in paths.items() for operation in item.values()
             if "security" in operation]  # fmt: skip
    assert len(keyed) >= 18
    assert all({"401", "429", "503"} <= set(responses) for _, responses in keyed)
