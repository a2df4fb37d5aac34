"""Begins what looks at a day's collections as soon as the last of them has ended, ahead of its own time of that day."""

from datetime import UTC, datetime, time, timedelta

from freehold.kernel import logs
from freehold.node.assets import ticked_assets
from freehold.node.context import Node
from freehold.node.runs import queries
from freehold.node.runs.queries import Order, RunRecord
from freehold.node.workflows.registry import WORKFLOWS, schedules
from freehold.node.workflows.schedule import slot_id

log = logs.get(__name__)

DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)


async def begin_followers(node: Node, _run: RunRecord) -> list[str]:
    """Order the run of each workflow that follows collections and has its slot today (UTC); gives the ids of new ones.

    Only once today's run of every daily collection that concerns the client has ended. The run is that of the slot,
    so it is ordered once, however many collections end and whenever its own time comes.
    """
    now = node.clock.now()
    tomorrow = datetime.combine(now.astimezone(UTC) + DAY, time(), UTC)
    begins = {WORKFLOWS[name]: at for name, at in schedules(node.settings).items() if at.hour is not None}
    slots = {workflow: at.latest(tomorrow - MOMENT) for workflow, at in begins.items()}
    today = {workflow: slot for workflow, slot in slots.items() if slot >= tomorrow - DAY}
    async with node.database.reading() as session:
        kinds = {asset.kind for asset in await ticked_assets(session)}
        awaited = {slot_id(each.name, at) for each, at in today.items() if each.collects and each.concerns(kinds)}
        ended = await queries.which_ended(session, awaited)
    orders = [Order(slot_id(each.name, at), each.name, "schedule") for each, at in today.items() if each.follows]
    if awaited - ended:
        return []
    async with node.database.writing() as session:
        begun = [order.run_id for order in orders if await queries.create(session, order, now)]
    for run_id in begun:
        log.info("schedule.followed", run_id=run_id)
    return begun
