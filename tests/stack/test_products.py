"""The products that the tests of this folder stand on are the real ones, in the versions that we name."""

import json
import subprocess
import urllib.request
from pathlib import Path

import asyncpg
import pytest
from tests.stack.products import NocoDb, StackPostgres

from freehold.demo.databases import RedisServer


def test_node_is_the_pinned_one(node_programs: Path) -> None:
    """Products run on Node 24, whatever the machine has."""
    version = subprocess.run([node_programs / "node", "--version"], check=True, capture_output=True, text=True).stdout

    assert version.startswith("v24.")


async def test_postgres_is_18_and_asks_for_passwords(stack_postgres: StackPostgres) -> None:
    """Nobody comes into the database server without the right password."""
    connection = await stack_postgres.connect()
    try:
        version = await connection.fetchval("SHOW server_version_num")
    finally:
        await connection.close()

    assert int(version) // 10_000 == 18
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


def test_redis_runs(stack_redis: RedisServer) -> None:
    """Redis is there for n8n's queue."""
    assert stack_redis.process.poll() is None
