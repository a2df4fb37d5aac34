"""Making a plan: read, reckon, judge by the rules, let Meta check it, and write it down."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from freehold.kernel.database import ReadSession
from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.governor import Priority
from freehold.node.spending import queries, rules, sending
from freehold.node.spending.change import Change, Principal, check
from freehold.node.spending.effects import RESTS, Effect, Situation, effect_of
from freehold.node.spending.ledger import asked_of, day_of, usual_of, with_schedules
from freehold.node.spending.plan import LIFE, Plan, Status, row_of, sealed
from freehold.node.spending.reading import lasting, reader_of, situation_of
from freehold.node.spending.rules import Rule, Verdict
from freehold.providers.meta.ad_writes import OPERATIONS, normal

STATUS_OF: Final[Mapping[str, Status]] = {"allow": "ready", "ask": "waiting", "forbid": "forbidden"}


@dataclass(frozen=True)
class Origin:
    """What a plan comes from besides its change: the change that it undoes, and what has to be there before it."""

    undoes: int | None = None
    expected: Mapping[str, Any] | None = None


async def propose(node: Node, principal: Principal, change: Change) -> Plan:
    """A plan for `change`, written down: `ready` to be applied, `waiting` for a person, or `forbidden` by a rule.

    Raises `Problem` for what cannot be planned, and `ProviderError` where Meta cannot be read or refuses the change.
    """
    return await proposed(node, principal, change, Origin())


async def proposed(node: Node, principal: Principal, change: Change, origin: Origin) -> Plan:
    """A plan as `propose` makes it, for a change of this origin."""
    check(change)
    reader = await reader_of(node, change.account_id, urgency(change))
    currency, timezone = reader.account.currency or "", reader.account.timezone or ""
    if change.currency not in {None, currency}:
        raise _wrong("currency_wrong", f"The account counts in {currency}, not in {change.currency!r:.20}.")
    parameters = checked_parameters(change, timezone)
    situation = await situation_of(reader, change, parameters)
    now = node.clock.now()
    effect = effect_of(change.kind, parameters, situation, now)
    if origin.expected is not None:
        check_expected(origin.expected, situation.state)
    if not effect.after:
        raise _wrong("nothing_changes", "The object already is as it would be after this change.")
    async with node.database.reading() as session:
        verdicts = await judged(session, effect, situation, change.object_id, now)
    plan = _plan(principal, change, parameters, situation, effect, verdicts, now, origin)
    if plan.status != "forbidden" and not plan.harmless:
        accepted = await sending.validate(node, plan)
        plan = replace(plan, checked="accepted" if accepted else "not offered")
    plan = sealed(plan)
    async with node.database.writing() as session:
        await queries.insert_plan(session, row_of(plan))
    return plan


async def written_plan(node: Node, principal: Principal, change: Change, situation: Situation, effect: Effect) -> Plan:
    """A plan that only stops or lowers, from what was just read, written down as ready."""
    now = node.clock.now()
    plan = sealed(_plan(principal, change, change.parameters, situation, effect, (), now, Origin()))
    async with node.database.writing() as session:
        await queries.insert_plan(session, row_of(plan))
    return plan


def urgency(change: Change) -> Priority:
    """What only switches off goes before all else, its readings too."""
    stops = change.parameters.get("status") in RESTS and len(change.parameters) == 1
    return Priority.PAUSE_AD if stops else Priority.INTERACTIVE


def checked_parameters(change: Change, timezone: str) -> dict[str, Any]:
    """Parameters as a state has them. Refuses (`Problem` 422) what is no amount or instant, and what begins running."""
    try:
        found = normal(change.parameters, timezone)
    except ValueError as error:
        raise _wrong("parameter_wrong", f"{error}.") from error
    if OPERATIONS[change.kind].makes is not None and found.get("status", "PAUSED") != "PAUSED":
        hint = "Make it without a status, then change its status: that is a plan of its own."
        raise Problem(422, "new_objects_are_paused", "Whatever is made here begins paused.", hint)
    return found


def check_expected(expected: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Refuse (`Problem` 409, with the differences) when something is not as it was expected."""
    told = [
        f"{name} is {json.dumps(state.get(name))}, not {json.dumps(value)}"
        for name, value in sorted(expected.items())
        if state.get(name) != value
    ]
    if told:
        raise changed_meanwhile("; ".join(told))


def changed_meanwhile(told: str) -> Problem:
    """The refusal of a change whose object somebody else has changed."""
    hint = "Nothing was sent. Look at it as it is now, and make a new plan if it is still wanted."
    return Problem(409, "changed_meanwhile", f"Somebody changed it meanwhile: {told[:1500]}.", hint)


async def rules_of(session: ReadSession, account_id: str) -> Sequence[Rule]:
    """The rules of an account: its own, those of all, or the built-in ones."""
    for chosen in (account_id, ""):
        row = await queries.rules_row(session, chosen)
        if row is not None:
            return rules.read_rules(json.loads(row["rules"]), None) if row["rules"] else rules.DEFAULT
    return rules.DEFAULT


async def judged(
    session: ReadSession, effect: Effect, situation: Situation, object_id: str, now: datetime, without: str = ""
) -> list[Verdict]:
    """The rules that an effect is past on this day of its account."""
    zone, account_id = ZoneInfo(situation.timezone), situation.account_id
    day = await day_of(session, account_id, now, zone, without)
    usual = await usual_of(session, account_id, now, zone)
    effect = await with_schedules(session, effect, object_id, now, without)
    asked = asked_of(effect, situation.currency, object_id or account_id, day, usual)
    return rules.judge(await rules_of(session, account_id), asked)


def relied_on(situation: Situation) -> dict[str, Any]:
    """What a plan is reckoned from."""
    found: dict[str, Any] = lasting({"state": situation.state, "below": {each["id"]: each for each in situation.below}})
    return found


def _plan(
    principal: Principal,
    change: Change,
    parameters: Mapping[str, Any],
    situation: Situation,
    effect: Effect,
    verdicts: Sequence[Verdict],
    now: datetime,
    origin: Origin,
) -> Plan:
    name = situation.state.get("name") if change.object_id else parameters.get("name")
    return Plan(
        id=secrets.token_hex(8),
        account_id=situation.account_id,
        account_name=situation.account_name,
        currency=situation.currency,
        timezone=situation.timezone,
        kind=change.kind,
        object_id=change.object_id,
        object_name=str(name or ""),
        parameters=parameters,
        before=effect.before,
        after=effect.after,
        relied=relied_on(situation),
        actions=tuple(sorted(effect.actions)),
        amounts=effect.amounts,
        exposure_before=effect.exposure_before,
        exposure_after=effect.exposure_after,
        harmless=effect.harmless,
        verdicts=tuple(verdicts),
        checked="not asked",
        proposed_by=principal.name,
        proposer_id=principal.key_id,
        proposer_person=principal.person,
        channel=principal.channel,
        proposed_at=now,
        expires_at=now + LIFE,
        undoes=origin.undoes,
        status=STATUS_OF[rules.effect_of(verdicts)],
    )


def _wrong(code: str, detail: str) -> Problem:
    return Problem(422, code, detail, "Correct it and plan again; nothing was sent.")
