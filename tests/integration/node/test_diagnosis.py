"""`freehold doctor` for a node: whether somebody works on its runs, and whether it is backed up."""

from datetime import timedelta

from tests.integration.conftest import MakeNode

from freehold.kernel.checks import Check
from freehold.kernel.clock import SystemClock
from freehold.node.backups.back_up import shelf_of
from freehold.node.context import Node
from freehold.node.diagnosis import diagnose
from freehold.node.runs import queries, workers
from freehold.node.runs.queries import Order
from freehold.node.settings import NodeSettings


async def said(settings: NodeSettings, name: str) -> Check:
    """What the doctor says of this."""
    return next(check for check in await diagnose(settings, ask_meta=False) if check.name == name)


async def workers_of(node: Node) -> Check:
    """What the doctor says of the workers."""
    return await said(node.settings, "workers")


async def test_the_doctor_says_since_when_workers_are_at_work(make_node: MakeNode, database_url: str) -> None:
    """Only those that were seen lately count, from when each began, however often it was seen since."""
    node = (await make_node(clock=SystemClock(), database_url=database_url)).node
    now = node.clock.now()
    async with node.database.writing() as session:
        await workers.beat(session, "dead", now - timedelta(days=9))
        for ago in (timedelta(days=2), timedelta(0)):
            await workers.beat(session, "older", now - ago)
        await workers.beat(session, "newer", now)

    told = await workers_of(node)
    assert told.passed
    assert told.detail == f"2 at work, the longest since {now - timedelta(days=2):%Y-%m-%d %H:%M} UTC"


async def test_the_doctor_tells_of_runs_that_nobody_works_on(make_node: MakeNode, database_url: str) -> None:
    """Without a worker a run that was ordered waits for ever; without a run nobody is missed."""
    node = (await make_node(clock=SystemClock(), database_url=database_url)).node
    idle = await workers_of(node)
    async with node.database.writing() as session:
        await queries.create(session, Order("backfill:1", "backfill", "api"), node.clock.now())

    waiting = await workers_of(node)
    assert idle.passed
    assert not waiting.passed
    assert waiting.detail == "none is at work, and runs wait: 1"
    assert "freehold node serve" in waiting.fix


async def test_the_doctor_tells_how_old_the_newest_backup_is(make_node: MakeNode) -> None:
    """Also where the database is away, which is when somebody needs to know."""
    plain = (await make_node(clock=SystemClock())).node.settings
    keyed = plain.model_copy(update={"backup_key": "k" * 43, "database_url": "postgresql+asyncpg://x@127.0.0.1:9/x"})
    without, none = await said(plain, "backups"), await said(keyed, "backups")
    shelf = shelf_of(keyed)
    shelf.folder.mkdir()
    shelf.path_at(SystemClock().now() - timedelta(hours=50)).touch()
    old = await said(keyed, "backups")
    shelf.path_at(SystemClock().now() - timedelta(hours=5)).touch()
    new = await said(keyed, "backups")

    assert (without.passed, without.warning) == (True, True)
    assert [check.passed for check in (none, old, new)] == [False, False, True]
    assert "2 days old" in old.detail
    assert "5 hours old" in new.detail
