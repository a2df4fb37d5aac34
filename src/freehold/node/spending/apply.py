"""Making a plan's change: once, under the account's lock, only from the state that was planned from."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from freehold.kernel import logs
from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.governor import Priority
from freehold.node.spending import approvals, changes, queries, rules, sending
from freehold.node.spending.change import Principal
from freehold.node.spending.effects import Effect, Situation, effect_of
from freehold.node.spending.locking import HOLD, Hold, busy, held
from freehold.node.spending.plan import Plan, plan_of
from freehold.node.spending.propose import changed_meanwhile, judged, relied_on
from freehold.node.spending.reading import Reader, differences, own_fields, reader_of, situation_of
from freehold.node.spending.whole import whole
from freehold.providers.calls import ProviderError, Rejected, Throttled, TokenRevoked, Unavailable
from freehold.providers.meta import graph
from freehold.providers.meta.ad_writes import OPERATIONS, made_id

log = logs.get(__name__)

MAX_KEY = 128
UNDECIDED = ("sending", "uncertain")
"""Statuses of plans whose change may or may not have been made."""


@dataclass(frozen=True)
class Applied:
    """What was changed: of which object (one that was made, where the plan made one), from what to what.

    `repeated`: it was done before, with the same idempotency key.
    """

    plan_id: str
    change_id: int
    account_id: str
    object_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    at: datetime
    repeated: bool = False


@dataclass(frozen=True)
class _Turn:
    """A plan whose turn it is: who applies it, with which key, and what it does now."""

    node: Node
    principal: Principal
    plan: Plan
    key: str
    effect: Effect
    approval_id: str | None = None
    reads_back: bool = True


async def apply_at_once(node: Node, principal: Principal, plan: Plan, hold: Hold, reader: Reader) -> Applied:
    """Make the change of a plan that was just written down and only stops or lowers, with as few calls as it takes."""
    if not plan.harmless:
        raise _needs_approval(plan)
    turn = _Turn(node, principal, plan, f"at-once:{plan.id}", _effect_planned(plan), reads_back=False)
    await _begin(turn, hold)
    return await _sent(turn, reader)


async def apply(node: Node, principal: Principal, plan_id: str, idempotency_key: str) -> Applied:
    """Make the change of a plan that is ready or approved; with the same key again, give what was done.

    Raises `Problem` when the plan is not to be applied (waiting, forbidden, expired, altered, used), when its object
    was changed meanwhile, or when it is not known what became of it; `ProviderError` when Meta did not make the change.
    """
    if not 0 < len(idempotency_key) <= MAX_KEY:
        raise Problem(
            422, "key_wrong", "An idempotency key has 1 to 128 characters.", "Choose a new one for each plan."
        )
    async with node.database.reading() as session:
        plan = plan_of(await queries.plan_row(session, plan_id))
        used_for = await queries.plan_of_key(session, idempotency_key)
    if used_for not in {None, plan_id}:
        raise _key_used()
    return await whole(_applied(node, principal, plan, idempotency_key))


async def _applied(node: Node, principal: Principal, plan: Plan, key: str) -> Applied:
    async with held(node, plan.account_id, urgent=plan.harmless) as hold:
        return await _in_turn(node, principal, plan.id, key, hold)


async def _in_turn(node: Node, principal: Principal, plan_id: str, key: str, hold: Hold) -> Applied:
    async with node.database.reading() as session:
        row = await queries.plan_row(session, plan_id)
        plan = plan_of(row)
        if plan.status == "applied" and row is not None and row["idempotency_key"] == key:
            return _told(plan, await changes.of_plan(session, plan_id), repeated=True)
    reader = await reader_of(node, plan.account_id, Priority.PAUSE_AD if plan.harmless else Priority.INTERACTIVE)
    if plan.status in {"sending", "uncertain"} and row is not None and row["idempotency_key"] == key:
        if plan.status == "sending" and row["started_at"] + HOLD > node.clock.now():
            raise busy(plan.account_id)  # whoever sends it may still be at it, and will tell what became of it
        return await _settled(_Turn(node, principal, plan, key, _effect_planned(plan)), reader)
    _check_status(plan, node.clock.now())
    turn = await _admitted(_Turn(node, principal, plan, key, _effect_planned(plan)), reader)
    await _begin(turn, hold)
    return await _sent(turn, reader)


def _check_status(plan: Plan, now: datetime) -> None:
    """Refuse a plan that is not to be applied (any more)."""
    if plan.status == "waiting":
        raise _needs_approval(plan)
    if plan.status not in {"ready", "approved"}:
        hint = "See `freehold node approvals show` for what became of it; make a new plan if it is still wanted."
        raise Problem(409, "plan_over", f"This plan is {plan.status}; it is not applied (again).", hint)
    if now >= plan.expires_at:
        raise Problem(409, "plan_expired", "This plan has expired.", "Make it anew.")


async def _admitted(turn: _Turn, reader: Reader) -> _Turn:
    """The turn once more from what is there now; raises `Problem` when it may not go on."""
    plan, now = turn.plan, turn.node.clock.now()
    situation = await situation_of(reader, plan.change, plan.parameters)
    effect = effect_of(plan.kind, plan.parameters, situation, now)
    _check_unchanged(plan, situation, effect)
    async with turn.node.database.reading() as session:
        verdicts = await judged(session, effect, situation, plan.object_id, now, without=plan.id)
        approval_id = await approvals.good_approval(turn.node, session, plan)
    strictest = rules.effect_of(verdicts)
    if strictest == "forbid":
        told = "; ".join(verdict.reason for verdict in verdicts if verdict.rule.effect == "forbid")
        raise Problem(403, "rule_forbids", f"A rule forbids it: {told}.", "See `freehold node rules show`.")
    if strictest == "ask" and approval_id is None:
        async with turn.node.database.writing() as session:
            await queries.move_plan(session, plan.id, ("ready", "approved"), "waiting")
        raise _needs_approval(plan)
    return replace(turn, effect=effect, approval_id=approval_id)


def _check_unchanged(plan: Plan, situation: Situation, effect: Effect) -> None:
    """What only stops or lowers is made from whatever is there; all else only from what it was planned from."""
    if plan.harmless and effect.harmless:
        return
    found = differences(plan.relied, relied_on(situation))
    if found:
        raise changed_meanwhile(
            "; ".join(
                f"{name.removeprefix('state.')} was {_text(one)}, is {_text(other)}"
                for name, (one, other) in found.items()
            )
        )


async def _begin(turn: _Turn, hold: Hold) -> None:
    """Use the approval up and write down that the change is on its way, in one transaction."""
    try:
        async with turn.node.database.writing() as session:
            if turn.approval_id is not None:
                await approvals.use(session, turn.node, turn.approval_id)
            now = turn.node.clock.now()
            added = max(turn.plan.added_today, turn.effect.added_today)
            values = {"idempotency_key": turn.key, "started_at": now, "added_today_minor": added}
            if not await queries.move_plan(session, turn.plan.id, ("ready", "approved"), "sending", **values):
                raise _over()
            await hold.keep(session)
    except IntegrityError as error:
        raise _key_used() from error


async def _sent(turn: _Turn, reader: Reader) -> Applied:
    try:
        answer = await sending.send(turn.node, turn.plan)
        object_id = graph.understood(lambda found: made_id(turn.plan.kind, found), answer) or turn.plan.object_id
    except Throttled:
        await _give_back(turn)
        raise
    except (Rejected, TokenRevoked) as error:
        await _end(turn, "failed", error.message)
        raise
    except Unavailable:
        return await _settled(turn, reader)
    except asyncio.CancelledError:  # the process stops: `whole` lets nobody else give it up
        await _end(turn, "uncertain", "The call was given up before Meta answered")
        raise
    return await _recorded(turn, reader, object_id)


async def _settled(turn: _Turn, reader: Reader) -> Applied:
    """Find out what became of a change whose answer got lost: read whether it is there."""
    plan, operation = turn.plan, OPERATIONS[turn.plan.kind]
    if operation.repeatable and operation.method == "POST":
        try:
            level = "account" if plan.kind == "update_account" else operation.level
            state = await reader.state(level, plan.object_id or plan.account_id)
        except ProviderError:
            state = {}
        if state and all(state.get(name) == value for name, value in turn.effect.after.items()):
            return await _recorded(turn, reader, plan.object_id)
        if state and all(state.get(name) == value for name, value in turn.effect.before.items()):
            await _end(turn, "failed", "Meta did not answer, and nothing was changed")
            raise Unavailable("Meta failed, and nothing was changed")
    await _end(turn, "uncertain", "Meta did not answer, so it is not known whether the change was made")
    hint = "Look in Ads Manager before planning it again; this plan is never sent twice."
    raise Problem(502, "outcome_unknown", "It is not known whether Meta made the change.", hint)


async def _recorded(turn: _Turn, reader: Reader, object_id: str) -> Applied:
    """Write the change into the chain, as it reads back where it can be read."""
    after = await _read_back(turn, reader, object_id)
    plan, at = turn.plan, turn.node.clock.now()
    made = changes.Made(
        object_id=object_id or plan.account_id,
        before=turn.effect.before,
        after=after,
        changed_by=turn.principal.name,
        channel=turn.principal.channel,
        ad_account_id=plan.account_id,
        plan_id=plan.id,
        kind=plan.kind,
        currency=plan.currency,
        approval_id=turn.approval_id,
        at=at,
    )
    made_now = object_id if object_id != plan.object_id else None
    async with turn.node.database.writing() as session:
        if not await queries.move_plan(session, plan.id, UNDECIDED, "applied", ended_at=at, made_id=made_now):
            return _told(plan, await changes.of_plan(session, plan.id), repeated=True)
        change_id = await changes.append(session, made)
    log.info("spending.applied", plan_id=plan.id, kind=plan.kind, change_id=change_id)
    return Applied(plan.id, change_id, plan.account_id, made.object_id, made.before, after, at)


async def _read_back(turn: _Turn, reader: Reader, object_id: str) -> Mapping[str, Any]:
    """What was changed, as it is now; of what is new everything, so that undo sees what others change later."""
    operation = OPERATIONS[turn.plan.kind]
    wanted = turn.effect.after
    if not turn.reads_back:
        return wanted
    if operation.method == "DELETE" or operation.makes not in {None, "campaign", "ad_set", "ad"}:
        return wanted
    try:
        state = await reader.state(operation.makes or operation.level, object_id or turn.plan.account_id)
    except (ProviderError, Problem):
        log.warning("spending.not_read_back", plan_id=turn.plan.id)
        return wanted
    made = own_fields(operation.makes) if operation.makes else frozenset()
    return {name: state.get(name) for name in sorted(made | wanted.keys())}


async def _give_back(turn: _Turn) -> None:
    """Nothing was sent, for want of room: the plan may be applied later with the same approval."""
    async with turn.node.database.writing() as session:
        values = {"idempotency_key": None, "started_at": None}
        await queries.move_plan(session, turn.plan.id, ("sending",), turn.plan.status, **values)
        if turn.approval_id is not None:
            await queries.use_approval(session, turn.approval_id, None)


async def _end(turn: _Turn, status: str, failure: str) -> None:
    async with turn.node.database.writing() as session:
        now = turn.node.clock.now()
        await queries.move_plan(session, turn.plan.id, UNDECIDED, status, ended_at=now, failure=failure[:1000])


def _effect_planned(plan: Plan) -> Effect:
    """The effect as it was planned."""
    return Effect(
        plan.before, plan.after, frozenset(plan.actions), plan.amounts, plan.exposure_before, plan.exposure_after,
        plan.harmless,
    )  # fmt: skip


def _told(plan: Plan, change: Any, *, repeated: bool) -> Applied:
    before, after = json.loads(change["before"]), json.loads(change["after"])
    return Applied(plan.id, change["id"], plan.account_id, change["object_id"], before, after, change["at"], repeated)


def _text(value: Any) -> str:
    return json.dumps(value)[:200]


def _needs_approval(plan: Plan) -> Problem:
    told = "; ".join(verdict.reason for verdict in plan.verdicts) or "what was changed meanwhile adds up with it"
    hint = f"Somebody with a key of scope approve decides: `freehold node approvals show {plan.id}`, or the page."
    return Problem(409, "approval_needed", f"This waits for a person's approval: {told}.", hint)


def _over() -> Problem:
    return Problem(409, "plan_over", "Another call has applied this plan.", "Read what became of it.")


def _key_used() -> Problem:
    hint = "Choose a new idempotency key for each plan."
    return Problem(409, "key_used", "This idempotency key was used for another plan.", hint)
