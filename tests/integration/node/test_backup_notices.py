"""A backup that fails is told once, whoever notices it: the node itself, and n8n's workflow that ordered it."""

import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from tests.integration.node.conftest import MakeStage, Stage, call
from tests.integration.workflows.conftest import POLL, ended, order

from freehold.node.notifications.tables import notifications
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.runtime import working

KEY = "'backup:' + $json.outcome + ':' + $now.toUTC().toFormat('yyyy-MM-dd')"
"""Under which n8n has people told, in its own language."""


async def backed_up(stage: Stage) -> RunRecord:
    """A run of the workflow, as n8n orders it, once it has ended."""
    run_id = await order(stage.node, "backup")
    async with working(stage.node):
        return await ended(stage.node, run_id)


async def told_by_n8n(stage: Stage, run: RunRecord) -> bool:
    """Have people told as the shipped workflow does once it sees how the run ended; gives whether it was new."""
    library = files("freehold.node.bootstrap.n8n") / "library" / "backup.json"
    steps = {step["name"]: step["parameters"] for step in json.loads(library.read_text("utf-8"))["nodes"]}
    found = re.search(r"key: (.+?), severity", steps["Tell that it did not"]["jsonBody"])
    assert found is not None
    assert found[1] == KEY
    body = {"key": f"backup:{run.outcome}:{stage.clock.now():%Y-%m-%d}", "title": "Backup, nightly", "text": "Why"}
    answer = await call("POST", f"{stage.workflows}/notifications", key=await stage.key("workflows"), json=body)
    return bool(answer.body["new"])


@pytest.fixture
def away(tmp_path: Path) -> dict[str, Any]:
    """Settings of a node with one more database, which nobody answers for."""
    url = "postgresql+asyncpg://n8n:hidden@127.0.0.1:9/n8n"
    return {"backup_key": "k" * 43, "backup_to": tmp_path / "to", "backup_databases": {"n8n": url}, "worker_poll": POLL}


async def test_a_backup_that_fails_is_told_once(make_stored: MakeStage, away: dict[str, Any]) -> None:
    """By the node, in its words; n8n's notice of the same day is the same one."""
    stage = await make_stored(**away)
    run = await backed_up(stage)
    new = await told_by_n8n(stage, run)

    (told,) = await stage.rows(notifications)
    assert (run.outcome, new, told["kind"]) == ("failed", False, "backup_failed")
    assert 'PostgreSQL at 127.0.0.1:9 (database "n8n", role "n8n")' in told["text"]
    assert "hidden" not in str(told)


async def test_a_run_that_ends_otherwise_is_told_by_n8n(make_stored: MakeStage, away: dict[str, Any]) -> None:
    """The node has told nobody of a run that was cancelled, say."""
    stage = await make_stored(**away)
    run = await backed_up(stage)
    other = await told_by_n8n(stage, run) or await told_by_n8n(stage, replace(run, outcome="cancelled"))

    assert other
    assert len(await stage.rows(notifications)) == 2


async def test_a_folder_that_takes_nothing_is_told(make_stored: MakeStage, away: dict[str, Any]) -> None:
    """A file stands where the folder should, say: in words, and as a failure of the run."""
    away["backup_to"].touch()
    stage = await make_stored(**away)
    run = await backed_up(stage)

    (why,) = run.failures.values()
    assert why.startswith(f"backups cannot be written into {away['backup_to']} (File exists)")
    assert run.outcome == "failed"
