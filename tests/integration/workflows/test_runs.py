"""A run is ordered, done step by step, and ends once, with its receipt."""

from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, FULL_ACCESS, check_ads, check_instagram, connected
from tests.integration.conftest import MakeNode
from tests.integration.workflows.conftest import POLL, ended, order
from tests.meta_sandbox import CERAMICS_ADS

from freehold.node.workflows.runtime import working


async def test_a_run_brings_everything_and_says_what_it_cost(
    make_node: MakeNode, serve: Serve, database_url: str
) -> None:
    """What is in the database equals the sandbox's world, and the receipt counts what the sandbox counted."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    opened = await connected(make_node, meta, database_url=database_url, worker_poll=POLL, **AMPLE)
    run_id = await order(opened.node, "collection")
    async with working(opened.node):
        run = await ended(opened.node, run_id)
    assert (run.outcome, dict(run.failures)) == ("complete", {})
    assert run.graph_calls == sum(meta.sandbox.calls.values())
    assert 0 < run.floor_calls <= run.graph_calls
    await check_instagram(opened, meta)
    await check_ads(opened, meta, CERAMICS_ADS)
