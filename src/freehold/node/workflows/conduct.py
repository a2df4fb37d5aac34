"""How a run goes: it is begun and planned, its parts are done, and it ends; each of these is one remembered step.

An error of our own never leaves a step as it is: its text might quote what was being written.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import datetime, timedelta
from typing import Any

from freehold.kernel import logs
from freehold.kernel.database import ReadSession
from freehold.kernel.problems import ExplainedError, Problem
from freehold.node.assets import ticked_assets
from freehold.node.collection.source import PATIENCE, zone_of
from freehold.node.context import Node
from freehold.node.runs import queries
from freehold.node.runs.queries import Outcome, RunRecord
from freehold.node.workflows.registry import WORKFLOWS, workflow_named
from freehold.node.workflows.underway import CANCELLED
from freehold.node.workflows.workflow import Desk, Done, Part, Plan

log = logs.get(__name__)

OURS = "something failed on our side; the node's log says what"


class StepError(ExplainedError):
    """A step failed on our side; the log has the cause."""


async def guarded(step: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """What a step gives. Raises `Problem` while the database is away, and `StepError` in place of any other error."""
    try:
        return await step
    except Problem:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, its text stays here
        log.error("run.step_failed", error=type(error).__name__, frames=logs.frames(error))  # noqa: TRY400 - no text
    raise StepError(OURS)


async def plan(node: Node, run_id: str, attempt: int) -> dict[str, Any]:
    """Begin an attempt of a run and plan it; one that has ended before it began has no parts.

    One that is resumed on another day than it was begun on builds on nothing: other days are due then.
    """
    now = node.clock.now()
    async with node.database.writing() as session:
        resumed = await queries.find(session, run_id)
        if resumed is not None and resumed.outcome == "queued" and await _is_of_another_day(session, resumed, now):
            await queries.start_over(session, run_id)
        await queries.begin(session, run_id, attempt, now)
        run = await queries.find(session, run_id)
    if run is None or not _goes_on(run, attempt):
        return Plan(()).as_json()
    log.info("run.started", run_id=run_id, workflow=run.order.workflow, attempt=run.attempt)
    return (await workflow_named(run.order.workflow).plan(node, run)).as_json()


async def desk_of(node: Node, run_id: str, attempt: int) -> Desk | None:
    """What this process needs to work on an attempt; None when the run is gone, or was ordered anew."""
    async with node.database.reading() as session:
        run = await queries.find(session, run_id)
    if run is None or run.attempt != attempt:
        return None
    return Desk(node, run, PATIENCE if run.order.trigger == "command" else _limit(node, run).total_seconds())


async def perform(desk: Desk, part: Part) -> dict[str, Any]:
    """Do one part; gives a `Done`. An error of ours ends what is asked of its asset, and leaves the others alone.

    Raises `Problem` while the database is away.
    """
    try:
        return await guarded(_perform(desk, part))
    except StepError:
        return Done(OURS, stop=True).as_json()


async def _perform(desk: Desk, part: Part) -> dict[str, Any]:
    """Do one part within the time that it and its run have left, unless the run was cancelled meanwhile.

    One that takes too long leaves the others alone, as long as the run has time.
    """
    node, run = desk.node, desk.run
    async with node.database.reading() as session:
        current = await queries.find(session, run.run_id)
    if current is None or not _goes_on(current, run.attempt):
        return CANCELLED.as_json()
    spent = node.clock.now() - (run.started_at or node.clock.now())
    left = (_limit(node, run) - spent).total_seconds()
    allowed = min(left, node.settings.step_timeout)
    if allowed <= 0:
        return _timed_out(_limit(node, run).total_seconds(), stop=True).as_json()
    try:
        async with asyncio.timeout(allowed) as limit:
            done = await workflow_named(run.order.workflow).perform(desk, part)
    except TimeoutError:
        if not limit.expired():
            raise
        log.warning("run.part_timed_out", run_id=run.run_id, asset_id=part.asset_id, part=part.name)
        return _timed_out(allowed, stop=allowed == left).as_json()
    return done.as_json()


async def finish(
    node: Node, run_id: str, attempt: int, kept: Plan, results: Iterable[tuple[Part, Done]]
) -> dict[str, Any]:
    """End an attempt of a run: its outcome, its failures and its receipt; gives its outcome, unless the run was
    ordered anew.
    """
    done = list(results)
    failures = {**kept.failures, **{_place(part, each): each.failure for part, each in done if each.failure}}
    async with node.database.writing() as session:
        run = await queries.end(session, run_id, attempt, outcome_of(kept, done), failures, node.clock.now())
    if run is None or run.attempt != attempt:
        return {}
    log.info("run.ended", workflow=run.order.workflow, **run.told())
    return {"outcome": run.outcome}


def outcome_of(kept: Plan, done: list[tuple[Part, Done]]) -> Outcome:
    """How a run ended: failed when its authorisation ended, or when not one asset could be read to its end.

    An asset of which every part failed was not read. What is left to a later run is no failure.
    """
    if any(each.timed_out for _, each in done):
        return "timed_out"
    if any(each.revoked for _, each in done):
        return "failed"
    failed = [(part, each) for part, each in done if each.failure and not each.later]
    ended = {part.asset_id for part, each in failed if each.stop}
    went_well = {part.asset_id for part, each in done if not each.failure or each.later}
    unread = {part.asset_id for part, _ in failed if part.asset_id} - went_well
    read = {part.asset_id for part in kept.parts} - ended - unread
    if not read and (kept.failures or failed):
        return "failed"
    return "incomplete" if kept.failures or failed else "complete"


def _goes_on(run: RunRecord, attempt: int) -> bool:
    """Whether this attempt is the one that the run is in, and nobody has ended it."""
    return run.attempt == attempt and run.outcome == "running"


async def _is_of_another_day(session: ReadSession, run: RunRecord, now: datetime) -> bool:
    """Whether, by the days of one of the assets at least, what the run builds on was begun on another day."""
    since = run.reading_since
    if since is None:
        return False
    zones = {zone_of(asset) for asset in await ticked_assets(session)}
    return any(since.astimezone(zone).date() != now.astimezone(zone).date() for zone in zones)


def _place(part: Part, done: Done) -> str:
    """What a failure is about: the whole asset where nothing more of it was asked, else one stream of it."""
    return part.asset_id if done.stop and part.asset_id else f"{part.asset_id}:{part.name}".removeprefix(":")


def _limit(node: Node, run: RunRecord) -> timedelta:
    chosen = WORKFLOWS.get(run.order.workflow)
    allowed = timedelta(seconds=node.settings.run_timeout)
    return allowed if chosen is None or chosen.timeout is None else min(allowed, chosen.timeout)


def _timed_out(seconds: float, *, stop: bool) -> Done:
    """A part that took too long; where it was the run that did, nothing more is begun."""
    return Done(f"it was not done within {seconds:.0f} seconds", stop=stop, timed_out=True)
