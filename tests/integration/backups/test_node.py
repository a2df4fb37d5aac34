"""Back up, destroy, restore onto a new host: by the real commands, on SQLite and PostgreSQL."""

import asyncio
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import select
from tests.conftest import Serve, _missing
from tests.integration.backups.hosts import Host, SmallDisk, everything, freehold
from tests.integration.conftest import MakeNode
from tests.integration.workflows.killing import DAYS, STARTED, admit
from tests.meta_sandbox import MARA

from freehold.demo import databases, processes
from freehold.demo.databases import PostgresServer
from freehold.demo.marks import Place, search
from freehold.kernel.backups import sqlite
from freehold.kernel.clock import MovableClock
from freehold.kernel.crypto import Keyring, SealingKey
from freehold.node.context import open_node
from freehold.node.keys import KEYRING_FILE
from freehold.node.notifications.tables import notifications
from freehold.node.settings import NodeSettings
from freehold.node.store.instagram.tables import instagram_posts
from freehold.node.vault import credentials
from freehold.node.workflows.registry import schedules

REFUSING = (
    """CREATE FUNCTION pg_catalog.refuse() RETURNS event_trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'not today'; END $$""",
    """CREATE EVENT TRIGGER refusing ON ddl_command_end WHEN TAG IN ('CREATE INDEX', 'CREATE TRIGGER')
       EXECUTE FUNCTION pg_catalog.refuse()""",
)
"""What a restore meets near its end. The function is the system's: others are taken away before."""
COLLECT = ("collect", "--days", str(DAYS), "--json")


@pytest.fixture
def chosen_url(request: pytest.FixtureRequest) -> str | None:
    """SQLite in the node's folder, or a database of PostgreSQL."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


BOTH = pytest.mark.parametrize("chosen_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
async def host(make_node: MakeNode, serve: Serve, tmp_path: Path, chosen_url: str | None) -> Host:
    """A connected node that has collected nothing yet."""
    return await Host.of(await admit(make_node, serve, "rosa", chosen_url), tmp_path)


@pytest.fixture
def new_cluster(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """Another server of PostgreSQL, as a new host has one."""
    assert postgres_server
    with databases.postgres() as server:
        server.run("createdb", "-h", "127.0.0.1", "-p", str(server.port), "-U", "freehold", "rosa")
        yield server


async def collect(host: Host) -> None:
    """Collect by a process of its own."""
    async with host.patient.process(*COLLECT) as process:
        assert await process.wait() == 0, host.patient.logs()


def new_place(request: pytest.FixtureRequest, chosen_url: str | None) -> dict[str, str]:
    """The environment of a restore onto a new host."""
    if chosen_url is None:
        return {}
    return {"FREEHOLD_NODE_DATABASE_URL": request.getfixturevalue("new_cluster").url("rosa")}


@BOTH
async def test_a_node_goes_on_on_a_new_host(
    host: Host, chosen_url: str | None, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Every row is there, every token opens, and collecting goes on with the authorisation that there was."""
    await collect(host)
    node = host.patient.node
    account = node.settings.data_dir / "bootstrap" / "nocodb-marketer-password"
    account.parent.mkdir()
    account.write_text("Fh1-of-the-marketer")
    backup, before = await host.made(), await everything(node.settings.database())
    async with node.database.reading() as session:
        (credential,) = await credentials(session, "active")
        tokens = await node.vault.tokens(session, credential.id)
    await node.database.close()
    shutil.rmtree(node.settings.data_dir)
    environment = new_place(request, chosen_url)

    told = await host.restore(backup, tmp_path / "new", **environment)

    assert told.status == 0, told.err
    assert (told.json["client_id"], told.json["credentials"]) == ("rosa", 1)
    settings = NodeSettings.load(tmp_path / "new")
    assert await everything(settings.database()) == before
    assert sum(map(len, before.values())) > 1_000
    for path in (tmp_path / "new").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert (tmp_path / "new" / "bootstrap" / account.name).read_text() == "Fh1-of-the-marketer"
    async with open_node(settings, MovableClock(STARTED)) as restored, restored.database.reading() as session:
        assert await restored.vault.tokens(session, credential.id) == tokens
    calls = host.patient.calls
    collected = await freehold("node", "collect", "--days", str(DAYS + 3), "--data", str(tmp_path / "new"), "--json")
    assert collected.status == 0, collected.err
    assert host.patient.calls > calls
    async with open_node(settings, MovableClock(STARTED)) as restored, restored.database.reading() as session:
        assert [each.id for each in await credentials(session, "active")] == [credential.id]


