"""The version before goes on collecting while its database is brought to the newest schema under its feet."""

import tarfile
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection
from tests.conftest import Serve
from tests.integration.conftest import MakeNode
from tests.integration.upgrades.test_stages import STAGES, schema
from tests.integration.workflows.killing import DAYS, Patient, admit, contents

from freehold.kernel import migrations
from freehold.node.runs import queries

BEFORE = "collector"
COLLECT = ("collect", "--days", str(DAYS), "--json")
pytestmark = pytest.mark.xdist_group("kills")


def source_of(stage: str, folder: Path) -> Path:
    """The source of a stage, unpacked."""
    with tarfile.open(Path(__file__).parent / f"{stage}-source.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def _back(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "freehold.node:migrations")
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


async def _schema(patient: Patient) -> set[tuple[str, str]]:
    async with patient.node.database.reading() as session:
        found = await session.run_sync(schema)
    return {(table, column) for table, columns in found.items() for column in columns}


async def test_old_code_goes_on_collecting(
    make_node: MakeNode, serve: Serve, tmp_path: Path, database_url: str
) -> None:
    """Begun on the old schema by the old version's own process, it ends well on the new one; what it read is whole."""
    patient = await admit(make_node, serve, "rosa", database_url)
    new = await _schema(patient)
    async with patient.node.database.writing() as session:
        await session.run_sync(_back, STAGES[BEFORE]["node"])
    old = await _schema(patient)
    assert old < new

    async with patient.process(*COLLECT, source=source_of(BEFORE, tmp_path / "before")) as process:
        assert await patient.reaches(10, process), patient.logs()
        await migrations.upgrade(patient.node.database, "freehold.node")
        at_upgrade = patient.calls
        assert process.returncode is None, "it had ended before"
        assert await process.wait() == 0, patient.logs()

    assert patient.calls > at_upgrade
    assert await _schema(patient) == new
    async with patient.node.database.reading() as session:
        (run,) = await queries.list_runs(session)
    assert run.outcome == "complete"
    read = await contents(patient.node)
    async with patient.process(*COLLECT) as process:
        assert await process.wait() == 0, patient.logs()
    assert {table: len(rows) for table, rows in (await contents(patient.node)).items()} == {
        table: len(rows) for table, rows in read.items()
    }
    assert all(read[table] for table in ("instagram_posts", "instagram_insights", "ads", "ad_insights"))
