"""All SQL over runs: ordered once, begun, ended once, taken up again, and what each has cost."""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import RowMapping, and_, delete, func, or_, select, update

from freehold.kernel.database import ReadSession, WriteSession, insert
from freehold.node.governor.tables import api_calls
from freehold.node.runs.places import floor_of, forget_places
from freehold.node.runs.tables import collection_places, workflow_runs

Outcome = Literal["queued", "running", "complete", "incomplete", "failed", "cancelled", "timed_out"]
Trigger = Literal["schedule", "api", "command"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
OPEN: Final = ("queued", "running")
"""The outcomes of a run that has not ended."""
BAD: Final = ("incomplete", "failed", "timed_out")
"""The outcomes of a run that did not bring everything."""


@dataclass(frozen=True)
class Order:
    """What a run is to do: which workflow, how many days back (None: as many as it always does), for which assets
    (none named: all), and who is told when it has ended.
    """

    run_id: str
    workflow: str
    trigger: Trigger
    days: int | None = None
    asset_ids: tuple[str, ...] = ()
    callback_url: str = ""


@dataclass(frozen=True)
class RunRecord:
    """A run as it is written down; `failures` says of what could not be read why.

    `reading_since` is when the first of those attempts began that the run still builds on; None where that is this one.
    """

    order: Order
    attempt: int
    outcome: Outcome
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    graph_calls: int
    floor_calls: float
    failures: Mapping[str, str] = field(default_factory=dict)
    reading_since: datetime | None = None

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.order.run_id

    def told(self) -> dict[str, Any]:
        """How the run went, as is told to machines."""
        return {
            "run_id": self.run_id,
            "outcome": self.outcome,
            "graph_calls": self.graph_calls,
            "floor_calls": round(self.floor_calls),
            "failures": dict(self.failures),
        }

    def facts(self) -> dict[str, Any]:
        """The whole run, as is shown to people and callers; where it is told of is left out, being a secret."""
        return {
            "run_id": self.run_id,
            "workflow": self.order.workflow,
            "trigger": self.order.trigger,
            "days": self.order.days,
            "asset_ids": list(self.order.asset_ids),
            "attempt": self.attempt,
            "created_at": self.created_at,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            **self.told(),
        }


@dataclass(frozen=True)
class Receipt:
    """What a run cost: calls that the provider counted, and how many the same data needs at least."""

    graph_calls: int
    floor_calls: int


async def create(session: WriteSession, order: Order, now: datetime) -> bool:
    """Order a run; False when its id was ordered before, which then changes nothing."""
    values = {
        "run_id": order.run_id,
        "workflow": order.workflow,
        "trigger": order.trigger,
        "parameters": _parameters(order, None),
        "callback_url": order.callback_url,
        "created_at": now,
        "attempt": 1,
        "outcome": "queued",
        "graph_calls": 0,
        "floor_calls": 0.0,
        "failures": "{}",
    }
    done = await session.execute(insert(session, workflow_runs).values(**values).on_conflict_do_nothing())
    return bool(done.rowcount)


async def begin(session: WriteSession, run_id: str, attempt: int, now: datetime) -> None:
    """A worker has taken this attempt of the run up; one that was taken up before keeps the time of the first."""
    of = workflow_runs.c
    chosen = update(workflow_runs).where(of.run_id == run_id, of.attempt == attempt, of.outcome.in_(OPEN))
    await session.execute(chosen.values(outcome="running", started_at=func.coalesce(of.started_at, now)))


async def end(
    session: WriteSession, run_id: str, attempt: int, outcome: Outcome, failures: Mapping[str, str], now: datetime
) -> RunRecord | None:
    """Write down what the run cost, and how it ended unless that is decided already, or another attempt's to decide;
    gives it as it stands then.
    """
    cost, of = await receipt(session, run_id), workflow_runs.c
    chosen = update(workflow_runs).where(of.run_id == run_id)
    ended = {"outcome": outcome, "ended_at": now, "failures": json.dumps(dict(failures))}
    await session.execute(chosen.where(of.attempt == attempt, of.outcome.in_(OPEN)).values(**ended))
    await session.execute(chosen.values(graph_calls=cost.graph_calls, floor_calls=cost.floor_calls))
    return await find(session, run_id)


async def cancel(session: WriteSession, run_id: str, now: datetime) -> bool:
    """End the run as cancelled; False when it has ended, or is not there."""
    of = workflow_runs.c
    chosen = update(workflow_runs).where(of.run_id == run_id, of.outcome.in_(OPEN))
    return bool((await session.execute(chosen.values(outcome="cancelled", ended_at=now))).rowcount)


async def reopen(session: WriteSession, run_id: str) -> bool:
    """Order a run that has ended once more, from where it stopped; False when it is open, or is not there."""
    found, of = await find(session, run_id), workflow_runs.c
    if found is None or found.outcome in OPEN:
        return False
    chosen = update(workflow_runs).where(of.run_id == run_id, of.attempt == found.attempt, of.outcome.not_in(OPEN))
    anew = {"outcome": "queued", "attempt": of.attempt + 1, "started_at": None, "ended_at": None, "failures": "{}"}
    anew["parameters"] = _parameters(found.order, found.reading_since or found.started_at)
    return bool((await session.execute(chosen.values(**anew))).rowcount)


async def start_over(session: WriteSession, run_id: str) -> None:
    """Have the run's next attempt build on no earlier one: it reads again what those have read, where that is due."""
    await forget_places(session, run_id)
    found = await find(session, run_id)
    if found is not None:
        chosen = update(workflow_runs).where(workflow_runs.c.run_id == run_id)
        await session.execute(chosen.values(parameters=_parameters(found.order, None)))


async def find(session: ReadSession, run_id: str) -> RunRecord | None:
    """One run."""
    query = select(workflow_runs).where(workflow_runs.c.run_id == run_id)
    row = (await session.execute(query)).mappings().first()
    return None if row is None else _record(row)


async def list_runs(
    session: ReadSession, *, workflow: str | None = None, outcomes: Sequence[str] = (), limit: int = 50
) -> list[RunRecord]:
    """Runs of a workflow (None: of any) with one of the outcomes (none named: any), the newest first."""
    of = workflow_runs.c
    query = select(workflow_runs).order_by(of.created_at.desc(), of.run_id.desc()).limit(limit)
    if workflow is not None:
        query = query.where(of.workflow == workflow)
    if outcomes:
        query = query.where(of.outcome.in_(tuple(outcomes)))
    return [_record(row) for row in (await session.execute(query)).mappings()]


async def which_ended(session: ReadSession, run_ids: Collection[str]) -> set[str]:
    """Those of the runs that have ended, however they did."""
    of = workflow_runs.c
    query = select(of.run_id).where(of.run_id.in_(run_ids), of.ended_at.is_not(None))
    return set((await session.execute(query)).scalars())


async def open_runs(session: ReadSession) -> list[RunRecord]:
    """Every run that has not ended."""
    query = select(workflow_runs).where(workflow_runs.c.outcome.in_(OPEN))
    return [_record(row) for row in (await session.execute(query)).mappings()]


async def forget_callback(session: WriteSession, run_id: str, attempt: int) -> None:
    """Whoever waited for this attempt was told, or cannot be: the address, which is a secret, is needed no more, unless
    the run was resumed meanwhile.
    """
    of = workflow_runs.c
    chosen = update(workflow_runs).where(of.run_id == run_id, of.attempt == attempt)
    await session.execute(chosen.values(callback_url=""))


async def to_hand_on(session: ReadSession, since: datetime, limit: int = 500) -> list[RunRecord]:
    """Runs that wait for a worker, the oldest first; among them those that were cancelled before one had them, since
    `since`, and whose end somebody wants to be told.
    """
    of = workflow_runs.c
    untold = and_(of.outcome == "cancelled", of.started_at.is_(None), of.callback_url != "", of.ended_at >= since)
    query = select(workflow_runs).where(or_(of.outcome == "queued", untold)).order_by(of.created_at, of.run_id)
    return [_record(row) for row in (await session.execute(query.limit(limit))).mappings()]


async def cancelled_among(session: ReadSession, run_ids: Collection[str]) -> set[str]:
    """Which of the runs are cancelled."""
    of = workflow_runs.c
    query = select(of.run_id).where(of.run_id.in_(tuple(run_ids)), of.outcome == "cancelled")
    return set((await session.execute(query)).scalars())


async def receipt(session: ReadSession, run_id: str) -> Receipt:
    """What the run has cost so far."""
    counted = select(func.coalesce(func.sum(api_calls.c.parts), 0)).where(api_calls.c.run_id == run_id)
    calls = int((await session.execute(counted)).scalar_one())
    return Receipt(calls, math.ceil(await floor_of(session, run_id) - 1e-9))


async def prune(session: WriteSession, before: datetime, most: int = 500) -> list[RunRecord]:
    """Take away runs that ended before a time, at most so many at once, with their places; gives them."""
    of = workflow_runs.c
    query = select(workflow_runs).where(of.ended_at < before).order_by(of.ended_at).limit(most)
    gone = [_record(row) for row in (await session.execute(query)).mappings()]
    run_ids = [run.run_id for run in gone]
    for table in (collection_places, workflow_runs):
        await session.execute(delete(table).where(table.c.run_id.in_(run_ids)))
    return gone


def _parameters(order: Order, reading_since: datetime | None) -> str:
    kept: dict[str, Any] = {"days": order.days, "asset_ids": list(order.asset_ids)}
    if reading_since is not None:
        kept["reading_since"] = reading_since.isoformat()
    return json.dumps(kept)


def _record(row: RowMapping) -> RunRecord:
    ordered = json.loads(row["parameters"])
    since = ordered.get("reading_since")
    order = Order(
        run_id=row["run_id"],
        workflow=row["workflow"],
        trigger=row["trigger"],
        days=ordered["days"],
        asset_ids=tuple(ordered["asset_ids"]),
        callback_url=row["callback_url"],
    )
    kept = ("attempt", "outcome", "created_at", "started_at", "ended_at", "graph_calls", "floor_calls")
    return RunRecord(
        order=order,
        failures=json.loads(row["failures"]),
        reading_since=None if since is None else datetime.fromisoformat(since),
        **{name: row[name] for name in kept},
    )
