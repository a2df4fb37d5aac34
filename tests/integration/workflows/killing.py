"""Processes of a node that are ended in the middle of a run, and whether the data show it."""

import asyncio
import os
import random
import secrets
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, text
from tests.conftest import Serve
from tests.integration.collection.checks import CERAMICS_ASSETS
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.meta_sandbox import MARA, MetaSandbox, start

from freehold.demo import processes
from freehold.node.context import Node
from freehold.node.governor.tables import governor_ledger
from freehold.node.store.tables import TABLES
from freehold.sandbox.limits import Limits
from freehold.sandbox.settings import Scale

STARTED = datetime.now(UTC)
"""Where the time of Meta stands: today, since a node's own processes go by the clock on the wall."""
DAYS = 6
POSTS = 120
"""Enough for several pages, few enough for seconds."""
OUR_OWN = frozenset(
    {
        "id",
        "read_at",
        "extras_read_at",
        "insights_read_at",
        "added_at",
        "made_at",
        "removed_at",
        "replaced_at",
        "gone_at",
        "listed_at",
    }
)
"""Columns that tell when something was read, not what."""


@dataclass(frozen=True)
class Patient:
    """A node whose processes are ended, and the Meta that they read."""

    opened: OpenNode
    meta: MetaSandbox

    @property
    def node(self) -> Node:
        """The node, open in the test's own process."""
        return self.opened.node

    @property
    def calls(self) -> int:
        """How many calls Meta has counted."""
        return sum(self.meta.sandbox.calls.values())

    def command(self, *arguments: str) -> list[str]:
        """A command for this node."""
        return processes.command("node", *arguments, "--data", str(self.node.settings.data_dir))

    @asynccontextmanager
    async def process(self, *arguments: str, source: Path | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
        """A command for this node, under way; from another copy of the source where one is named."""
        log = self.node.settings.data_dir / f"{arguments[0]}-{secrets.token_hex(4)}.log"
        environment = processes.inherited_environment()
        if source is not None:
            environment["PYTHONPATH"] = str(source)
        with log.open("wb") as sink:
            process = await asyncio.create_subprocess_exec(
                *self.command(*arguments), stdin=asyncio.subprocess.DEVNULL, stdout=sink, stderr=sink, env=environment
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def reaches(self, calls: int, process: asyncio.subprocess.Process | None = None) -> bool:
        """Wait until Meta was asked for so many different things; False when that takes a minute, or the process ends
        before.
        """
        seen = self.meta.sandbox.exact_calls
        try:
            async with asyncio.timeout(180):
                while len(seen) < calls and (process is None or process.returncode is None):  # noqa: ASYNC110 - not ours
                    await asyncio.sleep(0.002)
        except TimeoutError:
            return False
        return len(seen) >= calls

    def logs(self) -> str:
        """What all processes have said."""
        return "\n".join(path.read_text() for path in sorted(self.node.settings.data_dir.glob("*.log")))


async def admit(make_node: MakeNode, serve: Serve, name: str, database_url: str | None) -> Patient:
    """A connected node with limits that are not in the way, and a Meta whose time stands, of its own."""
    meta = await start(serve, STARTED, scale={1: Scale(posts=POSTS, ads=12)})
    opened: OpenNode = await make_node(
        graph_url=meta.url,
        clock=meta.clock,
        client_id=name,
        database_url=database_url,
        ceiling_per_hour=100_000,
        app_share_per_user=100_000,
        concurrent_calls=2,
        worker_poll=0.1,
        schedules_on=False,
    )
    assert await opened.deliver(grant_of(meta, name, MARA, CERAMICS_ASSETS)) == 201
    return Patient(opened, meta)


async def contents(node: Node) -> dict[str, list[str]]:
    """Every row of every table of collected data, without when it was read."""
    found: dict[str, list[str]] = {}
    async with node.database.reading() as session:
        for table in TABLES:
            kept = [column for column in table.columns if column.name not in OUR_OWN]
            rows = (await session.execute(select(*kept))).all()
            found[table.name] = sorted(repr(tuple(row)) for row in rows)
    return found


async def discharge(patient: Patient) -> None:
    """Forget everything that was collected, as if the node were new, and what Meta has counted: its time stands, so
    that its limits would never be free again.
    """
    async with patient.node.database.writing() as session:
        for table in (*TABLES, governor_ledger):
            await session.execute(delete(table))
    patient.meta.sandbox.limits = Limits(patient.meta.settings.limits)
    patient.meta.sandbox.exact_calls.clear()
    patient.meta.sandbox.calls.clear()


async def who_does(patient: Patient, run_id: str) -> int:
    """The process that works on a run: its number is part of the worker's id, which DBOS has as the run's executor."""
    query = text("SELECT executor_id FROM dbos.workflow_status WHERE workflow_uuid = :id AND status = 'PENDING'")
    async with patient.node.database.reading() as session:
        worker_id = str((await session.execute(query, {"id": f"{run_id}/1"})).scalar_one())
    return int(worker_id.rsplit("-", 2)[1])


def moments(chance: random.Random, calls: int, kills: int) -> list[tuple[int, float]]:
    """After how many calls of a run, and how many seconds later, its process is ended: one in each stretch of the run.

    Between two of them lie some calls at least, so that what was under way at one is kept before the next.
    """
    stretch = calls / (kills + 1)
    at = [round(stretch * (place + chance.uniform(0.2, 0.6))) for place in range(kills)]
    return [(max(1, moment), chance.uniform(0, 0.03)) for moment in at]


def kill(process_id: int) -> None:
    """End a process as a power cut would."""
    os.kill(process_id, signal.SIGKILL)


def most_often(meta: MetaSandbox) -> tuple[Any, int]:
    """The call that was made most often, and how often."""
    return meta.sandbox.exact_calls.most_common(1)[0]