@BOTH
async def test_a_backup_made_while_collecting_is_of_one_moment(
    host: Host, chosen_url: str | None, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Rows are counted in the same moment, and `restore` holds what it wrote against them."""
    async with host.patient.process(*COLLECT) as process:
        assert await host.patient.reaches(10, process), host.patient.logs()
        backup = await host.made()
        assert process.returncode is None, "it had ended before"
        assert await process.wait() == 0
    told = await host.restore(backup, tmp_path / "new", **new_place(request, chosen_url))
    assert told.status == 0, told.err


@BOTH
async def test_without_the_key_a_backup_is_useless(host: Host) -> None:
    """Nothing of tokens, keys, people's words, or names of tables stands in it, in any form."""
    await collect(host)
    node, backup = host.patient.node, await host.made()
    async with node.database.reading() as session:
        (credential,) = await credentials(session, "active")
        tokens = await node.vault.tokens(session, credential.id)
        words = (await session.execute(select(instagram_posts.c.caption).limit(1))).scalar_one()
    assert tokens is not None
    marks = {"token": tokens.user, "page token": next(iter(tokens.pages.values())), "person": MARA, "words": words}
    marks |= {"node's key": node.keys.api_key, "company": node.settings.company_name, "table": "instagram_posts"}
    marks |= {"sealing key": node.keys.sealing.to_text(), "keyring": (host.apart / KEYRING_FILE).read_text()}
    assert search(marks, [Place("backup", "node", {backup.name: backup.read_bytes()})]) == []
    (host.apart / "backup.key").write_text(SealingKey.generate().to_text())
    refused = await host.restore(backup, host.apart / "new")
    assert (refused.status, "sealed to another key" in refused.err) == (1, True)


@pytest.mark.parametrize("chosen_url", ["sqlite"], indirect=True)
async def test_the_keyring_is_in_no_backup(host: Host, tmp_path: Path) -> None:
    """Who has the backup and its key, but not the keyring, has the data and no token."""
    await collect(host)
    told = await host.restore(await host.made(), tmp_path / "new", "--keyring-is-lost")
    assert told.status == 0, told.err
    assert told.json["credentials"] == 0
    secret = json.loads((host.apart / KEYRING_FILE).read_text())
    held = b"".join(path.read_bytes() for path in (tmp_path / "new").iterdir() if path.is_file())
    assert not any(key.encode() in held for key in secret["keys"].values())
    told = await freehold("node", "renew", "--data", str(tmp_path / "new"))
    assert (told.status, "no active authorisation" in told.err) == (1, True)


@pytest.mark.parametrize("chosen_url", ["sqlite"], indirect=True)
async def test_a_keyring_that_is_there_is_not_lost(host: Host) -> None:
    """To say so anyway changes nothing; and a keyring that another replaces is kept beside it."""
    data = host.patient.node.settings.data_dir
    before, backup = (data / KEYRING_FILE).read_text(), await host.made()
    refused = await host.restore(backup, data, "--keyring-is-lost", "--replace")
    assert (refused.status, "--keyring" in refused.err, "nothing was changed" in refused.err) == (1, True, True)
    assert (data / KEYRING_FILE).read_text() == before

    rotated = Keyring.generate().to_json()
    (data / KEYRING_FILE).write_text(rotated)
    for _ in range(2):  # the second finds its own keyring there
        told = await host.restore(backup, data, "--replace")
        assert told.status == 0, told.err
    assert (data / KEYRING_FILE).read_text() == before
    assert [path.read_text() for path in data.glob(f"{KEYRING_FILE}.*")] == [rotated]


@pytest.mark.parametrize("chosen_url", ["sqlite"], indirect=True)
async def test_a_damaged_backup_is_refused_before_anything_is_restored(host: Host, tmp_path: Path) -> None:
    """Cut, altered, lengthened, with pieces in another order, or proven by another keyring: nothing is written."""
    await collect(host)
    whole = (await host.made()).read_bytes()
    head, piece = 11 + 80, 64 * 1024 + 16
    assert len(whole) > head + 2 * piece
    first, second = whole[head : head + piece], whole[head + piece : head + 2 * piece]
    damaged = {
        "cut": whole[:-1],
        "cut after a piece": whole[: head + piece],
        "altered": whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :],
        "reordered": whole[:head] + second + first + whole[head + 2 * piece :],
        "extended": whole + whole[-piece:],
        "empty": b"",
    }
    for what, data in damaged.items():
        (tmp_path / "damaged.fhbackup").write_bytes(data)
        told = await host.restore(tmp_path / "damaged.fhbackup", tmp_path / "new")
        assert (told.status, told.err.count("\n")) == (1, 1), (what, told.err)
        assert "nothing was changed" in told.err, what
        assert not (tmp_path / "new").exists(), what
    (host.apart / KEYRING_FILE).write_text(Keyring.generate().to_json())
    (tmp_path / "damaged.fhbackup").write_bytes(whole)
    told = await host.restore(tmp_path / "damaged.fhbackup", tmp_path / "new")
    assert (told.status, "keyring" in told.err, (tmp_path / "new").exists()) == (1, True, False)


