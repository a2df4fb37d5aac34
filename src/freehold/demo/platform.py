"""The demo's platform: sandbox, broker and nodes as processes, made and joined as an operator would."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.broker.operator import BrokerOperator
from freehold.demo import processes
from freehold.demo.processes import Program, StartError
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.files import write_private

LOOPBACK = "127.0.0.0/8"
APP_ID = "1234567890123456"


@dataclass(frozen=True)
class Member:
    """Who takes part: a client of the agency, its person at Meta, and the assets that person has for it."""

    client_id: str
    company_name: str
    person: str
    assets: tuple[str, ...]


@dataclass(frozen=True)
class NodeProcess:
    """A member's node as it runs."""

    member: Member
    data_dir: Path
    program: Program
    pages_url: str
    receiver_url: str


@dataclass(frozen=True, repr=False)
class Secrets:
    """What the demo's platform is made with: the app secret, the administrator's key, and marks in Meta's tokens."""

    app_secret: str
    mark: str = ""


@dataclass(frozen=True, repr=False)
class Platform:
    """Everything that runs, and the administrator's key to it."""

    data_dir: Path
    sandbox_url: str
    broker_url: str
    admin_key: str
    programs: tuple[Program, ...]
    nodes: tuple[NodeProcess, ...]

    def operator(self) -> BrokerOperator:
        """The operator's commands at this broker."""
        return BrokerOperator(self.broker_url, self.admin_key, AddressPolicy.of(LOOPBACK))

    async def connect_link(self, client_id: str) -> str:
        """A fresh single-use link for a client's person."""
        async with self.operator() as operator:
            return (await operator.connect_link(client_id)).url

    async def stop(self) -> None:
        """End every program."""
        await asyncio.gather(*(program.stop() for program in self.programs))


async def start(
    data_dir: Path,
    members: Sequence[Member],
    known: Secrets | None = None,
    broker_environment: Mapping[str, str] | None = None,
    sandbox_environment: Mapping[str, str] | None = None,
    node_environment: Mapping[str, str] | None = None,
) -> Platform:
    """Start everything in `data_dir`, which must be empty; raises `StartError` when a program does not start.

    `broker_environment` and `node_environment` add settings, such as a PostgreSQL and a Redis to use;
    `sandbox_environment` adds settings of the sandbox's, such as a world of another size.
    """
    if data_dir.exists() and any(data_dir.iterdir()):
        raise StartError(f"{data_dir} is not empty; name another folder, or remove it")
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = known or Secrets(app_secret=secrets.token_hex(16))
    async with contextlib.AsyncExitStack() as cleanup:
        broker_port = processes.free_ports(1)[0]
        broker_url = f"http://127.0.0.1:{broker_port}"
        sandbox = await _start_sandbox(data_dir, broker_url, told, sandbox_environment or {})
        cleanup.push_async_callback(sandbox.stop)
        sandbox_url = f"http://127.0.0.1:{sandbox.ports['sandbox']}"
        environment = _broker_environment(broker_port, broker_url, sandbox_url, told) | dict(broker_environment or {})
        admin_key, broker = await _start_broker(data_dir / "broker", environment)
        cleanup.push_async_callback(broker.stop)
        nodes = []
        for member in members:
            urls = {"FREEHOLD_NODE_GRAPH_URL": sandbox_url, **(node_environment or {})}
            nodes.append(await _start_node(data_dir, member, broker_url, urls, admin_key))
            cleanup.push_async_callback(nodes[-1].program.stop)
        cleanup.pop_all()
    programs = (sandbox, broker, *(node.program for node in nodes))
    return Platform(data_dir, sandbox_url, broker_url, admin_key, programs, tuple(nodes))


