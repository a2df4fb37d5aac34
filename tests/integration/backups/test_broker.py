"""A broker is backed up and restored: by the real commands, on SQLite and PostgreSQL."""

import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import MetaData, select
from sqlalchemy.engine import Connection
from tests.integration.backups.hosts import freehold

from freehold.broker.context import open_broker
from freehold.broker.initialization import initialize
from freehold.broker.keys import KEY_FILES, KEYRING_FILE, load_keys
from freehold.broker.registry import clients
from freehold.broker.registry.clients import ClientRegistration
from freehold.broker.settings import BrokerSettings
from freehold.demo.databases import PostgresServer
from freehold.kernel.crypto import Keyring, new_secret
from freehold.kernel.database import open_database

APP_SECRET = "app-secret-of-the-agency-0123456789"


def rows(connection: Connection) -> dict[str, list[str]]:
    """Every row of every table."""
    found = MetaData()
    found.reflect(connection)
    return {
        table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
        for table in found.sorted_tables
    }


async def everything(url: str) -> dict[str, list[str]]:
    """Every row of every table at an address."""
    database = open_database(url)
    try:
        async with database.reading() as session:
            return await session.run_sync(rows)
    finally:
        await database.close()


@pytest.fixture
def new_url(database_url: str, postgres_server: PostgresServer, tmp_path: Path) -> str:
    """An empty database on the new host."""
    if database_url.startswith("sqlite"):
        return f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    where = ("-h", "127.0.0.1", "-p", str(postgres_server.port), "-U", "freehold")
    postgres_server.run("dropdb", "--if-exists", *where, "broker_anew")
    postgres_server.run("createdb", *where, "broker_anew")
    return postgres_server.url("broker_anew")


async def test_a_broker_goes_on_on_a_new_host(database_url: str, new_url: str, tmp_path: Path) -> None:
    """Every row, every key of a node, its own identity; and nothing of it without the keyring or with another one."""
    made = await freehold("backup-key", "new", str(tmp_path / "backup.key"), "--json")
    data = tmp_path / "broker"
    data.mkdir()
    (data / "broker.env").write_text(
        f"FREEHOLD_BROKER_META_APP_ID=1\nFREEHOLD_BROKER_META_APP_SECRET={APP_SECRET}\n"
        f"FREEHOLD_BROKER_BACKUP_KEY={made.json['public_key']}\nFREEHOLD_BROKER_ALLOWED_NETWORKS=127.0.0.0/8\n"
    )
    settings = BrokerSettings.load(data).model_copy(update={"database_url": database_url})
    await initialize(settings)
    api_key = new_secret("fhvm")
    async with open_broker(settings) as broker:
        registration = ClientRegistration(
            client_id="rosa", company_name="Rosa", vm_url="http://127.0.0.1:3006", vm_api_key=SecretStr(api_key)
        )
        await clients.register(broker, registration, "test")
    environment = {"FREEHOLD_BROKER_DATABASE_URL": database_url}
    told = await freehold("broker", "backup", "--data", str(data), "--json", environment=environment)
    assert told.status == 0, told.err
    backup, before, identity = Path(told.json["path"]), await everything(database_url), load_keys(data)
    for secret in (APP_SECRET, api_key, "client_vm_registry", "Rosa"):
        assert secret.encode() not in backup.read_bytes()
    backup = Path(shutil.copy(backup, tmp_path))
    keyring = Path(shutil.copy(data / KEYRING_FILE, tmp_path))
    (tmp_path / "other.json").write_text(Keyring.generate().to_json())
    shutil.rmtree(data)

    words = (
        "broker",
        "restore",
        str(backup),
        "--data",
        str(data),
        "--key-file",
        str(tmp_path / "backup.key"),
        "--json",
    )
    environment = {"FREEHOLD_BROKER_DATABASE_URL": new_url}
    wrong = await freehold(*words, "--keyring", str(tmp_path / "other.json"), environment=environment)
    assert (wrong.status, "nothing was changed" in wrong.err, data.exists()) == (1, True, False), wrong.err
    told = await freehold(*words, "--keyring", str(keyring), environment=environment)

    assert told.status == 0, told.err
    assert told.json["clients"] == 1
    assert await everything(new_url) == before
    assert load_keys(data).signing.public_text() == identity.signing.public_text()
    assert {(data / name).stat().st_mode & 0o077 for name in (*KEY_FILES, "broker.env")} == {0}
    settings = BrokerSettings.load(data).model_copy(update={"database_url": new_url})
    assert settings.app_secrets() == (APP_SECRET,)
    async with open_broker(settings) as broker:
        assert clients.api_key(broker, await clients.known(broker, "rosa")) == api_key
    lost = (*words[:4], str(tmp_path / "lost"), *words[5:], "--keyring-is-lost", "--replace")
    told = await freehold(*lost, environment=environment)
    assert (told.status, told.json["clients"]) == (0, 0), told.err
    again = await freehold(*words, "--keyring", str(keyring), environment=environment)
    assert (again.status, "holds a broker" in again.err) == (1, True)
    await refuse_a_lost_keyring(words, environment, data)


async def refuse_a_lost_keyring(words: tuple[str, ...], environment: dict[str, str], data: Path) -> None:
    """A keyring that is there is not lost, and stays."""
    before = load_keys(data).keyring
    told = await freehold(*words, "--keyring-is-lost", "--replace", environment=environment)
    assert (told.status, "nothing was changed" in told.err) == (1, True), told.err
    assert load_keys(data).keyring == before


async def test_a_wrong_kind_of_backup_is_told(tmp_path: Path) -> None:
    """A broker's is not restored as a node, and another file is no backup."""
    made = await freehold("backup-key", "new", str(tmp_path / "backup.key"), "--json")
    data = tmp_path / "broker"
    settings = BrokerSettings(
        data_dir=data, meta_app_id="1", meta_app_secret=SecretStr("x"), backup_key=made.json["public_key"]
    )
    await initialize(settings)
    environment = {
        "FREEHOLD_BROKER_META_APP_ID": "1", "FREEHOLD_BROKER_META_APP_SECRET": "x",
        "FREEHOLD_BROKER_BACKUP_KEY": made.json["public_key"],
    }  # fmt: skip
    told = await freehold("broker", "backup", "--data", str(data), "--json", environment=environment)
    assert told.status == 0, told.err
    more = ("--key-file", str(tmp_path / "backup.key"), "--keyring", str(data / KEYRING_FILE))
    node = await freehold("node", "restore", told.json["path"], "--data", str(tmp_path / "node"), *more)
    assert (node.status, "a backup of a broker" in node.err) == (1, True)
    other = await freehold("node", "restore", str(data / "broker.db"), "--data", str(tmp_path / "node"), *more)
    assert (other.status, "no backup of Freehold" in other.err) == (1, True)
    again = await freehold("backup-key", "new", str(tmp_path / "backup.key"))
    assert (again.status, "is there already" in again.err) == (1, True)
