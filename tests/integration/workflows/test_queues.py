"""What waits for what."""

import asyncio

from tests.integration.collection.checks import connected
from tests.integration.conftest import MakeNode
from tests.integration.workflows.conftest import POLL, ended, find, order, until
from tests.meta_sandbox import CERAMICS, MetaSandbox

from freehold.node.context import Node
from freehold.node.workflows.runtime import working


async def is_running(node: Node, run_id: str) -> bool:
    """Whether a worker has the run."""
    return (await find(node, run_id)).outcome == "running"


async def test_the_same_workflow_never_runs_twice_at_once(
    make_node: MakeNode, meta: MetaSandbox, database_url: str
) -> None:
    """A second run waits until the first has ended; a run of another workflow does not."""
    opened = await connected(make_node, meta, database_url=database_url, worker_poll=POLL)
    meta.fault("slow", path=CERAMICS, seconds=3.0)
    node = opened.node
    first = await order(node, "instagram_daily", run_id="instagram_daily:first", days=1)
    async with working(node):
        await until(lambda: is_running(node, first))
        second = await order(node, "instagram_daily", run_id="instagram_daily:second", days=1)
        other = await order(node, "ads_hourly")
        assert (await ended(node, other)).outcome == "complete"
        assert (await find(node, first)).outcome == "running"
        assert (await find(node, second)).outcome == "queued"
        begun = await ended(node, second)
        assert begun.outcome == "complete"
        assert (await find(node, first)).outcome == "complete"


async def test_a_node_that_stops_hands_its_runs_on(make_node: MakeNode, meta: MetaSandbox, database_url: str) -> None:
    """A worker that ends in the middle of a run leaves it to the next, which finishes it."""
    opened = await connected(make_node, meta, database_url=database_url, worker_poll=POLL)
    meta.fault("slow", path=CERAMICS, seconds=3.0)
    run_id = await order(opened.node, "collection", days=1)
    async with working(opened.node):
        await until(lambda: is_running(opened.node, run_id))
        await asyncio.sleep(0.3)
    assert (await find(opened.node, run_id)).outcome == "running"
    async with working(opened.node):
        run = await ended(opened.node, run_id)
    assert (run.outcome, run.attempt) == ("complete", 1)
