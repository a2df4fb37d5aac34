"""The products that the tests of this folder stand on are the real ones, in the versions that we name."""

import base64
import json
import subprocess
import urllib.request
from pathlib import Path

import asyncpg
import pytest
from tests.stack.products import COMPOSE, NocoDb, StackPostgres, watched, written
from tests.stack.searches import database_files, explained

from freehold.demo.databases import RedisServer
from freehold.demo.marks import Place, search


def test_node_is_the_pinned_one(node_programs: Path) -> None:
    """Products run on Node 24, whatever the machine has."""
    version = subprocess.run([node_programs / "node", "--version"], check=True, capture_output=True, text=True).stdout

    assert version.startswith("v24.")


async def test_postgres_is_the_stacks_and_asks_for_passwords(stack_postgres: StackPostgres) -> None:
    """It is of the major version that compose names, and nobody comes in without the right password."""
    connection = await stack_postgres.connect()
    try:
        version = await connection.fetchval("SHOW server_version_num")
    finally:
        await connection.close()

    assert f"postgres:{int(version) // 10_000}." in COMPOSE.read_text()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await stack_postgres.connect(password="wrong")


def test_nocodb_answers_to_its_owner(nocodb: NocoDb) -> None:
    """NocoDB runs over its own database, with the owner that it was started with."""
    session = ask(
        f"{nocodb.url}/api/v1/auth/user/signin",
        {"Content-Type": "application/json"},
        json.dumps({"email": nocodb.email, "password": nocodb.password}).encode(),
    )
    person = ask(f"{nocodb.url}/api/v1/auth/user/me", {"xc-auth": session["token"]})

    assert person["email"] == nocodb.email


def ask(url: str, headers: dict[str, str], body: bytes | None = None) -> dict[str, str]:
    """A JSON object from a product's API."""
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
        found: dict[str, str] = json.load(answer)
    return found


async def test_a_find_in_postgres_is_told_with_its_table_and_without_the_secret(stack_postgres: StackPostgres) -> None:
    """In which database and table it lies, also where a row is long and kept beside it; and what is around it."""
    key = "fhnode_0123456789abcdefKEY"
    encoded, marks = base64.b64encode(f"Basic {key}".encode()).decode(), {"a key": "fhnode_"}
    connection = await stack_postgres.connect()
    await connection.execute("CREATE TABLE leaking (said text STORAGE EXTERNAL)")
    try:
        await connection.execute("INSERT INTO leaking VALUES ($1), ($2)", f'said="{key}" and', f"{encoded} " * 9000)
        places = [Place("PostgreSQL's files", "node", await database_files(stack_postgres))]
    finally:
        await connection.execute("DROP TABLE leaking")
        await connection.close()
    found = [each for each in search(marks, places) if each.where.startswith("base/")]
    told = explained(found, marks, places)
    assert {(each.form, each.where.partition(" ")[2]) for each in found} >= {("plain", "(postgres: leaking)")}
    assert "of leaking)" in told
    assert 'said="xxxxxx_0000000000xxxxxxXXX" and' in told
    assert [each for each in (key[7:15], key[-9:], encoded[10:18], encoded[-12:-4]) if each in told] == []


def test_redis_runs(stack_redis: RedisServer) -> None:
    """Redis is there for n8n's queue."""
    assert stack_redis.process.poll() is None


@pytest.mark.parametrize(
    "code",
    [
        "fetch('https://telemetry.example.invalid/').catch(() => 0)",
        "require('https').get('https://telemetry.example.invalid/').on('error', () => 0)",
        "require('net').connect(443, 'telemetry.example.invalid').on('error', () => 0)",
        "require('dns').lookup('telemetry.example.invalid', () => 0)",
        "require('dns').promises.lookup('telemetry.example.invalid').catch(() => 0)",
        "require('dgram').createSocket('udp4').send('x', 53, 'telemetry.example.invalid', () => process.exit())",
    ],
)
def test_whoever_wants_out_is_seen(tmp_path: Path, node_programs: Path, code: str) -> None:
    """So that their silence is silence: each way out of this machine is refused, and written down."""
    environment = {"PATH": str(node_programs), **watched(tmp_path)}
    subprocess.run([node_programs / "node", "-e", code], env=environment, check=True, timeout=20)

    assert written(tmp_path) == ["telemetry.example.invalid"]
