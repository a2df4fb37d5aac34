"""The cost of a completed flow at the broker, beside Grant 5.4 on Express.

Both run against the same fake authorization server, driven by the same raw asyncio client, one process each, in turns
in one run. The broker does all of its security work: connect links, interstitial, encrypted one-time state in Redis,
browser binding, PKCE, inspection of the token, permissions, audit rows in PostgreSQL. In the first rows discovery and
delivery are off, since Grant has neither; the last row has everything on, sealed delivery included.
"""

import asyncio
import hashlib
import html
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.driver import FORM_VALUE, Connection, Measured, drive, path_of
from benchmarks.results import Goal, cpu_seconds, publish, resident_megabytes

from freehold.broker.operator import BrokerOperator
from freehold.demo import databases, processes
from freehold.demo.databases import wait_for
from freehold.demo.platform import run_command
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.crypto import SealingKey

FLOWS = 600
WARM_UP = 100
WORKERS = 16
ROUNDS = 3
SETUPS = (
    ("Freehold on uvicorn", False, False),
    ("Freehold on granian", False, True),
    ("Freehold on uvicorn, discovery and delivery too", True, False),
)
PEER = Path(__file__).parent / "peers" / "grant"
NODE_KEY = "fhvm_" + "b" * 43
UNLIMITED = "100000000/minute"


@dataclass(frozen=True)
class System:
    """A running service: its port and process, and how one flow through it goes."""

    port: int
    pid: int
    flow: Callable[[Connection, Connection], Awaitable[None]]


@contextmanager
def authorization_server() -> Iterator[int]:
    """The provider, on a port of its own."""
    (port,) = processes.free_ports(1)
    with _program([sys.executable, "-m", "benchmarks.authorization_server", str(port)], {}):
        yield port


@contextmanager
def grant(provider: int) -> Iterator[System]:
    """Grant on Express, installed once for each lock file."""
    folder = _installed_peer()
    (port,) = processes.free_ports(1)
    environment = {"PORT": str(port), "PROVIDER": f"http://127.0.0.1:{provider}", "NODE_ENV": "production"}
    with _program(["node", str(folder / "server.js")], environment) as process:
        yield System(port, process.pid, grant_flow)


async def grant_flow(app: Connection, provider: Connection) -> None:
    """Connect, consent, callback."""
    start = await app.request("GET", "/connect/facebook")
    consent = await provider.request("GET", path_of(start.headers["location"]))
    done = await app.request("GET", path_of(consent.headers["location"]))
    assert done.status == 200, done.body


class BrokerFlows:
    """A flow for each of the connect links that were made beforehand."""

    def __init__(self, links: list[str]) -> None:
        self.links = links

    async def __call__(self, app: Connection, provider: Connection) -> None:
        """Interstitial, its button, consent, callback; the redirect to the node is the end."""
        page = await app.request("GET", path_of(self.links.pop()))
        form = {name.decode(): html.unescape(value.decode()) for name, value in FORM_VALUE.findall(page.body)}
        start = await app.request("POST", "/auth/meta", form)
        consent = await provider.request("GET", path_of(start.headers["location"]))
        done = await app.request("GET", path_of(consent.headers["location"]))
        assert done.status == 303, done.body


@dataclass(frozen=True, repr=False)
class RunningBroker:
    """A broker on PostgreSQL and Redis of its own."""

    port: int
    pid: int
    admin_key: str
    database_url: str


@asynccontextmanager
async def serving(
    provider: int,
    folder: Path,
    stack: ExitStack,
    *,
    everything: bool,
    more: dict[str, str] | None = None,
    on_granian: bool = False,
) -> AsyncIterator[RunningBroker]:
    """A new broker whose provider listens on the port `provider`; on uvicorn, as it is served, or on granian."""
    server, redis = stack.enter_context(databases.postgres()), stack.enter_context(databases.redis())
    server.run("createdb", "-h", "127.0.0.1", "-p", str(server.port), "-U", "freehold", "broker")
    (port,) = processes.free_ports(1)
    there = f"http://127.0.0.1:{provider}"
    environment = {
        "FREEHOLD_BROKER_PORT": str(port),
        "FREEHOLD_BROKER_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FREEHOLD_BROKER_META_APP_ID": "app",
        "FREEHOLD_BROKER_META_APP_SECRET": "app-secret",
        "FREEHOLD_BROKER_META_DIALOG_URL": there,
        "FREEHOLD_BROKER_META_GRAPH_URL": there,
        "FREEHOLD_BROKER_ALLOWED_NETWORKS": "127.0.0.0/8",
        "FREEHOLD_BROKER_DATABASE_URL": server.url("broker"),
        "FREEHOLD_BROKER_REDIS_URL": redis.url,
        "FREEHOLD_BROKER_PUBLIC_RATE": UNLIMITED,
        "FREEHOLD_BROKER_NODE_RATE": UNLIMITED,
        "FREEHOLD_BROKER_DISCOVER": str(everything).lower(),
        "FREEHOLD_BROKER_DELIVER": str(everything).lower(),
        **(more or {}),
    }
    made = await run_command(["broker", "init", "--data", str(folder)], environment)
    if on_granian:
        pid = stack.enter_context(_granian(port, environment | {"FREEHOLD_BROKER_DATA_DIR": str(folder)}))
        yield RunningBroker(port, pid, made["admin_key"], server.url("broker"))
        return
    program = await processes.start("broker", ["broker", "serve", "--data", str(folder)], environment, folder / "log")
    try:
        yield RunningBroker(port, program.process.pid, made["admin_key"], server.url("broker"))
    finally:
        await program.stop()


