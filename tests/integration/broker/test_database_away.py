"""The broker while its PostgreSQL is away, and afterwards."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from tests.integration.broker.conftest import Stage

from freehold.demo import databases
from freehold.demo.databases import PostgresServer


@pytest.fixture
def own_server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """A PostgreSQL server that this test may stop."""
    assert postgres_server, "the session's server shows that the program is there"
    with databases.postgres() as server:
        yield server


@pytest.fixture
async def stage_database(own_server: PostgresServer) -> str:
    """A database on that server."""
    admin = await asyncpg.connect(own_server.url("postgres").replace("+asyncpg", ""))
    await admin.execute("CREATE DATABASE broker")
    await admin.close()
    return own_server.url("broker")


async def test_postgresql_away_gives_503_with_a_reason_and_recovers_by_itself(
    stage: Stage, own_server: PostgresServer
) -> None:
    """While it is away, people and programs are told so; afterwards everything works again."""
    node = await stage.add_client()
    link = await stage.link()
    data, options = own_server.folder / "data", f"-h 127.0.0.1 -p {own_server.port} -k {own_server.folder}"
    await asyncio.to_thread(own_server.run, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    try:
        page = await stage.browser.get(link)
        ready = await stage.browser.get(f"{stage.url}/ready", Accept="*/*")
        admin = await stage.admin("GET", "/admin/stats")
    finally:
        await asyncio.to_thread(
            own_server.run, "pg_ctl", "-D", data, "-l", own_server.folder / "again.log", "-w", "-o", options, "start"
        )

    assert (page.status, ready.status, admin.status) == (503, 503, 503)
    assert "database_unavailable" in page.text
    assert ready.json()["code"] == "database_unavailable"
    done = await stage.browser.get(await stage.to_callback(link))
    assert done.status == 303
    assert len(node.grants) == 1
