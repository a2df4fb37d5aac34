"""What a change does to an object, and what that may cost: pure, over the states that were read before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from freehold.node.spending.exposure import NOTHING, Carrier, Exposure, added, of_all, pace
from freehold.node.spending.rules import Action, Amount
from freehold.providers.meta.ad_writes import MONEY, OPERATIONS, TIMES, Kind

State = Mapping[str, Any]
RESTS: Final = frozenset({"PAUSED", "ARCHIVED"})
"""How an object stops so that nothing of it is lost."""
STOPPED: Final = RESTS | {"DELETED"}
BUDGETS: Final = ("daily_budget", "lifetime_budget")
MINIMA: Final = ("daily_min_spend_target", "lifetime_min_spend_target")
LIMITS: Final = ("bid_amount", "spend_cap", "daily_spend_cap", "lifetime_spend_cap")
"""Amounts without which there is no limit; of the others, none is nothing."""
ENDS: Final = frozenset({"end_time", "stop_time"})
SPENDS: Final = MONEY | TIMES | {
    "bid_strategy", "bid_constraints", "bid_adjustments", "pacing_type", "adset_schedule", "frequency_control_specs",
    "is_adset_budget_sharing_enabled", "billing_event", "optimization_goal", "budget_value_type",
}  # fmt: skip
SHOWN: Final = frozenset({"creative_id", "tracking_specs", "conversion_domain"})
MADE: Final[Mapping[Kind, Action]] = {
    "create_campaign": "create_campaign", "create_ad_set": "create_ad_set", "create_ad": "create_ad",
    "copy_campaign": "create_campaign", "copy_ad_set": "create_ad_set", "copy_ad": "create_ad",
}  # fmt: skip
SET: Final = ("percentage_change", "absolute_change", "absolute_max")


@dataclass(frozen=True)
class Situation:
    """What was read before a change: the object with those above it, and the ad sets below a campaign without budget.

    Of something new, `state` is what it will hang below.
    """

    account_id: str
    account_name: str
    currency: str
    timezone: str
    state: State
    below: Sequence[State] = ()


@dataclass(frozen=True)
class Effect:
    """What changes (names of fields -> before and after), and what that may cost.

    `unknown` says in words what could not be reckoned.
    """

    before: State
    after: State
    actions: frozenset[Action]
    amounts: tuple[Amount, ...]
    exposure_before: Exposure
    exposure_after: Exposure
    harmless: bool
    unknown: tuple[str, ...] = ()

    @property
    def added_today(self) -> int:
        """What the change adds to a day."""
        return added(self.exposure_before, self.exposure_after)


def effect_of(kind: Kind, parameters: State, situation: Situation, now: datetime) -> Effect:
    """What `parameters`, in the form of a state, do."""
    operation = OPERATIONS[kind]
    if operation.edge == "budget_schedules":
        return _of_schedule(parameters, situation, now)
    if operation.makes is not None:
        return _of_new(kind, parameters)
    wanted = {"status": "DELETED"} if operation.method == "DELETE" else _with_one_budget(parameters, situation.state)
    after = {name: value for name, value in wanted.items() if value != situation.state.get(name)}
    before = {name: situation.state.get(name) for name in after}
    if kind == "delete_audience":
        return Effect(before, after, frozenset({"edit_targeting"}), (), NOTHING, NOTHING, harmless=False)
    found = _of_change(before, after, situation, now)
    # A schedule only ever raises a budget, and it has no other way to end.
    return replace(found, harmless=True, unknown=()) if kind == "delete_budget_schedule" else found


def _with_one_budget(parameters: State, state: State) -> dict[str, Any]:
    """A daily budget takes the place of a lifetime budget, and the other way round."""
    wanted = dict(parameters)
    for name, other in (BUDGETS, BUDGETS[::-1]):
        if wanted.get(name) and state.get(other) and other not in wanted:
            wanted[other] = None
    return wanted


def _of_new(kind: Kind, parameters: State) -> Effect:
    """Something new is paused: it costs nothing before it is switched on, which is a change of its own."""
    named = [name for name in (*BUDGETS, *MINIMA, *LIMITS) if parameters.get(name) is not None]
    amounts = [Amount(name, 0, parameters[name], 0, ("absolute_max",)) for name in named]
    action = MADE.get(kind)
    after = {**parameters, "status": "PAUSED"} if action else dict(parameters)
    after.pop("bytes", None)
    actions = frozenset({action}) if action else frozenset[Action]()
    return Effect({}, after, actions, tuple(amounts), NOTHING, NOTHING, harmless=False)


def _of_schedule(parameters: State, situation: Situation, now: datetime) -> Effect:
    """A period with a higher budget; what a multiplier comes to, Meta does not say."""
    zone, value = ZoneInfo(situation.timezone), int(parameters.get("budget_value") or 0)
    begin, end = _instant(parameters.get("time_start")), _instant(parameters.get("time_end"))
    absolute = parameters.get("budget_value_type") == "ABSOLUTE" and begin is not None and end is not None
    boost = ((begin, end, value),) if absolute and begin and end else ()
    carriers = carriers_of(situation.state, situation.below)
    higher = [replace(each, boosts=boost) for each in carriers]
    amounts = [Amount("budget_value", 0, value, 0, ("absolute_change", "absolute_max"))] if absolute else []
    possible = [of_all([replace(each, runs=True) for each in group], now, zone) for group in (carriers, higher)]
    amounts += _of_exposures("possible", possible[0], possible[1])
    return Effect(
        {}, dict(parameters), frozenset({"edit_budget"}), tuple(amounts),
        of_all(carriers, now, zone), of_all(higher, now, zone), harmless=False,
        unknown=() if absolute and carriers else ("what the budget schedule comes to",),
    )  # fmt: skip


def _of_change(before: State, after: State, situation: Situation, now: datetime) -> Effect:
    zone, state = ZoneInfo(situation.timezone), situation.state
    changed = {**state, **after, "budget_remaining": _remaining(state, after)}
    carriers = carriers_of(state, situation.below), carriers_of(changed, situation.below)
    actual = [of_all(group, now, zone) for group in carriers]
    possible = [of_all([replace(each, runs=True) for each in group], now, zone) for group in carriers]
    amounts = _set_amounts(before, after)
    paces = [pace(group, now) for group in carriers]
    paced = Amount("possible_spend_a_day", paces[0], paces[1], paces[0])
    plain = {amount.name for amount in amounts if amount.measured == SET}
    if SPENDS & after.keys():
        # A plain raise of a budget is measured as it is; with anything beside it, also by what both come to together.
        alone = SPENDS & after.keys() <= plain
        measured = ("percentage_change",) if alone else ("percentage_change", "absolute_change")
        amounts += [*_of_exposures("possible", possible[0], possible[1], measured), paced]
    starts = after.get("status", "PAUSED") not in STOPPED
    if starts:
        amounts += _started(carriers[1]) + _of_exposures("actual", actual[0], actual[1])
    quiet = bool(after) and all(_lowers(name, before[name], value) for name, value in after.items())
    calm = not paced.raised and _calm(*actual) and _calm(*possible)
    return Effect(
        before, after, _actions(after), tuple(amounts), actual[0], actual[1],
        harmless=calm and quiet, unknown=_unknown(after, quiet=quiet, carried=bool(carriers[1])),
    )  # fmt: skip


def _calm(before: Exposure, after: Exposure) -> bool:
    """Whether nothing more may be spent, nor is expected to be spent today."""
    more = after.today_projected > before.today_projected
    return not more and all(not each.raised for each in _of_exposures("", before, after))


def _unknown(after: State, *, quiet: bool, carried: bool) -> tuple[str, ...]:
    """What cannot be reckoned of a change, in words. `carried`: a budget was found that it has to do with."""
    found = [f"what {name.replace('_', ' ')} comes to" for name in sorted((SPENDS & after.keys()) - MONEY - TIMES)]
    if not carried and not quiet and ("status" in after or TIMES & after.keys()):
        found.append("what it may spend: no budget was found")
    return tuple(found)


def carriers_of(state: State, below: Sequence[State] = ()) -> list[Carrier]:
    """Every budget that an object spends from: its own, that of one above it, or those below a campaign."""
    if any(state.get(name) for name in BUDGETS):
        return [_carrier(state, _chain(state), runs=_runs(state))]
    for above in ("adset", "campaign"):
        parent = state.get(above) or {}
        if any(parent.get(name) for name in BUDGETS):
            return [_carrier(parent, _chain(state), runs=_runs(state))]
    active = state.get("status") == "ACTIVE"
    return [_carrier(each, (each, state), runs=active and each.get("status") == "ACTIVE") for each in below]


def _chain(state: State) -> tuple[State, ...]:
    """The object and all above it."""
    return (state, *(state[name] for name in ("adset", "campaign") if state.get(name)))


def _runs(state: State) -> bool:
    """Whether the object and all above it are switched on."""
    return all(each.get("status") == "ACTIVE" for each in _chain(state))


def _carrier(state: State, chain: Sequence[State], *, runs: bool) -> Carrier:
    """The budget of `state`, within the time in which all of `chain` is open."""
    starts = [_instant(each["start_time"]) for each in chain if each.get("start_time")]
    ends = [_instant(each[name]) for each in chain for name in ENDS if each.get(name)]
    return Carrier(
        daily=state.get("daily_budget"),
        lifetime=state.get("lifetime_budget"),
        remaining=state.get("budget_remaining") if state.get("lifetime_budget") else None,
        starts=max((start for start in starts if start), default=None),
        ends=min((end for end in ends if end), default=None),
        runs=runs,
    )


def _remaining(state: State, after: State) -> int | None:
    """What is left of a lifetime budget once it is another."""
    left: int | None = state.get("budget_remaining")
    old: int | None = state.get("lifetime_budget")
    new: int | None = after.get("lifetime_budget")
    if new is None:
        return left
    return new if left is None or old is None else max(0, left + new - old)


def _set_amounts(before: State, after: State) -> list[Amount]:
    """The amounts that a change sets itself. What takes the place of another budget is measured by what it comes to."""
    found = []
    for name in (*BUDGETS, *MINIMA):
        if after.get(name):
            was = before[name] or 0
            found.append(Amount(name, was, after[name], was, SET if was else ("absolute_max",)))
    found += [Amount(name, before[name], after[name], before[name], SET) for name in LIMITS if name in after]
    return found


def _of_exposures(
    word: str, before: Exposure, after: Exposure, measured: tuple[Any, ...] = ("percentage_change", "absolute_change")
) -> list[Amount]:
    return [
        Amount(f"{word}_spend_today", before.today_worst, after.today_worst, before.today_worst, measured),
        Amount(f"{word}_spend_in_all", before.total_worst, after.total_worst, before.total_worst, measured),
    ]


def _started(carriers: Sequence[Carrier]) -> list[Amount]:
    """The budgets that an object spends from once it is switched on."""
    measured = ("absolute_max",)
    found = [("daily_budget", each.daily) for each in carriers] + [
        ("lifetime_budget", each.lifetime) for each in carriers
    ]
    return [Amount(name, 0, amount, 0, measured) for name, amount in found if amount]  # type: ignore[arg-type]


def _actions(after: State) -> frozenset[Action]:
    found: set[Action] = set()
    for name in after:
        if name == "status":
            # What is switched on begins to be spent.
            found |= {"edit_status"} if after[name] in STOPPED else {"edit_status", "edit_budget"}
        elif name in SPENDS:
            found.add("edit_budget")
        elif name in SHOWN:
            found.add("edit_creative")
        elif name != "name":
            found.add("edit_targeting")
    return frozenset(found)


def _lowers(name: str, before: Any, after: Any) -> bool:
    """Whether a field by itself can only make less be spent. Budgets are judged by what they come to together."""
    if name == "status":
        return after in RESTS
    if name in BUDGETS:
        return after is None or not before or after <= before
    if name in MINIMA:
        return after is None or (before is not None and after <= before)
    if name in LIMITS:
        return after is not None and (before is None or after <= before)
    if name in ENDS:
        return after is not None and (before is None or after <= before)
    return name == "start_time" and before is not None and after is not None and after >= before


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
