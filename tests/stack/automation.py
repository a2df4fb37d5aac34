"""n8n with the workflow library beside a real node, its broker and the sandbox: what the tests of n8n work with."""

import asyncio
import contextlib
import copy
import dataclasses
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import ColumnElement, Table, func, select
from tests.integration.node.sinks import HttpSink
from tests.stack import products, tools
from tests.stack.machine import Machine
from tests.stack.n8n import EMAIL, Cluster
from tests.stack.products import NocoDb

from freehold.demo import client, platform, processes, walk
from freehold.demo.platform import NodeProcess, Platform, Secrets
from freehold.demo.processes import Program
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.clock import SystemClock
from freehold.kernel.database import Database, open_database
from freehold.kernel.http import HttpClient
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.n8n.client import N8nApi, Owner, signed_in
from freehold.node.bootstrap.n8n.library import COMPARED, ERRORS, Shipped, shipped
from freehold.node.bootstrap.queries import parts_of
from freehold.node.http import open_client
from freehold.node.notifications.tables import notifications
from freehold.node.notifications.targets import keep_target, new_target
from freehold.node.runs import queries
from freehold.node.runs.queries import RunRecord

LIMITS = (
    *("PLATFORM_APP_PER_USER_HOUR", "PLATFORM_USER_HOUR", "INSTAGRAM_DAY_MINIMUM", "PAGES_DAY"),
    *("ADS_MANAGEMENT_HOUR", "ADS_INSIGHTS_HOUR", "SCORE_MAXIMUM"),
)
PLENTY = "1000000000"
"""Nobody waits for a budget here: how that is done is tested elsewhere."""
SANDBOX = {
    **{f"FREEHOLD_SANDBOX_LIMITS__{name}": PLENTY for name in LIMITS},
    "FREEHOLD_SANDBOX_ADS_REPORT_SECONDS": "0.1",
}
NODE = {
    "FREEHOLD_NODE_CEILING_PER_HOUR": PLENTY,
    "FREEHOLD_NODE_APP_SHARE_PER_USER": PLENTY,
    "FREEHOLD_NODE_BACKFILL_DAYS": "7",
    "FREEHOLD_NODE_WORKER_POLL": "0.2",
}
MARK = "Mark5d41402abc4b2a76"
"""Stands in every token and code that the sandbox makes."""
OF_DATA = ("ad_bands", "anomaly", "recommendation", "report")
"""Kinds of notices about what was collected: the sandbox's world differs from day to day."""
PATIENCE = 180.0
BY_HAND = {
    "id": "00000000-0000-4000-8000-000000000001",
    "name": "By hand",
    "type": "n8n-nodes-base.manualTrigger",
    "typeVersion": 1,
    "position": [0, 0],
    "parameters": {},
}
"""The button of a workflow of somebody's."""


