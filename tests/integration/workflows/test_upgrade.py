"""A run outlives the version of the program that began it."""

import shutil
from pathlib import Path

import pytest
from tests.conftest import Serve
from tests.integration.collection.checks import connected
from tests.integration.conftest import MakeNode
from tests.integration.workflows.conftest import POLL, find, order, until
from tests.integration.workflows.killing import DAYS, admit, kill
from tests.integration.workflows.test_callbacks import Receiver
from tests.integration.workflows.test_secrecy import remembered
from tests.meta_sandbox import MetaSandbox

import freehold
from freehold.node.runs import queries
from freehold.node.workflows.runtime import VERSION, working

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


async def test_the_steps_of_a_run_are_those_of_their_version(
    make_node: MakeNode, meta: MetaSandbox, serve: Serve
) -> None:
    """A run that another version began is taken up by its steps: whoever changes them changes `VERSION`, and adds here
    what the new version's are.
    """
    url = await serve(Receiver().app())
    opened = await connected(make_node, meta, worker_poll=POLL)
    run_id = await order(opened.node, "ads_hourly", days=1, callback_url=f"{url}/hook/1")

    async def told() -> bool:
        return not (await find(opened.node, run_id)).order.callback_url

    async with working(opened.node):
        await until(told)
    found: dict[str, list[tuple[int, str]]] = {}
    for row in await remembered(opened):
        if row["table"] == "operation_outputs":
            found.setdefault(row["workflow_uuid"], []).append((row["function_id"], row["function_name"]))
    steps = {name.removeprefix(run_id): [step for _, step in sorted(each)] for name, each in found.items()}
    assert steps == STEPS[VERSION]


STEPS = {
    "1": {
        "/1": ["plan", "part", "finish", "collected", "tell"],
        "/told/1": ["callback", "settled"],
    },
}
"""By version, the steps of a run of one part whose end somebody waits for."""