@BOTH
async def test_what_is_there_is_replaced_only_when_that_is_wanted(
    host: Host, chosen_url: str | None, tmp_path: Path
) -> None:
    """A folder with a node, or a database with tables, is left as it is without --replace."""
    backup, node = await host.made(), host.patient.node
    await collect(host)
    after = await everything(node.settings.database())
    told = await host.restore(backup, node.settings.data_dir)
    assert (told.status, "holds a node" in told.err) == (1, True)
    if chosen_url is not None:
        told = await host.restore(backup, tmp_path / "new")
        assert (told.status, "is not empty" in told.err) == (1, True)
    assert await everything(node.settings.database()) == after
    told = await host.restore(backup, node.settings.data_dir, "--replace")
    assert told.status == 0, told.err
    assert (await everything(node.settings.database()))["instagram_posts"] == []


@pytest.mark.parametrize("chosen_url", ["postgresql"], indirect=True)
async def test_a_restore_that_the_database_refuses_changes_nothing(host: Host, chosen_url: str | None) -> None:
    """It is one transaction: what stood there before stands there still."""
    backup, node = await host.made(), host.patient.node
    await collect(host)
    after = await everything(node.settings.database())
    admin = await asyncpg.connect(str(chosen_url).replace("+asyncpg", ""))
    for statement in REFUSING:
        await admin.execute(statement)
    told = await host.restore(backup, node.settings.data_dir, "--replace")
    await admin.execute("DROP EVENT TRIGGER refusing")
    await admin.close()
    assert (told.status, "every database is as it was" in told.err, "not today" in told.err) == (1, True, True), (
        told.err
    )
    assert await everything(node.settings.database()) == after


PRODUCT = """
    CREATE TYPE status AS ENUM ('draft', 'live');
    CREATE TABLE "workflow_entity" (id text PRIMARY KEY, name text, version int DEFAULT 1, status status);
    CREATE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN NEW.version := OLD.version + 1; RETURN NEW; END';
    CREATE TRIGGER counting BEFORE UPDATE ON workflow_entity FOR EACH ROW EXECUTE FUNCTION count_version();
    CREATE VIEW live AS SELECT * FROM workflow_entity WHERE status = 'live';
    CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS live FROM live;
    CREATE DOMAIN short AS text CHECK (length(VALUE) < 9); CREATE PROCEDURE nothing (a short) LANGUAGE sql AS '';
    CREATE SCHEMA "p1-base"; CREATE TABLE "p1-base"."Posts" (id serial PRIMARY KEY, note text);
"""
"""What products keep in PostgreSQL: n8n has functions behind triggers, NocoDB a schema for each base."""
CONTENT = """
    INSERT INTO workflow_entity VALUES ('a', 'Posts', 1, 'live'), ('b', 'Ads', 3, 'draft');
    INSERT INTO "p1-base"."Posts" (note) VALUES ('ask Mara');
"""


