"""After all workflows ran: where nothing was sent, and the nightly backup, which is one file of the whole machine.

The backup is made by the workflow that makes it every night, and restored beside a PostgreSQL that knows nothing of it.
"""

import asyncio
import dataclasses
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.stack import products, tools
from tests.stack.automation import MARK, Automation, library
from tests.stack.conftest import started
from tests.stack.machine import Machine, new_machine
from tests.stack.n8n import KEPT_APART, Cluster
from tests.stack.people import People, people_of
from tests.stack.searches import explained

from freehold.demo import databases
from freehold.demo.marks import Place, files, search
from freehold.demo.platform import run_command
from freehold.node.context import open_node
from freehold.node.keys import KEYRING_FILE
from freehold.node.settings import NodeSettings
from freehold.node.vault import credentials

pytestmark = pytest.mark.asyncio(loop_scope="session")

PRODUCTS = ("nocodb", "n8n")


@dataclass(frozen=True)
class Restored:
    """The machine that was made of the last backup."""

    backup: Path
    machine: Machine
    told: Mapping[str, Any]
    """What the restore said."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def restored(stage: Automation, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Restored]:
    """Every workflow has run, the one that backs up last; its file is restored."""
    names = [each.name for each in library() if not await stage.runs(each.name)]
    await stage.run_all(*(name for name in names if name != "backup"))
    await stage.run_all("backup")
    (run, *_) = await stage.runs("backup")
    assert run.outcome == "complete"
    backup = max((stage.machine.data_dir / "backups").glob("*.fhbackup"))
    with ExitStack() as stack:
        machine = new_machine(started(stack, products.postgres17), tmp_path_factory.mktemp("restored"))
        await asyncio.to_thread(machine.bootstrap, "--only", "postgres")
        told = await restore(backup, machine, stage)
        await asyncio.to_thread(machine.bootstrap, "--only", "postgres")  # what each role may do is in no backup
        yield Restored(backup, machine, told)


async def restore(backup: Path, machine: Machine, stage: Automation) -> dict[str, Any]:
    """`freehold node restore` with the two files that are kept apart."""
    environment = {
        "PATH": f"{tools.postgres_programs()}:{os.environ['PATH']}",
        "FREEHOLD_NODE_DATABASE_URL": machine.database_url(),
        "FREEHOLD_NODE_BACKUP_DATABASES": json.dumps({name: machine.database_url(name) for name in PRODUCTS}),
    }
    keyring, data = str(stage.machine.data_dir / KEYRING_FILE), str(machine.data_dir)
    keys = ("--key-file", str(stage.backup_key), "--keyring", keyring)
    return await run_command(["node", "restore", str(backup), "--data", data, "--replace", *keys], environment)


async def rows_of(machine: Machine, database: str) -> dict[str, bytes]:
    """Every row of every table of a database, as text, by table."""
    connection = await machine.postgres.connect(database)
    try:
        query = (
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        found = {}
        for (table,) in await connection.fetch(query):
            rows = await connection.fetch(f"SELECT t::text FROM {table} t")
            found[f"{database} {table}"] = "\n".join(row[0] for row in rows).encode()
        return found
    finally:
        await connection.close()


async def test_no_token_stands_in_the_backup(restored: Restored) -> None:
    """Neither in the file, nor in what it becomes: the node's, n8n's and NocoDB's tables, and the node's files.

    The node's own are there all the same: its vault opens with the keyring, which is in no backup.
    """
    marks = {"token and code": MARK, "app secret": f"{MARK}Secret", "a key to the node": "fhnode_"}
    held = {name: await rows_of(restored.machine, name) for name in ("freehold", *PRODUCTS)}
    places = [Place(name, "node", rows) for name, rows in held.items()]
    places.append(Place("the file", "node", {restored.backup.name: restored.backup.read_bytes()}))
    places.append(Place("the node's files", "node", files(restored.machine.data_dir, [KEYRING_FILE])))

    assert min(place.size for place in places[:4]) > 50_000
    found = search(marks, places)
    assert found == [], explained(found, marks, places)
    async with open_node(NodeSettings.load(restored.machine.data_dir)) as node, node.database.reading() as session:
        (credential,) = await credentials(session, "active")
        tokens = await node.vault.tokens(session, credential.id)
    assert tokens is not None
    assert search(marks, [Place("the vault, open", "node", {"token": tokens.user.encode()})])


async def test_n8n_is_what_it_was(stage: Automation, restored: Restored, tmp_path: Path) -> None:
    """With its encryption key, which is kept apart: workflows are there, keys open, and bootstrap knows them."""
    for name in KEPT_APART:
        shutil.copy(stage.cluster.folder / name, tmp_path / name)
    query = 'SELECT id, name, active, nodes::text, "activeVersionId" FROM workflow_entity ORDER BY id'
    before = [dict(row) for row in await stage.n8n_rows(query)]
    connection = await restored.machine.postgres.connect("n8n")
    after = [dict(row) for row in await connection.fetch(query)]
    await connection.close()
    with ExitStack() as stack:
        redis = started(stack, databases.redis)
        cluster = Cluster(tmp_path, restored.machine.database("n8n"), redis.url)
        stack.enter_context(cluster.stack)
        await asyncio.to_thread(cluster.start_main)
        there = dataclasses.replace(stage, machine=restored.machine, cluster=cluster, cookie="")
        done = {each.what: each.change for each in await there.bootstrap("--only", "n8n")}
        key_id = await stage.part_id("credential:Freehold workflows")
        key = await there.rest("GET", f"credentials/{key_id}?includeData=true")

    assert after == before
    assert sum(workflow["active"] for workflow in after) >= len(library())
    assert set(done.values()) <= {"unchanged", "kept"}
    assert done['n8n credential "Freehold workflows"'] == "unchanged"
    assert (key["data"]["name"], key["data"]["allowedDomains"]) == ("X-API-Key", "localhost")


async def test_nocodb_is_what_it_was(stage: Automation, restored: Restored, tmp_path: Path) -> None:
    """With its keys, which are kept apart: people, grids and the token; bootstrap tells it where the tables are now."""
    before = await shown(await people_of(stage.machine, stage.nocodb, stage.http))
    folder = stage.nocodb.program.log.parent
    shutil.copy(folder / "keys.json", tmp_path / "keys.json")
    with ExitStack() as stack:
        nocodb = started(stack, lambda: products.nocodb(tmp_path, restored.machine.database("nocodb")))
        done = restored.machine.changes(
            await asyncio.to_thread(lambda: restored.machine.bootstrap("--only", "nocodb", nocodb=nocodb))
        )
        people = await people_of(restored.machine, nocodb, stage.http)
        after = await shown(people)

    assert after == before
    assert "created" not in done.values()
    assert [what for what, change in done.items() if change == "updated"] == ["NocoDB connection to PostgreSQL"]


async def shown(people: People) -> dict[str, Any]:
    """What a marketer sees: tables with their grids, and the newest posts."""
    tables = await people.marketer.tables(people.base_id)
    grids = {name: await people.owner.views(table) for name, table in tables.items()}
    posts = await people.marketer.rows(tables["instagram_posts"], sort="-published_at", limit="5")
    assert posts
    return {"grids": grids, "posts": posts}


async def test_nothing_left_the_machine(stage: Automation) -> None:
    """From their first start on, n8n's main process and worker and NocoDB wanted to reach nothing beyond loopback.

    They run with the environments that ship, and what they try is seen in the process itself.
    """
    assert stage.cluster.main is not None
    assert stage.cluster.worker is not None
    tried = {
        "main": stage.cluster.main.tried,
        "worker": stage.cluster.worker.tried,
        "nocodb": stage.nocodb.program.tried,
    }
    settings = await stage.rest("GET", "settings")

    assert tried == {"main": [], "worker": [], "nocodb": []}
    assert (settings["telemetry"]["enabled"], settings["versionNotifications"]["enabled"]) == (False, False)
    assert (settings["templates"]["enabled"], settings["personalizationSurveyEnabled"]) == (False, False)
