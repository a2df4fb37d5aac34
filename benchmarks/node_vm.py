"""How much memory the whole stack of a client's machine takes, product by product, and how long each takes to start.

Everything is started as the tests of `tests/stack` start it: PostgreSQL 17, Redis, NocoDB, n8n's main process and its
worker, Open WebUI (slim), and `freehold node serve` over a database of that PostgreSQL. Memory is PSS, summed over the
processes of a product: what several of them share counts once. It is measured idle, some time after the last has
started.
"""

import asyncio
import contextlib
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.results import Goal, publish
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.stack import n8n, npm, open_webui, products, tools
from tests.stack.products import StackPostgres

from freehold.contracts.registration import BrokerIdentity
from freehold.demo import databases, processes
from freehold.kernel import listener, logs
from freehold.kernel.crypto import SealingKey, SigningKey
from freehold.kernel.listener import Listener
from freehold.node.initialization import initialize
from freehold.node.settings import NodeSettings

SETTLE_SECONDS = 45
MEGABYTE = 1024
FULL_GOAL_MB = 4096
SHARE_GOAL_PERCENT = 10
T = TypeVar("T")


@dataclass(frozen=True)
class Product:
    """A product that runs: how long it took to start, and the process above all of its own."""

    name: str
    seconds: float
    pid: int


def tree(pid: int) -> list[int]:
    """A process and all that it began, and they in turn."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += tree(int(child))
    return found


def proportional_megabytes(pid: int) -> float:
    """PSS of a process: a page that n processes share counts as its n-th part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / MEGABYTE
    raise ProcessLookupError(pid)


def timed(start: Callable[[], T]) -> tuple[T, float]:
    """What `start` gives, and the seconds it took."""
    begun = time.perf_counter()
    made = start()
    return made, time.perf_counter() - begun


def postmaster(server: StackPostgres) -> int:
    """The process above all of PostgreSQL's."""
    return int((server.folder / "data" / "postmaster.pid").read_text().splitlines()[0])


@contextlib.contextmanager
def bought(folder: Path) -> Iterator[tuple[list[Product], StackPostgres]]:
    """All that is not Freehold's, running; what npm and pip install was installed before the clock starts."""
    for project in ("node", "nocodb", "n8n"):
        npm.installed(project)
    open_webui.installed()
    tools.postgres_programs()
    with ExitStack() as stack:

        def start(made: AbstractContextManager[T]) -> tuple[T, float]:
            return timed(lambda: stack.enter_context(made))

        postgres, postgres_seconds = start(products.postgres17())
        redis, redis_seconds = start(databases.redis())
        nocodb, nocodb_seconds = start(products.nocodb(_folder(folder, "nocodb"), _database(postgres, "nocodb")))
        cluster = n8n.Cluster(_folder(folder, "n8n"), _database(postgres, "n8n"), redis.url)
        stack.enter_context(cluster.stack)
        _, main_seconds = timed(cluster.start_main)
        _, worker_seconds = timed(cluster.start_worker)
        chat, chat_seconds = start(open_webui.open_webui(_folder(folder, "open_webui")))
        assert cluster.main is not None
        assert cluster.worker is not None
        yield (
            [
                Product("PostgreSQL 17", postgres_seconds, postmaster(postgres)),
                Product("Redis", redis_seconds, redis.process.pid),
                Product("NocoDB", nocodb_seconds, nocodb.program.process.pid),
                Product("n8n", main_seconds, cluster.main.process.pid),
                Product("n8n worker", worker_seconds, cluster.worker.process.pid),
                Product("Open WebUI", chat_seconds, chat.program.process.pid),
            ],
            postgres,
        )