@dataclass(frozen=True)
class Product:
    """A product's database, on the old server and on the new."""

    old: str
    new: str

    async def run(self, url: str, *statements: str) -> list[asyncpg.Record]:
        """What the last of these gives there."""
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return list(await connection.fetch(statements[-1]))
        finally:
            await connection.close()

    async def works(self) -> bool:
        """Whether the new one has the content and what moves it."""
        rows = await self.run(
            self.new,
            "UPDATE workflow_entity SET status = 'live' WHERE id = 'b'",
            'SELECT live.name, version, note FROM live, "p1-base"."Posts" ORDER BY live.id',
        )
        return [tuple(row) for row in rows] == [("Posts", 1, "ask Mara"), ("Ads", 4, "ask Mara")]


@pytest.fixture
def product(postgres_server: PostgresServer, new_cluster: PostgresServer) -> Product:
    """A database of n8n's, say, and an empty one on the new host."""
    for server in (postgres_server, new_cluster):
        where = ("-h", "127.0.0.1", "-p", str(server.port), "-U", "freehold")
        server.run("dropdb", "--if-exists", *where, "n8n_of_rosa")
        server.run("createdb", *where, "n8n_of_rosa")
    return Product(postgres_server.url("n8n_of_rosa"), new_cluster.url("n8n_of_rosa"))


@pytest.mark.parametrize("chosen_url", ["postgresql"], indirect=True)
async def test_databases_of_other_products_are_in_it(
    host: Host, product: Product, new_cluster: PostgresServer, tmp_path: Path
) -> None:
    """n8n's, say: restored where its address is given; without one nothing is begun, unless it is left out."""
    await product.run(product.old, PRODUCT, CONTENT, "SELECT")
    host.environment["FREEHOLD_NODE_BACKUP_DATABASES"] = json.dumps({"n8n": product.old})
    backup = await host.made()
    place = {"FREEHOLD_NODE_DATABASE_URL": new_cluster.url("rosa")}

    refused = await host.restore(backup, tmp_path / "new", **place)
    assert (refused.status, "databases n8n" in refused.err, (tmp_path / "new").exists()) == (1, True, False)
    there = json.dumps({"n8n": product.new})
    told = await host.restore(backup, tmp_path / "new", **place, FREEHOLD_NODE_BACKUP_DATABASES=there)

    assert told.status == 0, told.err
    assert told.json["rows"]["n8n"] == {"workflow_entity": 2, "p1-base.Posts": 1}
    assert await product.works()


@BOTH
async def test_one_database_that_refuses_leaves_all_of_them_as_they_were(host: Host, product: Product) -> None:
    """The node's is written before n8n's; neither is put in its place before both can be."""
    await product.run(product.old, PRODUCT, CONTENT, "SELECT")
    host.environment["FREEHOLD_NODE_BACKUP_DATABASES"] = json.dumps({"n8n": product.old})
    backup, node = await host.made(), host.patient.node
    await collect(host)
    after = await everything(node.settings.database())
    await product.run(product.old, *REFUSING, "DELETE FROM workflow_entity WHERE id = 'a' RETURNING id")

    told = await host.restore(backup, node.settings.data_dir, "--replace", **host.environment)

    assert (told.status, "n8n_of_rosa, and every database is as it was" in told.err) == (1, True), told.err
    assert await everything(node.settings.database()) == after
    (kept,) = await product.run(product.old, "DROP EVENT TRIGGER refusing", "SELECT id FROM workflow_entity")
    assert kept["id"] == "b"
    told = await host.restore(backup, node.settings.data_dir, "--replace", **host.environment)
    assert (told.status, told.json["rows"]["n8n"]["workflow_entity"]) == (0, 2), told.err


