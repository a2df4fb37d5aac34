"""What stops a program at its start is told in one line: what happened, and what to do; real programs, real causes."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.acceptance.programs import freehold
from tests.conftest import Serve, _missing

from freehold.broker.context import open_broker
from freehold.broker.initialization import initialize as initialize_broker
from freehold.broker.registry.clients import ClientRegistration, register
from freehold.broker.registry.keyring import check_keyring
from freehold.broker.settings import BrokerSettings
from freehold.contracts.grant import Asset, Grant
from freehold.contracts.registration import BrokerIdentity
from freehold.demo import databases, processes
from freehold.demo.databases import PostgresServer, RedisServer
from freehold.kernel.crypto import Keyring, SealingKey, SigningKey
from freehold.kernel.database import open_database
from freehold.node.context import open_node
from freehold.node.initialization import initialize as initialize_node
from freehold.node.settings import NodeSettings
from freehold.node.vault.loss import check_readable

SECRET = "hush-this-is-secret"
NODE_COMMANDS = (("node", "serve"), ("node", "worker"), ("node", "budget"))
BROKER_COMMANDS = (("broker", "serve"), ("broker", "admin-key", "list"))
SERVING = (("node", "serve"), ("node", "worker"), ("broker", "serve"))
UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Root without the right to read what its owner may not read."""


@dataclass(frozen=True)
class Made:
    """A broker and a node that could start, and the environment that both are started with."""

    folder: Path
    environment: Mapping[str, str]

    def data(self, program: str) -> Path:
        """The folder of "broker" or "node"."""
        return self.folder / program

    def with_settings(self, **changed: str) -> "Made":
        """The same with other settings."""
        return Made(self.folder, {**self.environment, **changed})

    async def refusal(self, *command: str, prefix: tuple[str, ...] = ()) -> str:
        """The one line with which a command ends, unsuccessfully and without a secret."""
        process = await asyncio.create_subprocess_exec(
            *prefix,
            *processes.command(*command, "--data", str(self.data(command[0]))),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**processes.inherited_environment(), **self.environment},
        )
        try:
            async with asyncio.timeout(30):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            out, err = await process.communicate()
            pytest.fail(f"{command} went on running: {out.decode()}{err.decode()}")
        text = out.decode() + err.decode()
        assert process.returncode == 1, text
        assert "Traceback" not in text, text
        assert SECRET not in text
        lines = err.decode().splitlines()
        assert len(lines) == 1, text
        return lines[0]

    async def refusals(self, *commands: tuple[str, ...]) -> list[str]:
        """The lines of several commands."""
        return [await self.refusal(*command) for command in commands]


async def make(folder: Path, serve: Serve, database: str | None) -> Made:
    """A broker and a node on SQLite in their folders, or on one PostgreSQL database each, named below `database`."""
    urls = {each: database.replace("DATABASE", each) if database else None for each in ("broker", "node")}
    broker = BrokerSettings(
        data_dir=folder / "broker", meta_app_id="1", meta_app_secret=SecretStr(SECRET), database_url=urls["broker"]
    )
    await initialize_broker(broker)
    node = NodeSettings(
        data_dir=folder / "node",
        client_id="rosa",
        company_name="Rosa",
        database_url=urls["node"],
        allowed_networks=("127.0.0.0/8",),
    )
    await initialize_node(node, await serve(identity()), "http://127.0.0.1:1")
    environment = {
        "FREEHOLD_BROKER_META_APP_ID": "1",
        "FREEHOLD_BROKER_META_APP_SECRET": SECRET,
        "FREEHOLD_BROKER_PORT": "0",
        "FREEHOLD_NODE_RECEIVER_PORT": "0",
        "FREEHOLD_NODE_WORKFLOWS_PORT": "0",
        "FREEHOLD_NODE_META_ADS_PORT": "0",
        "FREEHOLD_NODE_INSTAGRAM_PORT": "0",
    }
    if database:
        environment |= {f"FREEHOLD_{each.upper()}_DATABASE_URL": str(url) for each, url in urls.items()}
    return Made(folder, environment)


def identity() -> Starlette:
    """A broker that only says who it is."""
    keys = SigningKey.generate().public_text(), SealingKey.generate().public_text()

    async def tell(request: Request) -> JSONResponse:
        told = BrokerIdentity(broker_url=str(request.base_url), signing_key=keys[0], sealing_key=keys[1])
        return JSONResponse(told.model_dump())

    return Starlette(routes=[Route("/.well-known/freehold-broker.json", tell)])


@pytest.fixture
async def made(serve: Serve, tmp_path: Path) -> Made:
    """On SQLite."""
    return await make(tmp_path, serve, None)