def _folder(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    return made


def _database(postgres: StackPostgres, name: str) -> dict[str, Any]:
    password = secrets.token_urlsafe(24)
    postgres.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'", f"CREATE DATABASE {name} OWNER {name}")
    return {"host": "127.0.0.1", "port": postgres.port, "user": name, "password": password, "database": name}


@contextlib.asynccontextmanager
async def _broker() -> AsyncIterator[str]:
    """A broker that only says who it is, which is all that `init` asks."""
    keys = SigningKey.generate().public_text(), SealingKey.generate().public_text()

    async def identity(request: Request) -> JSONResponse:
        told = BrokerIdentity(broker_url=str(request.base_url), signing_key=keys[0], sealing_key=keys[1])
        return JSONResponse(told.model_dump())

    app = Starlette(routes=[Route("/.well-known/freehold-broker.json", identity)])
    ports: asyncio.Queue[dict[str, int]] = asyncio.Queue()
    stop = asyncio.Event()
    serving = listener.serve([Listener("broker", app, "127.0.0.1", 0)], stop=stop, ready=ports.put_nowait)
    task = asyncio.create_task(serving)
    try:
        yield f"http://127.0.0.1:{(await ports.get())['broker']}"
    finally:
        stop.set()
        await task


async def node(folder: Path, postgres: StackPostgres) -> tuple[Product, processes.Program]:
    """`freehold node serve` with all its listeners, schedules and a worker, over a database of its own."""
    of = await asyncio.to_thread(_database, postgres, "freehold")
    settings = NodeSettings(
        data_dir=folder / "node",
        client_id="rosa",
        company_name="Rosa",
        allowed_networks=("127.0.0.0/8",),
        database_url=postgres.url("freehold", "freehold", of["password"]),
        receiver_port=0,
        workflows_port=0,
        meta_ads_port=0,
        instagram_port=0,
    )
    async with _broker() as broker_url:
        await initialize(settings, broker_url, "http://127.0.0.1:3006")
    begun = time.perf_counter()
    command = ["node", "serve", "--data", str(settings.data_dir)]
    program = await processes.start("node", command, {}, folder / "node.log")
    return Product("Freehold node", time.perf_counter() - begun, program.process.pid), program


async def measure(running: list[Product], folder: Path, postgres: StackPostgres) -> list[dict[str, Any]]:
    """Start the node beside what runs, wait until all are at rest, and weigh each."""
    ours, program = await node(folder, postgres)
    try:
        await asyncio.sleep(SETTLE_SECONDS)
        return [_row(product) for product in (*running, ours)]
    finally:
        await program.stop()


def _row(product: Product) -> dict[str, Any]:
    pids = tree(product.pid)
    return {
        "product": product.name,
        "start s": round(product.seconds, 1),
        "processes": len(pids),
        "idle PSS MB": round(sum(map(proportional_megabytes, pids))),
    }


def summed(rows: list[dict[str, Any]], name: str, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """One row of the stack as a whole, without the products whose names begin with one of `leave_out`."""
    chosen = [row for row in rows if not row["product"].startswith(leave_out)]
    told = {key: sum(row[key] for row in chosen) for key in ("start s", "processes", "idle PSS MB")}
    return {"product": name, **told, "start s": round(told["start s"], 1)}


def main() -> None:
    """Measure, print, write the result."""
    logs.configure("benchmark", level="critical")
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="freehold-node-vm-", ignore_cleanup_errors=True))
        running, postgres = stack.enter_context(bought(Path(name)))
        rows = asyncio.run(measure(running, Path(name), postgres))
    chat = summed(rows, "all: profile full, with chat")
    full = summed(rows, "all: profile full", leave_out=("Open WebUI",))
    lite = summed(rows, "all: profile lite", leave_out=("Open WebUI", "n8n"))
    share = 100 * rows[-1]["idle PSS MB"] / chat["idle PSS MB"]
    goals = [
        Goal("MB of the whole stack, profile full, with chat", FULL_GOAL_MB, chat["idle PSS MB"]),
        Goal("% of it that is Freehold's", SHARE_GOAL_PERCENT, round(share, 1)),
    ]
    publish("node_vm", [*rows, chat, full, lite], goals)