@pytest.mark.parametrize("chosen_url", ["postgresql"], indirect=True)
async def test_a_product_that_has_begun_anew_is_replaced_with_all_that_it_made(
    host: Host, product: Product, new_cluster: PostgresServer, tmp_path: Path
) -> None:
    """Its first start on the new host made tables, functions and types; --replace takes them, and only --replace."""
    await product.run(product.old, PRODUCT, CONTENT, "SELECT")
    host.environment["FREEHOLD_NODE_BACKUP_DATABASES"] = json.dumps({"n8n": product.old})
    backup = await host.made()
    begun = "INSERT INTO workflow_entity VALUES ('new', 'New')"
    await product.run(product.new, "CREATE EXTENSION pg_trgm", PRODUCT, begun, "CREATE TABLE newer (a int)", "SELECT")
    place = {"FREEHOLD_NODE_DATABASE_URL": new_cluster.url("rosa")}
    place["FREEHOLD_NODE_BACKUP_DATABASES"] = json.dumps({"n8n": product.new})

    refused = await host.restore(backup, tmp_path / "new", **place)
    assert (refused.status, "n8n is not empty" in refused.err) == (1, True), refused.err
    told = await host.restore(backup, tmp_path / "new", "--replace", **place)

    assert told.status == 0, told.err
    assert await product.works()
    (extension,) = await product.run(product.new, "SELECT extname FROM pg_extension WHERE extname = 'pg_trgm'")
    assert extension["extname"] == "pg_trgm"


@BOTH
async def test_a_full_disk_is_told_in_one_line(host: Host, chosen_url: str | None) -> None:
    """While the backup is written, or before: the earlier ones stay, nothing half is left, people are told."""
    first = await host.made()
    kept = first.read_bytes()
    if chosen_url is not None:  # on SQLite the limit would be the database's own
        await collect(host)
        told = await host.back_up(limit=40)
        assert (told.status, told.err.count("there is no room for a backup")) == (1, 1), told.err
    huge = host.backups / "node-rosa-20991231T000000Z.fhbackup"
    with huge.open("wb") as file:
        file.truncate(1 << 42)  # takes no room; the next is expected to be as large
    told = await host.back_up()
    assert (told.status, told.err.count("there is no room for a backup"), "are needed" in told.err) == (1, 1, True)
    huge.unlink()
    assert first.read_bytes() == kept
    assert [path.name for path in host.backups.iterdir() if not path.name.endswith(".lock")] == [first.name]
    async with host.patient.node.database.reading() as session:
        (kind,) = (await session.execute(select(notifications.c.kind))).scalars()
    assert kind == "backup_failed"


BALLAST = 8 << 20
"""Bytes that no compression makes fewer."""


async def grow(host: Host, chosen_url: str | None) -> None:
    """Have the node's database hold much more than at the backup before, by which the next is judged."""
    if chosen_url is None:
        with closing(sqlite3.connect(host.patient.node.settings.data_dir / "node.db")) as database:
            database.execute("CREATE TABLE ballast AS SELECT randomblob(?) AS bytes", (BALLAST,))
            database.commit()
        return
    connection = await asyncpg.connect(chosen_url.replace("+asyncpg", ""))
    await connection.execute("CREATE TABLE ballast (bytes bytea)")
    await connection.execute("INSERT INTO ballast VALUES ($1)", os.urandom(BALLAST))
    await connection.close()


