"""No token, code, secret, handle or user id is in a log, a database or a Redis of the broker's."""

import asyncio
import io
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from redis.asyncio import Redis
from tests.integration.broker.conftest import Answer, Stage
from tests.integration.broker.meta import APP_SECRET

from freehold.demo.databases import PostgresServer
from freehold.kernel import logs


def marks(stage: Stage, callback: str, done: Answer) -> list[str]:
    """Everything of a flow that nobody may find."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
    handle = parse_qs(urlsplit(done.headers["Location"]).query)["handle"][0]
    node = stage.nodes["rosa"]
    grant = node.grants[0]
    proofs = [proof.get_secret_value() for proof in grant.appsecret_proofs.values()]
    pages = [token.get_secret_value() for token in grant.page_tokens.values()]
    return [
        *stage.meta.tokens, *pages, *proofs, query["code"], query["state"], handle, APP_SECRET, stage.meta.user_id,
        node.api_key, stage.admin_key,
    ]  # fmt: skip


async def walked(stage: Stage) -> list[str]:
    """A flow that succeeds, one that is refused, and one that waits on a page; gives the marks."""
    node = await stage.add_client(allowed_users=["1", stage.meta.user_id])
    callback = await stage.to_callback(await stage.link())
    done = await stage.browser.get(callback)
    found = marks(stage, callback, done)
    await stage.browser.get(callback)
    stage.meta.faults["/debug_token"] = (400, {"error": {"code": 100, "message": f"bad {found[0]}"}})
    await stage.connect()
    stage.meta.faults.clear()
    node.answers.extend([503] * 20)
    await stage.connect()
    await stage.reasons()
    return [*found, *stage.meta.tokens]


def dumped(server: PostgresServer, url: str) -> str:
    """Everything that a database holds."""
    name, program = url.rpartition("/")[2], server.programs / "pg_dump"
    command: list[str | Path] = [program, "-h", "127.0.0.1", "-p", str(server.port), "-U", "freehold", name]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=server.folder.parent)
    return done.stdout


def held(text: str) -> Callable[[str], bool]:
    """Whether a mark stands in `text`, as it is or in hexadecimal."""
    return lambda mark: mark in text or mark.encode().hex() in text


async def test_nothing_of_a_flow_is_in_the_logs(stage: Stage) -> None:
    """Whatever happens, lines name steps and codes only."""
    sink = io.StringIO()
    logs.configure("broker", sink)

    found = await walked(stage)

    assert "http.answered" in sink.getvalue()
    assert not list(filter(held(sink.getvalue()), found))


async def test_nothing_of_a_flow_is_in_sqlite(stage: Stage) -> None:
    """Database, write-ahead log and key files hold ciphertext and digests."""
    found = await walked(stage)

    files = [path for path in stage.broker.settings.data_dir.iterdir() if path.is_file()]
    stored = "".join(path.read_bytes().decode("latin-1") for path in files)
    assert not list(filter(held(stored), found))


@pytest.mark.parametrize("stage_database", ["postgres"], indirect=True)
async def test_nothing_of_a_flow_is_in_postgresql_or_redis(stage: Stage, postgres_server: PostgresServer) -> None:
    """A dump of each, taken while a flow waits for its callback, gives nothing with which to complete it."""
    found = await walked(stage)
    waiting = await stage.to_callback(await stage.link())
    state = parse_qs(urlsplit(waiting).query)["state"][0]

    dump = await asyncio.to_thread(dumped, postgres_server, str(stage.broker.settings.database_url))
    redis: Redis = Redis.from_url(str(stage.broker.settings.redis_url))
    keys = [key async for key in redis.scan_iter()]
    values = [await redis.get(key) for key in keys if await redis.type(key) == b"string"]
    await redis.aclose()
    assert any(key.startswith(b"freehold:state:") for key in keys)
    assert not list(filter(held(dump + str(keys) + str(values)), [*found, state]))


@pytest.fixture
def stage_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLite, unless a test asks for PostgreSQL."""
    if getattr(request, "param", None) == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite+aiosqlite:///{tmp_path / 'broker' / 'broker.db'}"


@pytest.fixture
def redis_of_broker(request: pytest.FixtureRequest) -> str | None:
    """Redis beside PostgreSQL."""
    return str(request.getfixturevalue("redis_url")) if "postgres_server" in request.fixturenames else None