@pytest.fixture
async def made_twice(request: pytest.FixtureRequest, serve: Serve, tmp_path: Path) -> AsyncIterator[Made]:
    """On SQLite, or on PostgreSQL."""
    if request.param == "sqlite":
        yield await make(tmp_path, serve, None)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    suffix = os.urandom(4).hex()
    await on_server(server, *(f"CREATE DATABASE {name}_{suffix}" for name in ("broker", "node")))
    yield await make(tmp_path, serve, server.url(f"DATABASE_{suffix}"))
    await on_server(server, *(f"DROP DATABASE {name}_{suffix} WITH (FORCE)" for name in ("broker", "node")))


both = pytest.mark.parametrize("made_twice", ["sqlite", "postgresql"], indirect=True)


async def on_server(server: PostgresServer, *statements: str, database: str = "postgres") -> None:
    """Run statements as the server's owner."""
    admin = await asyncpg.connect(server.url(database).replace("+asyncpg", ""))
    try:
        for statement in statements:
            await admin.execute(statement)
    finally:
        await admin.close()


async def execute(made: Made, program: str, statement: str) -> None:
    """Run a statement in the database of a program."""
    file = made.data(program) / f"{program}.db"
    url = made.environment.get(f"FREEHOLD_{program.upper()}_DATABASE_URL", f"sqlite+aiosqlite:///{file}")
    database = open_database(url)
    try:
        async with database.writing() as session:
            await session.execute(text(statement))
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("command", "setting"),
    [
        (("broker", "serve"), "FREEHOLD_BROKER_PORT"),
        (("node", "serve"), "FREEHOLD_NODE_RECEIVER_PORT"),
        (("node", "serve"), "FREEHOLD_NODE_WORKFLOWS_PORT"),
    ],
)
@both
async def test_port_taken(made_twice: Made, command: tuple[str, ...], setting: str) -> None:
    """The line names the port and the setting that changes it; no worker has begun by then."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        line = await made_twice.with_settings(**{setting: port}).refusal(*command)
    assert line.startswith(f"port {port} at 127.0.0.1 is taken by another program")
    assert line.endswith(f"or change {setting}")


async def test_port_taken_from_the_sandbox() -> None:
    """The same line."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        status, out, err = await freehold("sandbox", "serve", "--port", port)
    assert (status, out) == (1, "")
    assert err.startswith(f"port {port} at 127.0.0.1 is taken by another program")
    assert err.splitlines() == [err.rstrip()]
    assert err.rstrip().endswith("or change FREEHOLD_SANDBOX_PORT")


@pytest.mark.parametrize("command", SERVING, ids=" ".join)
@both
async def test_a_newer_schema(made_twice: Made, command: tuple[str, ...]) -> None:
    """A program does not touch tables that a newer version made."""
    await execute(made_twice, command[0], "UPDATE alembic_version SET version_num = '9999'")
    line = await made_twice.refusal(*command)
    assert "schema (9999) is newer than this version" in line
    assert "start the version that made it" in line


@pytest.mark.parametrize("command", [NODE_COMMANDS[2], BROKER_COMMANDS[1]], ids=" ".join)
@both
async def test_an_older_schema(made_twice: Made, command: tuple[str, ...]) -> None:
    """A command that brings no database up to date says who does."""
    await execute(made_twice, command[0], "UPDATE alembic_version SET version_num = '0000'")
    assert "start `serve` of this version once" in await made_twice.refusal(*command)


async def test_a_database_that_is_down(made: Made) -> None:
    """Nothing listens at its address; the line tells where it was looked for, and not with which password."""
    url = f"postgresql+asyncpg://freehold:{SECRET}@127.0.0.1:1/freehold"
    down = made.with_settings(FREEHOLD_NODE_DATABASE_URL=url, FREEHOLD_BROKER_DATABASE_URL=url)
    for line in await down.refusals(*NODE_COMMANDS, *BROKER_COMMANDS):
        assert line.startswith('PostgreSQL at 127.0.0.1:1 (database "freehold", role "freehold") cannot be reached')
        assert "start it" in line


