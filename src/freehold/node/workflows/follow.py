"""Orders a run and follows it to its end, in whatever process it is worked on."""

import asyncio
from collections.abc import Callable

from freehold.kernel.problems import ExplainedError
from freehold.node.assets import ticked_assets
from freehold.node.context import Node
from freehold.node.runs import queries
from freehold.node.runs.places import newest_place
from freehold.node.runs.queries import OPEN, Order, RunRecord

LOOK_SECONDS = 0.25
CALLS = {"instagram_account": 140, "facebook_page": 8, "ad_account": 35}
"""About how many calls an asset takes, for the progress bar."""
Progress = Callable[[float, str], None]
"""Told the share done (0 to 1) and what is being read."""


class RunGoneError(ExplainedError):
    """The run is not there any more."""


async def ordered(node: Node, order: Order) -> str:
    """Order a run, or take up one of the same trigger that asks for the same and has not ended; gives its id."""
    async with node.database.writing() as session:
        for run in await queries.list_runs(session, workflow=order.workflow, outcomes=OPEN):
            of = run.order
            if (of.trigger, of.days, of.asset_ids) == (order.trigger, order.days, order.asset_ids):
                return run.run_id
        await queries.create(session, order, node.clock.now())
    return order.run_id


async def to_end(node: Node, run_id: str, tell: Progress) -> RunRecord:
    """Wait until the run has ended; `tell` hears the share done, which is an estimate, and what was read last."""
    async with node.database.reading() as session:
        expected = sum(CALLS.get(asset.kind, 0) for asset in await ticked_assets(session))
    while True:
        async with node.database.reading() as session:
            run = await queries.find(session, run_id)
            cost = await queries.receipt(session, run_id)
            place = await newest_place(session, run_id)
        if run is None:
            raise RunGoneError(f"the run {run_id} is not there any more")
        if run.outcome not in OPEN:
            tell(1.0, "done")
            return run
        tell(min(0.99, cost.graph_calls / max(1, expected)), place or run.outcome)
        await asyncio.sleep(LOOK_SECONDS)
