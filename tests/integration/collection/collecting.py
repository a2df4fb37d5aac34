"""A run over every stream, by the steps that a worker takes, here and one asset after the other."""

import secrets

from freehold.node.collection.collect import DAYS
from freehold.node.context import Node
from freehold.node.runs import queries
from freehold.node.runs.queries import Order, RunRecord
from freehold.node.workflows import conduct
from freehold.node.workflows.workflow import Done, Part, Plan

FIRST_ATTEMPT = 1


async def collect(node: Node, days: int = DAYS) -> RunRecord:
    """Order a collection and do all of it; gives the run as it is written down then."""
    run_id = await order(node, days)
    return await work(node, run_id)


async def order(node: Node, days: int) -> str:
    """Order a collection; gives its id."""
    run_id = f"collection:{secrets.token_hex(8)}"
    async with node.database.writing() as session:
        asked = Order(run_id=run_id, workflow="collection", trigger="command", days=days)
        assert await queries.create(session, asked, node.clock.now())
    return run_id


async def work(node: Node, run_id: str) -> RunRecord:
    """Do everything of a run."""
    kept = Plan.from_json(await conduct.plan(node, run_id, FIRST_ATTEMPT))
    desk = await conduct.desk_of(node, run_id, FIRST_ATTEMPT)
    assert desk is not None
    results: list[tuple[Part, Done]] = []
    ended: set[str] = set()
    for part in kept.parts:
        if part.asset_id not in ended:
            done = Done(**await conduct.perform(desk, part))
            results.append((part, done))
            ended |= {part.asset_id} if done.stop else set()
    await conduct.finish(node, run_id, FIRST_ATTEMPT, kept, results)
    async with node.database.reading() as session:
        run = await queries.find(session, run_id)
    assert run is not None
    return run


def failed_assets(run: RunRecord) -> set[str]:
    """The assets of which something could not be read."""
    return {place.partition(":")[0] for place in run.failures}
