"""A run outlives the version of the program that began it."""

import shutil
from pathlib import Path

import pytest
from tests.conftest import Serve
from tests.integration.conftest import MakeNode
from tests.integration.workflows.killing import DAYS, admit, kill

import freehold
from freehold.node.runs import queries

COLLECT = ("collect", "--days", str(DAYS), "--json")
pytestmark = pytest.mark.xdist_group("kills")


def older_version(folder: Path) -> Path:
    """A copy of the source that differs from it in what DBOS takes a program's version from: the code of workflows."""
    source = Path(str(freehold.__file__)).parent
    shutil.copytree(source, folder / "freehold", ignore=shutil.ignore_patterns("__pycache__"))
    runtime = folder / "freehold" / "node" / "workflows" / "runtime.py"
    changed = runtime.read_text().replace("        async def run(run_id: str) -> str:", CHANGED)
    assert CHANGED in changed
    runtime.write_text(changed)
    return folder


CHANGED = '        async def run(run_id: str) -> str:\n            """As it was done before."""'


async def test_an_upgrade_in_the_middle_of_a_run_finishes_that_run(
    make_node: MakeNode, serve: Serve, tmp_path: Path
) -> None:
    """Begun by other code, ended in its middle: the new version goes on with the same run."""
    patient = await admit(make_node, serve, "upgraded", None)
    async with patient.process(*COLLECT, source=older_version(tmp_path / "older")) as process:
        assert await patient.reaches(10, process), patient.logs()
        kill(process.pid)
        await process.wait()
    async with patient.node.database.reading() as session:
        (begun,) = await queries.list_runs(session)
    assert begun.outcome == "running"
    async with patient.process(*COLLECT) as process:
        assert await process.wait() == 0, patient.logs()
    async with patient.node.database.reading() as session:
        (run,) = await queries.list_runs(session)
    assert (run.run_id, run.attempt, run.outcome) == (begun.run_id, 1, "complete")
    assert run.graph_calls <= patient.calls <= run.graph_calls + 4  # a call whose answer nobody lived to hear
