"""The broker while its PostgreSQL is away, and afterwards."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from tests.integration.broker.conftest import Stage
from tests.integration.broker.test_platform_events import statuses

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


@pytest.fixture(params=[False, True], ids=["state in the database", "state in Redis"])
def redis_of_broker(request: pytest.FixtureRequest) -> str | None:
    """Where one-time state is."""
    return str(request.getfixturevalue("redis_url")) if request.param else None


def stop(server: PostgresServer) -> None:
    """Stop a PostgreSQL as a power cut does."""
    server.run("pg_ctl", "-D", server.folder / "data", "-m", "immediate", "-w", "stop")


def start(server: PostgresServer) -> None:
    """Start it again, and wait until it serves."""
    options = f"-h 127.0.0.1 -p {server.port} -k {server.folder}"
    log = server.folder / "again.log"
    server.run("pg_ctl", "-D", server.folder / "data", "-l", log, "-w", "-o", options, "start")


async def test_postgresql_away_gives_503_with_a_reason_and_recovers_by_itself(
    stage: Stage, own_server: PostgresServer
) -> None:
    """While it is away, people and programs are told so; afterwards everything works again."""
    node = await stage.add_client()
    link = await stage.link()
    await asyncio.to_thread(stop, own_server)
    try:
        page = await stage.browser.get(link)
        ready = await stage.browser.get(f"{stage.url}/ready", Accept="*/*")
        admin = await stage.admin("GET", "/admin/stats")
    finally:
        await asyncio.to_thread(start, own_server)

    assert (page.status, ready.status, admin.status) == (503, 503, 503)
    assert "database_unavailable" in page.text
    assert ready.json()["code"] == "database_unavailable"
    done = await stage.browser.get(await stage.to_callback(link))
    assert done.status == 303
    assert len(node.grants) == 1


async def test_an_answer_that_came_while_it_was_away_works_afterwards(stage: Stage, own_server: PostgresServer) -> None:
    """Neither the state nor the cookie is used up, so that reloading the page completes the flow."""
    node = await stage.add_client()
    callback = await stage.to_callback(await stage.link())
    await asyncio.to_thread(stop, own_server)
    away = await stage.browser.get(callback)
    await asyncio.to_thread(start, own_server)

    done = await stage.browser.get(callback)

    assert (away.status, done.status, len(node.grants)) == (503, 303, 1)


async def test_a_delivery_that_was_accepted_stays_a_success(stage: Stage, own_server: PostgresServer) -> None:
    """Whatever fails behind it, the person lands at the company's page and Meta's callbacks find the connection."""
    node = await stage.add_client()
    callback = await stage.to_callback(await stage.link())
    node.on_delivery = lambda: stop(own_server)

    done = await stage.browser.get(callback)
    await asyncio.to_thread(start, own_server)

    assert done.status == 303
    assert await statuses(stage) == ["active"]
