"""Real servers for the tests: each is started on a free loopback port and stopped again."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import NoReturn

import asyncpg
import pytest
import uvicorn
from hypothesis import HealthCheck, settings
from starlette.types import ASGIApp

from freehold.demo import databases
from freehold.demo.databases import PostgresServer, ProgramMissingError, RedisServer

Serve = Callable[[ASGIApp], Awaitable[str]]


# A busy machine is slow, which says nothing about the code: time is measured in benchmarks, never by a test.
settings.register_profile("freehold", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("freehold")


def _missing(message: str) -> NoReturn:
    """Skip, naming what is missing, except where nothing may be skipped."""
    if os.environ.get("FREEHOLD_NO_SKIPS"):
        pytest.fail(message)
    pytest.skip(message)


@asynccontextmanager
async def serving(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Run `app` on a loopback port, a free one by default; gives its base URL."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", ws="none")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve([bound]))
        while not server.started:
            if task.done():
                raise RuntimeError("the application did not start") from task.exception()
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            server.force_exit = True
            await task


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start an ASGI application for the length of a test; gives its base URL."""
    async with AsyncExitStack() as stack:

        async def start(app: ASGIApp) -> str:
            return await stack.enter_async_context(serving(app))

        yield start


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test run's own."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(databases.postgres())
        except ProgramMissingError as error:
            _missing(str(error))
        yield server


@pytest.fixture
async def postgres_url(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """An empty PostgreSQL database of this test's own, as an SQLAlchemy URL."""
    name = f"test_{os.urandom(6).hex()}"
    admin = await asyncpg.connect(postgres_server.url("postgres").replace("+asyncpg", ""))
    try:
        await admin.execute(f"CREATE DATABASE {name}")
        yield postgres_server.url(name)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'freehold.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis server of this test's own."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(databases.redis())
        except ProgramMissingError as error:
            _missing(str(error))
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of a Redis server of this test's own."""
    return redis_server.url