@BOTH
async def test_a_disk_that_fills_up_meanwhile_keeps_no_half_backup(host: Host, chosen_url: str | None) -> None:
    """A real file system of four megabytes: one line, a failure's status, and under its name only what was whole."""
    if os.geteuid() != 0:
        _missing("only root mounts a file system")
    first = await host.made()
    await grow(host, chosen_url)
    disk = SmallDisk(host.backups, BALLAST // 2)
    told = await host.back_up(disk=disk)

    assert (told.status, told.out, told.err.count("\n")) == (1, "", 1), told.err
    assert told.err.startswith(f"there is no room for a backup in {host.backups}: "), told.err
    assert "are needed" not in told.err, "it was refused before it began"
    assert [name for name in disk.left if not name.endswith(".lock")] == [first.name]


@pytest.mark.parametrize("chosen_url", ["sqlite"], indirect=True)
async def test_a_killed_backup_leaves_no_copy_for_good(host: Host) -> None:
    """The copy of the database stands beside it in the clear; the next backup takes it away, and is whole."""
    data = host.patient.node.settings.data_dir
    with closing(sqlite3.connect(data / "node.db")) as database, database:
        database.execute("CREATE TABLE filler AS SELECT randomblob(40000000) AS filling")
    before = set(data.iterdir())
    command = processes.command("node", "backup", "--data", str(data))
    environment = {**processes.inherited_environment(), **host.environment}
    killed = await asyncio.create_subprocess_exec(*command, env=environment)
    while not [path for path in set(data.iterdir()) - before if path.stat().st_size > 1_000_000]:
        assert killed.returncode is None, "it had ended before"
        await asyncio.sleep(0.001)
    killed.kill()
    await killed.wait()
    assert set(data.iterdir()) - before
    assert list(host.backups.glob(".*.part"))

    backup = await host.made()

    assert set(data.iterdir()) == before
    assert [path for path in host.backups.iterdir() if not path.name.endswith(".lock")] == [backup]
    told = await host.restore(backup, data.with_name("new"))
    assert (told.status, told.json["rows"]["node"]["filler"]) == (0, 1), told.err


@pytest.mark.parametrize("chosen_url", ["sqlite"], indirect=True)
async def test_a_database_is_copied_by_one_at_a_time(host: Host) -> None:
    """Also onto two shelves: the second is told, and leaves the copy of the first alone."""
    with sqlite.alone([host.patient.node.settings.data_dir / "node.db"]):
        told = await host.back_up()
    assert (told.status, "being backed up or restored" in told.err) == (1, True), told.err


@pytest.mark.parametrize("chosen_url", ["sqlite"], indirect=True)
async def test_it_is_a_workflow(host: Host) -> None:
    """`freehold node collect --workflow backup` does it by a worker, as n8n orders it; by itself only with a key."""
    settings = host.patient.node.settings.model_copy(update={"schedules_on": True})
    assert "backup" not in schedules(settings)
    assert str(schedules(settings.model_copy(update={"backup_key": host.public_key}))["backup"]) == "daily 02:15"
    words = ("node", "collect", "--workflow", "backup", "--data", str(settings.data_dir), "--json")
    without = await freehold(*words)
    assert (without.status, "no backup key is set" in without.err) == (1, True), without.err
    told = await freehold(*words, environment=host.environment)
    assert told.status == 0, told.err
    (made,) = host.backups.glob("*.fhbackup")
    assert made.stat().st_size > 1000


@pytest.mark.parametrize("chosen_url", ["sqlite"], indirect=True)
async def test_a_keyring_is_asked_for(host: Host, tmp_path: Path) -> None:
    """One clear line says what is missing."""
    backup = await host.made()
    words = (
        "node",
        "restore",
        str(backup),
        "--data",
        str(tmp_path / "new"),
        "--key-file",
        str(host.apart / "backup.key"),
    )
    told = await freehold(*words)
    assert (told.status, "keyring is not in the backup" in told.err) == (1, True)
    told = await freehold(*words, "--keyring", str(host.apart / "backup.key"))
    assert (told.status, "is no keyring" in told.err) == (1, True)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("chosen_url", ["sqlite"], indirect=True)
async def test_a_copy_opens_with_sqlite_itself(host: Host, tmp_path: Path) -> None:
    """What is restored is a sound database."""
    told = await host.restore(await host.made(), tmp_path / "new")
    assert told.status == 0, told.err
    with closing(sqlite3.connect(tmp_path / "new" / "node.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
