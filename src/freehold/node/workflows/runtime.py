"""A worker: takes runs up, shows that it lives, and takes over the runs of workers that do not any more.

DBOS keeps the queues and remembers the steps. Two of its defaults would lose runs, and are closed here: it ties runs
to the version of the source, so ours is a constant; and it leaves the runs of a dead process to that same process, so
each process has an id of its own and a sign of life, and whoever finds one without puts its runs back into the queue.
"""

import asyncio
import contextlib
import functools
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID
from sqlalchemy.engine import make_url

from freehold.kernel import logs
from freehold.kernel.database import outages_as_problems
from freehold.node.context import Node
from freehold.node.retention.prune import prune
from freehold.node.runs import queries, workers
from freehold.node.runs.queries import RunRecord
from freehold.node.settings import NodeSettings
from freehold.node.workflows import durable, liveness
from freehold.node.workflows.conduct import OURS
from freehold.node.workflows.duties import every
from freehold.node.workflows.registry import WORKFLOWS
from freehold.node.workflows.underway import UnderWay

log = logs.get(__name__)

NAME = "freehold"
VERSION = "1"
"""Changes only with the steps of `durable.go` and `durable.tell`; what began under another version would wait for it
for ever.
"""
SCHEMA = "dbos"
COLLECTIONS, HEAVY, CALLBACKS = "collections", "heavy", "callbacks"
TOLD_AT_ONCE = 16
"""So many of those who wait for a run's end are told at once; each may be slow to answer."""
POLLS_A_BEAT = 5
"""So many looks at its queues lie between two signs of life of a worker."""
PRUNE_SECONDS = 3600.0
UNTOLD = timedelta(hours=1)
"""How long somebody who waits for a cancelled run may still be told of it."""
THREADS = 8
CONNECTIONS = 4
MOST_RECOVERIES = 200
"""A run that has ended its process so often is given up."""
LOOK_UP = 500
"""So many runs are looked up in DBOS at once."""
OVER = ("SUCCESS", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")
"""States of a run that DBOS will not have go on."""


def system_database(settings: NodeSettings) -> str:
    """Where DBOS remembers: a file beside the node's SQLite database, or a schema in its PostgreSQL database."""
    url = make_url(settings.database())
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{settings.runs_file()}"
    query = {("sslmode" if name == "ssl" else name): value for name, value in url.query.items()}
    return url.set(drivername="postgresql+psycopg", query=query).render_as_string(hide_password=False)


@dataclass
class Worker:
    """A process at work on a node's runs."""

    node: Node
    worker_id: str
    pulse: liveness.Pulse
    under_way: UnderWay = field(default_factory=UnderWay)
    handed_on: set[tuple[str, int]] = field(default_factory=set)
    """Runs, with their attempt, that are known to stand in a queue."""
    run: Callable[[str], Coroutine[Any, Any, str]] = field(init=False)
    tell: Callable[[str], Coroutine[Any, Any, None]] = field(init=False)
    going: set[asyncio.Task[Any]] = field(default_factory=set)
    """The durable functions that are under way here."""

    def register(self) -> None:
        """Make `durable.go` and `durable.tell` known to DBOS, for this node."""
        loop = asyncio.get_running_loop()

        async def run(run_id: str) -> str:
            self._note_task(loop)
            attempt = _attempt_of(DBOS.workflow_id)
            return await durable.go(self.node, self.under_way, run_id, attempt, self._have_told)

        async def tell(run_id: str) -> None:
            self._note_task(loop)
            await durable.tell(self.node, run_id, _attempt_of(DBOS.workflow_id))

        self.run = DBOS.workflow(name="run", max_recovery_attempts=MOST_RECOVERIES)(run)
        self.tell = DBOS.workflow(name="tell", max_recovery_attempts=MOST_RECOVERIES)(tell)

    def _note_task(self, loop: asyncio.AbstractEventLoop) -> None:
        """Note that the current task is a durable function, so that it is stopped with this worker."""
        if asyncio.get_running_loop() is not loop:
            raise RuntimeError("DBOS runs workflows in a loop that the node's connections do not belong to")
        task = asyncio.current_task()
        assert task is not None
        self.going.add(task)
        task.add_done_callback(self.going.discard)

    async def hand_on(self) -> None:
        """Put every ordered run into its queue; one that is there already stays as it is."""
        async with self.node.database.reading() as session:
            ordered = await queries.to_hand_on(session, self.node.clock.now() - UNTOLD)
        waiting = {(run.run_id, run.attempt): run for run in ordered}
        self.handed_on.intersection_update(waiting)
        for key, run in waiting.items():
            if key not in self.handed_on:
                await self.enqueue(run)
                self.handed_on.add(key)

    async def stop_cancelled(self) -> None:
        """Stop what this process does for runs that are cancelled."""
        mine = self.under_way.runs()
        if mine:
            async with self.node.database.reading() as session:
                for run_id in await queries.cancelled_among(session, mine):
                    self.under_way.stop(run_id)

    async def beat(self) -> None:
        """Show that this worker lives, and take over from those that do not."""
        now, settings = self.node.clock.now(), self.node.settings
        async with self.node.database.writing() as session:
            await workers.beat(session, self.worker_id, now)
        async with self.node.database.reading() as session:
            seen = await workers.seen_workers(session)
        self.pulse.beat(now)
        for worker in seen:
            if worker.worker_id != self.worker_id and liveness.is_lost(settings.data_dir, worker, now, self.pulse):
                await self._take_over(worker.worker_id)

    async def mend(self) -> None:
        """Have open runs agree with DBOS, so that nobody waits for ever: one that it has given up, or knows as over, is
        ended, and one that is under way but that it does not know, as after its database was lost, begins once more.
        """
        async with self.node.database.reading() as session:
            by_id = {_durable_id(run): run for run in await queries.open_runs(session)}
        ids = list(by_id)
        for first in range(0, len(ids), LOOK_UP):
            some = ids[first : first + LOOK_UP]
            known = await DBOS.list_workflows_async(workflow_ids=some, load_input=False, load_output=False)
            for each in known:
                if each.status in OVER:
                    await self._end_broken(by_id[each.workflow_id], each.status)
            for run in (by_id[durable_id] for durable_id in set(some) - {each.workflow_id for each in known}):
                if run.outcome == "running":
                    log.warning("run.unknown", run_id=run.run_id)
                    await self.enqueue(run)

    async def _end_broken(self, run: RunRecord, status: str) -> None:
        """End a run as failed that will not go on; one that has ended meanwhile stays as it is."""
        async with self.node.database.writing() as session:
            current = await queries.find(session, run.run_id)
            if current is None or current.attempt != run.attempt or current.outcome not in queries.OPEN:
                return
            await queries.end(session, run.run_id, run.attempt, "failed", {"run": OURS}, self.node.clock.now())
        log.error("run.broken", run_id=run.run_id, status=status)
        if run.order.callback_url:
            await self._have_told(run)

    async def prune(self) -> None:
        """Let go of runs that ended long ago, here and in what DBOS remembers."""
        before = self.node.clock.now() - timedelta(days=self.node.settings.keep_runs_days)
        while True:
            async with self.node.database.writing() as session:
                gone = await queries.prune(session, before)
            if not gone:
                return
            numbers = [(run.run_id, number + 1) for run in gone for number in range(run.attempt)]
            attempts = [each(*number) for number in numbers for each in (_attempt_id, _telling_id)]
            await DBOS.delete_workflows_async(attempts)
            log.info("run.pruned", runs=len(gone))

    async def _take_over(self, worker_id: str) -> None:
        log.warning("worker.lost", worker_id=worker_id)
        await asyncio.to_thread(DBOS._recover_pending_workflows, [worker_id])  # noqa: SLF001 - there is no other way
        async with self.node.database.writing() as session:
            await workers.forget(session, worker_id)
        liveness.clear(self.node.settings.data_dir, worker_id)

    async def enqueue(self, run: RunRecord) -> None:
        """Put a run into its queue; one that was there before stays where it is."""
        known = WORKFLOWS.get(run.order.workflow)  # one that is not is begun all the same, and fails
        heavy = known is not None and known.heavy
        partition = None if heavy else run.order.workflow
        with SetWorkflowID(_durable_id(run)), SetEnqueueOptions(queue_partition_key=partition):
            await DBOS.enqueue_workflow_async(HEAVY if heavy else COLLECTIONS, self.run, run.run_id)

    async def _have_told(self, run: RunRecord) -> None:
        """Have whoever waits for this attempt's end told of it, beside all runs."""
        with SetWorkflowID(_telling_id(run.run_id, run.attempt)):
            await DBOS.enqueue_workflow_async(CALLBACKS, self.tell, run.run_id)


@contextlib.asynccontextmanager
async def working(node: Node) -> AsyncIterator[Worker]:
    """Work on the node's runs until the block ends; what is under way then goes to the next worker."""
    pulse = liveness.Pulse(timedelta(seconds=node.settings.worker_lost_after))
    worker = Worker(node, liveness.new_worker_id(), pulse)
    with liveness.held(node.settings.data_dir, worker.worker_id):
        async with node.database.writing() as session:  # known before it can have a run, so that it can be missed
            await workers.beat(session, worker.worker_id, node.clock.now())
        with outages_as_problems(node.database.engine.url):
            await _launch(worker)
        loops = [asyncio.create_task(every(node.settings.worker_poll, worker.hand_on, worker.stop_cancelled))]
        loops += [asyncio.create_task(every(node.settings.worker_poll * POLLS_A_BEAT, worker.beat, worker.mend))]
        loops += [asyncio.create_task(every(PRUNE_SECONDS, worker.prune, functools.partial(prune, node)))]
        log.info("worker.ready", worker_id=worker.worker_id)
        try:
            yield worker
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await _close(worker)


async def _launch(worker: Worker) -> None:
    """Start DBOS inside the running loop, which is where it then runs workflows."""
    settings = worker.node.settings
    config: DBOSConfig = {
        "name": NAME,
        "system_database_url": system_database(settings),
        "sys_db_pool_size": CONNECTIONS,
        "dbos_system_schema": SCHEMA,
        "application_version": VERSION,
        "executor_id": worker.worker_id,
        "serializer": DBOSPortableJSONSerializer(),
        "use_listen_notify": False,
        "max_executor_threads": THREADS,
        "log_level": "WARNING",
    }
    _quieten()
    _share_file(settings)
    DBOS(config=config)
    worker.register()
    DBOS.launch()
    await DBOS.register_queue_async(
        COLLECTIONS,
        worker_concurrency=settings.runs_at_once,
        partition_concurrency=1,  # a partition is a workflow: the same never runs twice at once
        polling_interval_sec=settings.worker_poll,
        on_conflict="always_update",
    )
    await DBOS.register_queue_async(
        HEAVY, global_concurrency=1, polling_interval_sec=settings.worker_poll, on_conflict="always_update"
    )
    await DBOS.register_queue_async(
        CALLBACKS,
        worker_concurrency=TOLD_AT_ONCE,
        polling_interval_sec=settings.worker_poll,
        on_conflict="always_update",
    )


async def _close(worker: Worker) -> None:
    """Stop at once. Runs that were under way stay so: whoever finds this worker's lock free takes them over."""
    abandoned = bool(worker.going)
    await _stop(worker.going)
    await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
    abandoned = abandoned or bool(worker.going)
    await _stop(worker.going)  # what a queue handed out meanwhile
    # DBOS has put an executor of its own into this loop, which ended with it.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
    if not abandoned:
        async with worker.node.database.writing() as session:
            await workers.forget(session, worker.worker_id)
        liveness.clear(worker.node.settings.data_dir, worker.worker_id)


def _durable_id(run: RunRecord) -> str:
    return _attempt_id(run.run_id, run.attempt)


def _attempt_id(run_id: str, attempt: int) -> str:
    """Each attempt of a run is one to DBOS."""
    return f"{run_id}/{attempt}"


def _telling_id(run_id: str, attempt: int) -> str:
    """The durable function that tells how an attempt ended."""
    return f"{run_id}/told/{attempt}"


def _attempt_of(durable_id: str | None) -> int:
    """The attempt that a durable run is of."""
    return int((durable_id or "").rpartition("/")[2])


async def _stop(tasks: set[asyncio.Task[Any]]) -> None:
    stopped = list(tasks)
    for task in stopped:
        task.cancel()
    await asyncio.gather(*stopped, return_exceptions=True)


def _quieten() -> None:
    """DBOS would print to standard output, and advertise; its warnings go where all logs go."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _share_file(settings: NodeSettings) -> None:
    """Let several processes read the file of an embedded system database while one writes to it."""
    if make_url(settings.database()).get_backend_name() != "sqlite":
        return
    with contextlib.closing(sqlite3.connect(settings.runs_file())) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