@pytest.fixture
def strict_server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test's own that asks for passwords, and has a small disk for what it is told."""
    assert postgres_server, "the session's server shows that the program is there"
    with databases.postgres() as server:
        rules = server.folder / "data" / "pg_hba.conf"
        trusted = "host all freehold 127.0.0.1/32 trust\n"
        rules.write_text(trusted + "host all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
        server.run("pg_ctl", "-D", server.folder / "data", "reload")
        yield server


async def test_what_postgresql_refuses(made: Made, strict_server: PostgresServer) -> None:
    """A wrong password, a database that is missing, and a role without rights each have a line of their own."""
    await on_server(strict_server, "CREATE ROLE guest LOGIN PASSWORD 'right'")
    address = strict_server.url("postgres").replace("freehold@", "guest:PASSWORD@")
    causes = {
        address.replace("PASSWORD", SECRET): "refuses the password; correct it in the settings",
        address.replace("PASSWORD", "right").replace("/postgres", "/nowhere"): "there is no such database; create it",
        address.replace("PASSWORD", "right"): "this role may not do what is needed; make it the owner",
    }
    for url, says in causes.items():
        refused = made.with_settings(FREEHOLD_NODE_DATABASE_URL=url, FREEHOLD_BROKER_DATABASE_URL=url)
        for line in await refused.refusals(("node", "worker"), ("broker", "serve")):
            assert says in line


@contextmanager
def full_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A small disk; `fill` leaves nothing of it."""
    if os.geteuid() != 0:
        _missing("a small disk is mounted by root alone")
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Write until the disk is full."""
    file = os.open(folder / "filling", os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(file, b"x" * 4096)
    except OSError:
        return
    finally:
        os.close(file)


async def test_a_full_disk_under_sqlite(made: Made, tmp_path: Path) -> None:
    """Every command says that the disk is full, and what to do."""
    with full_disk(tmp_path / "disk", 8) as disk:
        for program in ("node", "broker"):
            shutil.copytree(made.data(program), disk / program)
        fill(disk)
        for line in await Made(disk, made.environment).refusals(*NODE_COMMANDS, *BROKER_COMMANDS):
            assert line.startswith("the disk that holds the database")
            assert line.endswith("is full; free some space on it")


async def test_a_full_disk_under_postgresql(made: Made, strict_server: PostgresServer) -> None:
    """The server's disk is full when it is to be connected to, or when the tables are to be made."""
    with full_disk(strict_server.folder / "disk", 40) as disk:
        shutil.chown(disk, "postgres")
        for statement in (f"CREATE TABLESPACE small LOCATION '{disk}'", "CREATE DATABASE d TABLESPACE small"):
            await on_server(strict_server, statement)
        fill(disk)
        url = strict_server.url("d")
        full = made.with_settings(FREEHOLD_NODE_DATABASE_URL=url, FREEHOLD_BROKER_DATABASE_URL=url)
        assert "look whether its disk is full" in await full.refusal("node", "worker")
        (disk / "filling").unlink()
        await on_server(strict_server, "SELECT 1", database="d")  # the server writes a file for the first connection
        fill(disk)
        for line in await full.refusals(*SERVING):
            assert line.endswith("the server's disk is full; free some space there")


async def test_redis_that_is_down(made: Made) -> None:
    """A broker that shares its state in Redis does not begin without it."""
    away = made.with_settings(FREEHOLD_BROKER_REDIS_URL=f"redis://:{SECRET}@127.0.0.1:1/0")
    line = await away.refusal("broker", "serve")
    assert line == "Redis cannot be reached; start it, or correct its address in FREEHOLD_BROKER_REDIS_URL"


async def test_redis_that_wants_another_password(made: Made, redis_server: RedisServer) -> None:
    """It runs, and refuses."""
    async with Redis.from_url(redis_server.url) as client:
        await client.config_set("requirepass", "right")
    wrong = made.with_settings(FREEHOLD_BROKER_REDIS_URL=redis_server.url.replace("//", f"//:{SECRET}@"))
    assert (await wrong.refusal("broker", "serve")).startswith("Redis refuses the password")


@pytest.mark.parametrize("file", ["broker/keyring.json", "broker/pepper.key", "node/keyring.json", "node/broker.json"])
async def test_a_missing_key_file(made: Made, file: str) -> None:
    """The keyring, the pepper or the pinned broker is named, and where it comes from."""
    (made.folder / file).unlink()
    line = await made.refusal(file.partition("/")[0], "serve")
    assert line.startswith(f"{made.folder / file} is missing; run `freehold {file.partition('/')[0]} init` first")


@pytest.mark.parametrize("file", ["broker/pepper.key", "broker/signing.key", "node/api.key", "node/broker.json"])
async def test_a_damaged_key_file(made: Made, file: str) -> None:
    """An empty one would weaken what it protects."""
    (made.folder / file).write_text("", encoding="utf-8")
    line = await made.refusal(file.partition("/")[0], "serve")
    assert line == f"{made.folder / file} is damaged; restore it from the backup of the keys"


@pytest.mark.parametrize("file", ["broker/broker.env", "node/node.env", "node/sealing.key"])
async def test_an_unreadable_file(made: Made, file: str) -> None:
    """It belongs to somebody else, or to nobody."""
    prefix = UNPRIVILEGED if os.geteuid() == 0 else ()
    (made.folder / file).touch()
    (made.folder / file).chmod(0)
    line = await made.refusal(file.partition("/")[0], "serve", prefix=prefix)
    assert line.startswith(f"{made.folder / file} cannot be read by this user; `chown` it")


@both
async def test_a_keyring_that_is_not_the_nodes(made_twice: Made) -> None:
    """Tokens that do not open are told before anything is served; where the keyring is lost, they are given up."""
    folder, database = made_twice.data("node"), made_twice.environment.get("FREEHOLD_NODE_DATABASE_URL")
    settings = NodeSettings(data_dir=folder, client_id="rosa", company_name="Rosa", database_url=database)
    async with open_node(settings) as node, node.database.writing() as session:
        kept = await node.vault.keep(session, grant(), datetime.now(UTC))
    (folder / "keyring.json").write_text(Keyring.generate().to_json(), encoding="utf-8")

    for line in await made_twice.refusals(("node", "serve"), ("node", "worker")):
        assert f"of credential {kept.credential_id} does not open with this keyring; restore the keyring.json" in line
    command = ("node", "give-up-unreadable", "--data", str(folder), "--json")
    status, out, err = await freehold(*command, environment=made_twice.environment)
    assert (status, json.loads(out)) == (0, {"given_up": [kept.credential_id], "new_keyring": False}), err
    async with open_node(settings) as node, node.database.reading() as session:
        await check_readable(node.vault, session)


def grant() -> Grant:
    """A grant of somebody's, with the secret as its token."""
    return Grant.model_validate(
        {
            "client_id": "rosa",
            "delivery_id": "0" * 32,
            "issued_at": datetime.now(UTC),
            "status": "active",
            "access_token": SECRET,
            "token_expires_at": None,
            "meta_user_id": "1",
            "scopes": ("ads_read",),
            "assets": (Asset(kind="ad_account", id="act_1", name="Rosa", currency="EUR", timezone="Europe/Berlin"),),
        }
    )


@both
async def test_a_keyring_that_is_not_the_brokers(made_twice: Made) -> None:
    """Keys of clients that do not open are told before anything is served; where the keyring is lost, they are new."""
    folder, database = made_twice.data("broker"), made_twice.environment.get("FREEHOLD_BROKER_DATABASE_URL")
    settings = BrokerSettings(
        data_dir=folder, meta_app_id="1", meta_app_secret=SecretStr(SECRET), database_url=database
    )  # fmt: skip
    client = ClientRegistration.model_validate(
        {
            "client_id": "rosa",
            "company_name": "Rosa",
            "vm_url": "https://rosa.example.com",
            "vm_api_key": f"fhvm_{SECRET}",
        }
    )
    async with open_broker(settings) as broker:
        await register(broker, client, "test")
    (folder / "keyring.json").write_text(Keyring.generate().to_json(), encoding="utf-8")

    line = await made_twice.refusal("broker", "serve")
    assert line.startswith(f"the key of client rosa does not open with {folder / 'keyring.json'}; restore")
    command = ("broker", "replace-unreadable-keys", "--data", str(folder), "--json")
    status, out, err = await freehold(*command, environment=made_twice.environment)
    assert (status, json.loads(out)["replaced"]) == (0, ["rosa"]), err
    async with open_broker(settings) as broker, broker.database.reading() as session:
        await check_keyring(broker, session)


async def test_a_keyring_that_is_gone_is_made_anew(made: Made) -> None:
    """By the commands that give up what it opened; afterwards the programs have one again."""
    commands = (("node", "give-up-unreadable"), ("broker", "replace-unreadable-keys"))
    for program, command in commands:
        folder = made.data(program)
        (folder / "keyring.json").unlink()
        status, out, err = await freehold(
            program, command, "--data", str(folder), "--json", environment=made.environment
        )
        assert (status, json.loads(out)["new_keyring"]) == (0, True), err
        assert (folder / "keyring.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("program", "setting", "value", "says"),
    [
        ("node", "SCHEDULES", f"{{{SECRET}", "is not JSON"),
        ("node", "DATABASE_URL", f"postgres://u:{SECRET}@h/d", "write postgresql+asyncpg://"),
        ("node", "ALLOWED_NETWORKS", f"10.0.0.0/99,{SECRET}", "write networks as CIDR"),
        ("broker", "META_APP_SECRET", "", "at least 1"),
        ("broker", "META_APP_ID", f"{SECRET}!", "should match pattern"),
        ("broker", "REDIS_URL", f"http://:{SECRET}@h", "write redis://"),
        ("broker", "PUBLIC_RATE", SECRET, 'such as "240/minute"'),
    ],
)
async def test_a_wrong_setting(made: Made, program: str, setting: str, value: str, says: str) -> None:
    """It is named by its variable, with the form that it has to have, and without what was written."""
    variable = f"FREEHOLD_{program.upper()}_{setting}"
    line = await made.with_settings(**{variable: value}).refusal(program, "serve")
    assert variable in line
    assert says in line