@contextmanager
def _granian(port: int, environment: dict[str, str]) -> Iterator[int]:
    """The broker's application on granian, one worker; gives the pid of its parent."""
    arguments = [
        "--interface",
        "asgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
        "--loop",
        "uvloop",
    ]
    command = [str(Path(sys.executable).with_name("granian")), *arguments, "--no-ws", "benchmarks.granian_app:app"]
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


@asynccontextmanager
async def broker(
    provider: int, folder: Path, stack: ExitStack, count: int, *, everything: bool, on_granian: bool
) -> AsyncIterator[System]:
    """The broker with one client and `count` connect links."""
    async with serving(provider, folder, stack, everything=everything, on_granian=on_granian) as running:
        links = await _links(running.port, running.admin_key, f"http://127.0.0.1:{provider}", count)
        yield System(running.port, running.pid, BrokerFlows(links))


async def _links(port: int, admin_key: str, node: str, count: int) -> list[str]:
    """Register the client and have its node make the connect links."""
    registration = {
        "client_id": "bench",
        "company_name": "Bench",
        "vm_url": node,
        "success_url": f"{node}/success",
        "public_key": SealingKey.generate().public_text(),
        "vm_api_key": NODE_KEY,
    }
    async with BrokerOperator(f"http://127.0.0.1:{port}", admin_key, AddressPolicy.of("127.0.0.0/8")) as operator:
        await operator.add_client(registration)
    connection = Connection(port)
    links = []
    for _ in range(count):
        answer = await connection.request("POST", "/connect-links", api_key=NODE_KEY)
        links.append(str(json.loads(answer.body)["url"]))
    await connection.close()
    return links


async def measure(name: str, system: System, provider: int) -> dict[str, Any]:
    """Warm up, then the rounds; the numbers of the cheapest round, since others only ever add."""
    await drive(system.flow, system.port, provider, WARM_UP, WORKERS)
    rounds: list[tuple[float, Measured]] = []
    for _ in range(ROUNDS):
        before = cpu_seconds(system.pid)
        measured = await drive(system.flow, system.port, provider, FLOWS, WORKERS)
        rounds.append((cpu_seconds(system.pid) - before, measured))
    cpu = [1000 * used / FLOWS for used, _ in rounds]
    best = min(rounds, key=lambda entry: entry[0])
    return {
        "system": name,
        "CPU ms per flow, best": round(min(cpu), 3),
        "CPU ms per flow, median": round(statistics.median(cpu), 3),
        "flows per CPU-second": round(FLOWS / best[0]),
        "flows per second": round(FLOWS / best[1].elapsed),
        "p50 ms": round(best[1].percentile(0.5), 1),
        "p99 ms": round(best[1].percentile(0.99), 1),
        "memory MB": round(resident_megabytes(system.pid)),
    }


async def run() -> list[dict[str, Any]]:
    """All systems in turn against one provider."""
    rows = []
    links = WARM_UP + ROUNDS * FLOWS
    with authorization_server() as provider:
        with grant(provider) as system:
            rows.append(await measure("Grant 5.4, Express 5", system, provider))
        for name, everything, on_granian in SETUPS:
            with ExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                async with broker(
                    provider, folder, stack, links, everything=everything, on_granian=on_granian
                ) as system:
                    rows.append(await measure(name, system, provider))
    return rows


def main() -> None:
    """Measure, print, write the result."""
    rows = asyncio.run(run())
    cost = "CPU ms per flow, best"
    ratio = round(rows[1][cost] / rows[0][cost], 2)
    publish(
        "broker_flows",
        [{**row, "CPU against Grant": f"{row[cost] / rows[0][cost]:.2f}x"} for row in rows],
        [Goal("CPU per flow against Grant's, with all security work on", 1.0, ratio)],
    )


def _installed_peer() -> Path:
    lock = (PEER / "package-lock.json").read_bytes()
    folder = Path.home() / ".cache" / "freehold" / f"grant-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (folder / "node_modules").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PEER / name, folder)
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)
    shutil.copy(PEER / "server.js", folder)
    return folder


@contextmanager
def _program(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program that says "listening" when it is ready."""
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        if b"listening" not in said:
            raise RuntimeError(f"{command[0]} did not start: {json.dumps(said.decode())}")
        yield process
    finally:
        process.terminate()
        process.wait(10)
