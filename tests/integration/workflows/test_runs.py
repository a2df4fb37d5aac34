"""A run is ordered, done step by step, and ends once, with its receipt."""

from tests.integration.collection.checks import check_ads, check_instagram, connected
from tests.integration.conftest import MakeNode
from tests.integration.workflows.conftest import POLL, ended, order
from tests.meta_sandbox import CERAMICS_ADS, MetaSandbox

from freehold.node.workflows.runtime import working


async def test_a_run_brings_everything_and_says_what_it_cost(
    make_node: MakeNode, meta: MetaSandbox, database_url: str
) -> None:
    """What is in the database equals the sandbox's world, and the receipt counts what the sandbox counted."""
    opened = await connected(make_node, meta, database_url=database_url, worker_poll=POLL)
    run_id = await order(opened.node, "collection")
    async with working(opened.node):
        run = await ended(opened.node, run_id)
    assert (run.outcome, dict(run.failures)) == ("complete", {})
    assert run.graph_calls == sum(meta.sandbox.calls.values())
    assert 0 < run.floor_calls <= run.graph_calls
    await check_instagram(opened, meta)
    await check_ads(opened, meta, CERAMICS_ADS)