async def run_command(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run `freehold <arguments> --json` to its end; gives the object it printed. Raises `StartError` with its words."""
    async with processes.running(*arguments, "--json", environment=environment) as process:
        out, err = await process.communicate()
    if process.returncode:
        raise StartError(f"freehold {' '.join(arguments[:2])} failed: {err.decode(errors='replace').strip()[-500:]}")
    printed: dict[str, Any] = json.loads(out.decode().strip().splitlines()[-1])
    return printed


async def _start_sandbox(data_dir: Path, broker_url: str, told: Secrets, more: Mapping[str, str]) -> Program:
    environment = {
        "FREEHOLD_SANDBOX_APP_ID": APP_ID,
        "FREEHOLD_SANDBOX_APP_SECRET": told.app_secret,
        "FREEHOLD_SANDBOX_MARK": told.mark,
        "FREEHOLD_SANDBOX_REDIRECT_URIS": json.dumps([f"{broker_url}/callback/meta"]),
        "FREEHOLD_SANDBOX_DEAUTHORIZE_URL": f"{broker_url}/meta/deauthorize",
        "FREEHOLD_SANDBOX_DATA_DELETION_URL": f"{broker_url}/meta/data-deletion",
        **more,
    }
    return await processes.start("sandbox", ["sandbox", "serve", "--port", "0"], environment, data_dir / "sandbox.log")


def _broker_environment(port: int, url: str, sandbox_url: str, told: Secrets) -> dict[str, str]:
    return {
        "FREEHOLD_BROKER_PORT": str(port),
        "FREEHOLD_BROKER_PUBLIC_URL": url,
        "FREEHOLD_BROKER_META_APP_ID": APP_ID,
        "FREEHOLD_BROKER_META_APP_SECRET": told.app_secret,
        "FREEHOLD_BROKER_META_DIALOG_URL": sandbox_url,
        "FREEHOLD_BROKER_META_GRAPH_URL": sandbox_url,
        "FREEHOLD_BROKER_ALLOWED_NETWORKS": LOOPBACK,
    }


async def _start_broker(folder: Path, environment: Mapping[str, str]) -> tuple[str, Program]:
    """A new broker: its first administrator's key, and its process."""
    made = await run_command(["broker", "init", "--data", str(folder)], environment)
    write_private(folder.parent / "admin.key", made["admin_key"])
    log = folder.parent / "broker.log"
    program = await processes.start("broker", ["broker", "serve", "--data", str(folder)], environment, log)
    return str(made["admin_key"]), program


async def _start_node(
    data_dir: Path, member: Member, broker_url: str, chosen: Mapping[str, str], admin_key: str
) -> NodeProcess:
    """A new node, registered with the broker, and its process."""
    folder = data_dir / "nodes" / member.client_id
    receiver, pages = processes.free_ports(2)
    receiver_url, pages_url = f"http://127.0.0.1:{receiver}", f"http://127.0.0.1:{pages}"
    environment = {
        "FREEHOLD_NODE_ALLOWED_NETWORKS": LOOPBACK,
        "FREEHOLD_NODE_SCHEDULES_ON": "false",  # what is collected, and when, is what the walk says
        "FREEHOLD_NODE_META_ADS_PORT": "0",  # any free one: the demo has a node for each client on one machine
        "FREEHOLD_NODE_INSTAGRAM_PORT": "0",
        **chosen,
    }
    made = await run_command(
        [
            *("node", "init", "--data", str(folder), "--client-id", member.client_id),
            *("--company", member.company_name, "--broker", broker_url),
            *("--vm-url", receiver_url, "--public-url", pages_url),
            *("--receiver-port", str(receiver), "--workflows-port", str(pages)),
        ],
        environment,
    )
    async with BrokerOperator(broker_url, admin_key, AddressPolicy.of(LOOPBACK)) as operator:
        await operator.add_client(json.loads(Path(made["registration"]).read_text(encoding="utf-8")))
    log = data_dir / f"node-{member.client_id}.log"
    program = await processes.start(member.client_id, ["node", "serve", "--data", str(folder)], {}, log)
    return NodeProcess(member, folder, program, pages_url, receiver_url)
