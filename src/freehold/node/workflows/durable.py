"""The durable functions: a run as DBOS remembers it, step by step, so that any process can take it up again, and the
telling of its end, which holds up no other run however long it takes.

What a step gives is written to DBOS's tables, as JSON: plans, outcomes and reasons, never a token or what was read.
The parts of a plan have their places among the steps before the first of them begins, so that assets are read side by
side and a run that is taken up elsewhere still finds what was done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from dbos import DBOS, StepOptions, StepReservation

from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.runs import queries
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows import callbacks, completion, conduct
from freehold.node.workflows.registry import WORKFLOWS
from freehold.node.workflows.underway import UnderWay
from freehold.node.workflows.workflow import Desk, Done, Part, Plan

Step = Callable[..., Awaitable[dict[str, Any]]]
HaveTold = Callable[[RunRecord], Awaitable[None]]


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, Problem)


def _options(name: str) -> StepOptions:
    """A step is tried again for about four minutes while the database is away."""
    return {
        "name": name,
        "retries_allowed": True,
        "interval_seconds": 1.0,
        "backoff_rate": 2.0,
        "max_attempts": 8,
        "should_retry": _is_passing,
    }


async def go(node: Node, under_way: UnderWay, run_id: str, attempt: int, have_told: HaveTold) -> str:
    """Take an attempt of a run from where it is to its end; gives its outcome.

    `have_told` orders that `tell` begins.
    """
    kept = Plan.from_json(await _step("plan", conduct.plan, node, run_id, attempt))
    desk = await conduct.desk_of(node, run_id, attempt)
    if desk is None:
        return "gone"
    lanes: dict[str, list[tuple[Part, StepReservation]]] = {}
    for part in kept.parts:
        lanes.setdefault(part.asset_id, []).append((part, DBOS.reserve_step()))
    results = await _side_by_side([_lane(desk, under_way, lane) for lane in lanes.values()])
    ended = await _step("finish", conduct.finish, node, run_id, attempt, kept, results)
    await _afterwards(node, run_id, attempt, have_told)
    return str(ended.get("outcome", "gone"))


async def _side_by_side(lanes: list[Coroutine[Any, Any, list[tuple[Part, Done]]]]) -> list[tuple[Part, Done]]:
    """What came of all lanes. One that raises does so once the others have ended, so that none goes on unwatched."""
    results: list[tuple[Part, Done]] = []
    for lane in await asyncio.gather(*lanes, return_exceptions=True):
        if isinstance(lane, BaseException):
            raise lane
        results += lane
    return results


async def _lane(desk: Desk, under_way: UnderWay, lane: list[tuple[Part, StepReservation]]) -> list[tuple[Part, Done]]:
    """The parts of one asset, one after the other, until one says that nothing more is to be asked of it."""
    results: list[tuple[Part, Done]] = []
    for part, reserved in lane:

        async def perform(part: Part = part) -> dict[str, Any]:
            return await under_way.watch(desk.run.run_id, conduct.perform(desk, part))

        done = Done(**await reserved.run_async(_options("part"), perform))
        results.append((part, done))
        if done.stop:
            break
    return results


async def tell(node: Node, run_id: str, attempt: int) -> None:
    """Tell whoever ordered a run how this attempt of it ended; again after a while where that did not arrive."""
    for pause in (*callbacks.RETRY_AFTER, None):
        answered = await _step("callback", _told, node, run_id, attempt)
        if answered["settled"] or pause is None:
            break
        await DBOS.sleep_async(pause)
    await _step("settled", _settled, node, run_id, attempt)


async def _afterwards(node: Node, run_id: str, attempt: int, have_told: HaveTold) -> None:
    """What the run brought is looked at, and whoever waits for its end is told."""
    async with node.database.reading() as session:
        run = await queries.find(session, run_id)
    if run is None or run.attempt != attempt:
        return
    known = WORKFLOWS.get(run.order.workflow)
    if known is not None and known.collects:
        await _step("collected", _collected, node, run)
    if run.order.callback_url:
        await have_told(run)


async def _collected(node: Node, run: RunRecord) -> dict[str, Any]:
    await completion.collected(node, run)
    return {}


async def _told(node: Node, run_id: str, attempt: int) -> dict[str, Any]:
    """Whether there is nothing more to tell: a run that was resumed meanwhile is told of when it ends again."""
    async with node.database.reading() as session:
        run = await queries.find(session, run_id)
    if run is None or run.attempt != attempt or not run.order.callback_url:
        return {"settled": True}
    return {"settled": await callbacks.tell(node, run)}


async def _settled(node: Node, run_id: str, attempt: int) -> dict[str, Any]:
    async with node.database.writing() as session:
        await queries.forget_callback(session, run_id, attempt)
    return {}


async def _step(name: str, step: Step, *arguments: Any) -> dict[str, Any]:
    """Run a step, or give what it gave before."""

    async def guarded() -> dict[str, Any]:
        return await conduct.guarded(step(*arguments))

    return await DBOS.run_step_async(_options(name), guarded)
