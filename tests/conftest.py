"""Real servers for the tests: each is started on a free loopback port and stopped again."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import uvicorn
from starlette.types import ASGIApp

Serve = Callable[[ASGIApp], Awaitable[str]]


def _missing(what: str, install: str) -> None:
    """Skip, naming what is missing, except where nothing may be skipped."""
    message = f"{what} is missing: {install}"
    if os.environ.get("FREEHOLD_NO_SKIPS"):
        pytest.fail(message)
    pytest.skip(message)


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """Run `app` on a free loopback port; gives its base URL."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
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


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def _postgres_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _as_postgres(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root, so there it runs as the account of its package."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres")
    return ["runuser", "-u", "postgres", "--"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this test run's own; gives its URL without a database name."""
    programs = _postgres_programs()
    if programs is None:
        _missing("PostgreSQL", "apt-get install postgresql")
        return
    with tempfile.TemporaryDirectory(prefix="freehold-postgres-", dir="/tmp") as name:
        folder = Path(name)
        prefix = _as_postgres(folder)
        data, port = folder / "data", free_port()
        subprocess.run(
            [*prefix, programs / "initdb", "-D", data, "-U", "freehold", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
        )
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off -c max_connections=200 -c shared_buffers=64MB"
        subprocess.run(
            [*prefix, programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"postgresql+asyncpg://freehold@127.0.0.1:{port}"
        finally:
            subprocess.run(
                [*prefix, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=True, capture_output=True
            )


@pytest.fixture
async def postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """An empty PostgreSQL database of this test's own, as an SQLAlchemy URL."""
    name = f"test_{os.urandom(6).hex()}"
    admin = await asyncpg.connect(postgres_server.replace("+asyncpg", "") + "/postgres")
    try:
        await admin.execute(f"CREATE DATABASE {name}")
        yield f"{postgres_server}/{name}"
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
def redis_url() -> Iterator[str]:
    """A Redis server of this test's own."""
    program = shutil.which("redis-server")
    if program is None:
        _missing("Redis", "apt-get install redis-server")
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="freehold-redis-") as folder:
        arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL)
        try:
            _wait_for_port(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait(timeout=10)


def _wait_for_port(port: int) -> None:
    for _ in range(400):
        with socket.socket() as probe:
            probe.settimeout(0.05)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")
