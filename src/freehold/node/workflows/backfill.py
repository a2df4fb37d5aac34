"""Backfill: the days that nobody has read yet, the oldest that are still useful first, in whatever budget is left.

Streams themselves know what of a window is missing, so a window that was read costs nothing. A run stops when the
budget comes to the reserve that is kept for what is more urgent; the next, an hour later, goes on. Once everything was
gone through there is nothing to do for a day, so that what Meta refuses is not asked every hour.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from freehold.node.assets import ConnectedAsset
from freehold.node.collection import collect
from freehold.node.collection.source import Window, window, zone_of
from freehold.node.collection.streams import Stream
from freehold.node.context import Node
from freehold.node.governor import Priority
from freehold.node.runs import queries
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.reading import NOT_READ, chosen_asset, failed, plan_streams, read_stream
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import HOURLY_TIMEOUT, Desk, Done, Part, Plan, Workflow
from freehold.providers.calls import Throttled

NAME = "backfill"
STREAMS = {stream.name: stream for stream in collect.STREAMS if stream.horizon_days > 0}
"""What can still be had of earlier days."""
PATIENCE = 60.0
"""Seconds that a call waits for its budget before the rest is left to the next run."""
REST = timedelta(days=1) - timedelta(hours=2)
STOPPED = "the budget is needed for what is more urgent; the next run goes on"


async def plan(node: Node, run: RunRecord) -> Plan:
    """Every stream that reaches back, of each asset; nothing when all was gone through lately."""
    planned = await plan_streams(list(STREAMS.values()), node, run)
    if planned.parts and run.order.trigger == "schedule" and await _rests(node, run):
        return Plan(())
    return planned


async def perform(desk: Desk, part: Part) -> Done:
    """Go through the windows of a stream, the oldest first."""
    stream = STREAMS.get(part.name)
    if stream is None:
        return Done(NOT_READ)
    asset = await chosen_asset(desk, stream, part)
    if isinstance(asset, Done):
        return asset
    own = replace(desk, patience=PATIENCE, most_urgent=Priority.BACKFILL)
    for span in windows(desk, stream, asset):
        error = await read_stream(own, stream, asset, span)
        if isinstance(error, Throttled):
            return Done(STOPPED, stop=True, later=True)
        if error is not None:
            return failed(desk, part, error, gate=stream.gate)
    return Done()


def windows(desk: Desk, stream: Stream, asset: ConnectedAsset) -> Iterator[Window]:
    """The gaps in the days that are useful and that Meta still has: a window each calendar month, the oldest first.

    Months stay the same from run to run, so what is told of a whole window is asked for once.
    """
    wanted = desk.run.order.days or desk.node.settings.backfill_days
    whole = window(desk.began, min(wanted, stream.horizon_days), zone_of(asset))
    first = whole.first
    while first <= whole.last:
        following = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
        last = min(following - timedelta(days=1), whole.last)
        yield replace(whole, first=first, last=last, gaps_only=True)
        first = following


async def _rests(node: Node, run: RunRecord) -> bool:
    """Whether a run of everything there is, as the schedule orders it, has ended less than a day ago, and no asset was
    confirmed since.
    """
    chosen = await collect.chosen_assets(node, collect.KINDS)
    confirmed = [asset.confirmed_at for asset in chosen.active if asset.confirmed_at is not None]
    async with node.database.reading() as session:
        earlier = await queries.list_runs(session, workflow=NAME, outcomes=("complete", "incomplete"), limit=30)
    asked = [each for each in earlier if each.graph_calls and each.run_id != run.run_id and _is_whole(node, each)]
    if not asked or asked[0].started_at is None or STOPPED in asked[0].failures.values():
        return False
    began = asked[0].started_at
    return node.clock.now() - began < REST and all(at <= began for at in confirmed)


def _is_whole(node: Node, run: RunRecord) -> bool:
    """Whether it was asked for every asset, and for as many days as the schedule asks for."""
    return not run.order.asset_ids and (run.order.days or node.settings.backfill_days) >= node.settings.backfill_days


WORKFLOW = Workflow(
    NAME,
    "days that were never read or are missing, the oldest first, in whatever budget is left",
    plan,
    perform,
    schedule=Schedule(30),
    timeout=HOURLY_TIMEOUT,
    heavy=True,
)