@dataclass
class Automation:
    """Everything that runs, and what has arrived where people are told."""

    machine: Machine
    """With the node's folder."""
    nocodb: NocoDb
    cluster: Cluster
    platform: Platform
    backup_key: Path
    """The private key that opens the node's backups."""
    database: Database
    """The node's."""
    session: aiohttp.ClientSession
    http: HttpClient
    sink: HttpSink
    node: NodeProcess
    tool_ports: Mapping[str, int]
    """Of the node's services of tools, by name."""
    first: dict[str, str] = field(default_factory=dict)
    """What bootstrap did when everything was empty."""
    cookie: str = field(default="", repr=False)
    _api: N8nApi | None = field(default=None, repr=False)

    @property
    def api(self) -> N8nApi:
        """n8n's public API, open for all tests: n8n lets nobody sign in more than five times a minute."""
        assert self._api is not None
        return self._api

    @property
    def pages(self) -> str:
        """Where n8n finds the node, by a name that it may reach."""
        return self.node.pages_url.replace("127.0.0.1", "localhost")

    async def bootstrap(self, *arguments: str) -> list[Done]:
        """Run `freehold node bootstrap` with further words; gives what it did."""
        printed = await asyncio.to_thread(
            lambda: self.machine.bootstrap(*arguments, nocodb=self.nocodb, environment=self.settings())
        )
        return [Done(**each) for each in printed["done"]]

    def settings(self) -> dict[str, str]:
        """Bootstrap's settings for n8n."""
        return {
            "FREEHOLD_BOOTSTRAP_N8N_URL": self.cluster.url,
            "FREEHOLD_BOOTSTRAP_N8N_OWNER_PASSWORD_FILE": str(self.cluster.password_file),
            "FREEHOLD_BOOTSTRAP_WORKFLOWS_URL": self.pages,
            "FREEHOLD_BOOTSTRAP_RECEIVER_URL": self.node.receiver_url.replace("127.0.0.1", "localhost"),
            "FREEHOLD_BOOTSTRAP_META_ADS_URL": f"http://localhost:{self.tool_ports['meta_ads']}",
            "FREEHOLD_BOOTSTRAP_INSTAGRAM_URL": f"http://localhost:{self.tool_ports['instagram']}",
        }

    async def rest(self, method: str, path: str, body: object = None) -> Any:
        """Ask n8n as its editor does, signed in as the owner; gives what it answers under `data`."""
        if not self.cookie:
            signing_in = {"emailOrLdapLoginId": EMAIL, "password": self.owner().password}
            async with self.session.post(f"{self.cluster.url}/rest/login", json=signing_in) as answer:
                self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        url, headers = f"{self.cluster.url}/rest/{path}", {"Cookie": self.cookie}
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            assert answer.status == 200, f"{method} {path}: {answer.status} {await answer.text()}"
            return (await answer.json()).get("data")

    def owner(self) -> Owner:
        """n8n's owner."""
        return Owner(EMAIL, self.cluster.password_file.read_text(encoding="utf-8"))

    async def part_id(self, name: str) -> str:
        """The id in n8n of what the set-up made under a name."""
        async with self.database.reading() as session:
            return (await parts_of(session, "n8n"))[name].external_id

    async def workflow_id(self, name: str) -> str:
        """The id in n8n of a workflow of the library."""
        return await self.part_id(f"workflow:{name}")

    async def edit(self, name: str, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Change a workflow as somebody would, and publish it; gives what it was before."""
        workflow_id = await self.workflow_id(name)
        there = await self.api.get(f"workflows/{workflow_id}")
        assert there is not None
        before = {each: there[each] for each in COMPARED}
        changed = copy.deepcopy(before)
        change(changed)
        await self.api.write("PUT", f"workflows/{workflow_id}", changed)
        return before

    async def by_hand(self, name: str) -> str:
        """Run a workflow as somebody who presses its button; gives the execution's id."""
        return await self.run(await self.workflow_id(name))

    async def run(self, workflow_id: str) -> str:
        """Run any workflow so."""
        started = await self.rest("POST", f"workflows/{workflow_id}/run", {"triggerToStartFrom": {"name": "By hand"}})
        return str(started["executionId"])

    async def run_all(self, *names: str) -> None:
        """Run workflows by hand, and wait until n8n and the node are through with them."""
        before = {name: len(await self.runs(name)) for name in names}
        for name in names:
            await self.by_hand(name)
        await until(lambda: self.ran(before), "every run has ended")

    async def ran(self, before: Mapping[str, int]) -> bool:
        """Whether there are more runs of each workflow than `before`, all ended, and n8n is idle."""
        for name, runs in before.items():
            found = await self.runs(name)
            if len(found) <= runs or any(run.ended_at is None for run in found):
                return False
        return await self.idle()

    async def executions(self) -> dict[str, str]:
        """Every execution that n8n still knows, with how it stands; what went well is not kept."""
        query = 'SELECT id, status FROM execution_entity WHERE "deletedAt" IS NULL'
        return {str(row["id"]): row["status"] for row in await self.n8n_rows(query)}

    async def idle(self) -> bool:
        """Whether n8n executes nothing, waits for nothing, and has deleted what went well."""
        return not {"new", "running", "waiting", "success"} & set((await self.executions()).values())

    async def n8n_rows(self, query: str, *values: Any) -> list[Any]:
        """What a query over n8n's database gives."""
        connection = await self.machine.postgres.connect("n8n")
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def runs(self, workflow: str) -> list[RunRecord]:
        """The node's runs of a workflow, the newest first."""
        async with self.database.reading() as session:
            return await queries.list_runs(session, workflow=workflow)

    async def told(self) -> dict[str, dict[str, Any]]:
        """What the node has written down to tell people, by key; not of what its data hold."""
        query = select(notifications).where(notifications.c.kind.not_in(OF_DATA)).order_by(notifications.c.id)
        async with self.database.reading() as session:
            return {row["key"]: dict(row) for row in (await session.execute(query)).mappings()}

    async def count(self, table: Table, *wanted: ColumnElement[bool]) -> int:
        """How many rows a table of the node's has, or how many of those that are wanted."""
        async with self.database.reading() as session:
            return int((await session.execute(select(func.count()).select_from(table).where(*wanted))).scalar_one())

    async def restart_node(self, environment: Mapping[str, str]) -> None:
        """End the node's process and start it with other settings, beside a client of PostgreSQL's version."""
        await self.node.program.stop()
        words = ["node", "serve", "--data", str(self.node.data_dir)]
        chosen = {"PATH": f"{tools.postgres_programs()}:{os.environ['PATH']}", **environment}
        program = await processes.start(self.node.member.client_id, words, chosen, self.node.program.log)
        self.node = dataclasses.replace(self.node, program=program)


@contextlib.asynccontextmanager
async def automation(
    folder: Path, machine: Machine, nocodb: NocoDb, cluster: Cluster, told: tuple[HttpSink, str]
) -> AsyncIterator[Automation]:
    """A client's node on the machine's database, connected with marked tokens; NocoDB and n8n set up beside it."""
    sink, sink_url = told
    known = Secrets(app_secret=f"{MARK}Secret", mark=MARK)
    member = client.CAST[0]
    backup_key = folder / "backup.key"
    made = await platform.run_command(["backup-key", "new", str(backup_key)])
    tool_ports = dict(zip(("meta_ads", "instagram"), processes.free_ports(2), strict=True))
    settings = {
        **NODE,
        **{f"FREEHOLD_NODE_{name.upper()}_PORT": str(port) for name, port in tool_ports.items()},
        "FREEHOLD_NODE_DATABASE_URL": machine.database_url(),
        "FREEHOLD_NODE_BACKUP_KEY": made["public_key"],
        "FREEHOLD_NODE_BACKUP_DATABASES": json.dumps({name: machine.database_url(name) for name in ("nocodb", "n8n")}),
    }
    running = await platform.start(
        folder / "platform", [member], known, sandbox_environment=SANDBOX, node_environment=settings
    )
    database = open_database(machine.database_url())
    session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    http = open_client(AddressPolicy.of("127.0.0.0/8"))
    node = running.nodes[0]
    there = dataclasses.replace(machine, data_dir=node.data_dir)
    stage = Automation(there, nocodb, cluster, running, backup_key, database, session, http, sink, node, tool_ports)
    try:
        keep_target(node.data_dir, new_target("hook", f"{sink_url}/told", AddressPolicy.of("127.0.0.0/8")))
        await stage.restart_node({})
        await connect(running, node)
        stage.first = {each.what: each.change for each in await stage.bootstrap()}
        async with signed_in(stage.http, cluster.url, stage.owner(), SystemClock().now()) as (stage._api, _):
            yield stage
    finally:
        await session.close()
        await http.close()
        await database.close()
        await stage.node.program.stop()
        await running.stop()


async def connect(running: Platform, node: NodeProcess) -> None:
    """Have the client's person authorise, and tick what is theirs."""
    async with walk.new_session(running.broker_url, node.pages_url) as session:
        walker = walk.Walker(session)
        link = await running.connect_link(node.member.client_id)
        picker = await walk.connect(walker, link, node.member.person, client.consent(node.member))
        await walker.submit(client.choice(node.member)(picker.form()))


def library() -> list[Shipped]:
    """The workflows that order a run of the node's."""
    return [each for each in shipped() if each.active and each.name != ERRORS]


async def until(condition: Callable[[], Awaitable[bool]], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"in {seconds:g} s it did not come to pass that {what}"
        await asyncio.sleep(0.2)


@contextlib.contextmanager
def stopped(program: Program | products.Program) -> Iterator[None]:
    """A program that stands still for the block: it takes connections, and answers nothing."""
    os.kill(program.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(program.process.pid, signal.SIGCONT)
