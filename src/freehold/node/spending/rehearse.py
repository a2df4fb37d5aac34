"""Trying rules on what has happened: each change of the last days, whoever made it, judged as if they had held then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from freehold.node.context import Node
from freehold.node.governor import Priority
from freehold.node.spending import rules
from freehold.node.spending.effects import STOPPED
from freehold.node.spending.exposure import EXCESS
from freehold.node.spending.ledger import usual_of
from freehold.node.spending.propose import rules_of
from freehold.node.spending.reading import reader_of
from freehold.node.spending.rules import Action, Amount, Asked, Rule, read_rules
from freehold.providers.meta import graph
from freehold.providers.meta.ad_activity import Activity, activities_call, read_activities
from freehold.providers.meta.money import written

DAY = timedelta(hours=24)
ACTIONS: Final[Mapping[str, Action]] = {
    "create_campaign_group": "create_campaign", "create_ad_set": "create_ad_set", "create_ad": "create_ad",
    "update_campaign_budget": "edit_budget", "update_ad_set_budget": "edit_budget",
    "update_campaign_group_spend_cap": "edit_budget", "update_ad_set_bidding": "edit_budget",
    "update_ad_set_bid_strategy": "edit_budget", "update_ad_set_duration": "edit_budget",
    "update_campaign_run_status": "edit_status", "update_ad_set_run_status": "edit_status",
    "update_ad_run_status": "edit_status", "update_ad_set_target_spec": "edit_targeting",
    "update_ad_creative": "edit_creative",
}  # fmt: skip
"""What Meta's history calls an event -> what the rules call it; the rest is nothing that rules are about."""
BUDGETS: Final = frozenset({"update_campaign_budget", "update_ad_set_budget"})


@dataclass(frozen=True)
class Rehearsed:
    """A change that happened, and what the rules would have said to it: allow, ask or forbid, and why."""

    at: datetime
    event: str
    object_id: str
    object_name: str
    actor: str
    change: str
    verdict: str
    reason: str


async def rehearse(node: Node, account_id: str, tried: Any, days: int) -> list[Rehearsed]:
    """Every change of the account in the last `days`, the oldest first, under the rules `tried` (None: those in force).

    What was spent a day until then is taken from what is stored. Raises `Problem`, and `ProviderError` when Meta's
    history cannot be read.
    """
    reader = await reader_of(node, account_id, Priority.INTERACTIVE)
    currency, zone = reader.account.currency or "", ZoneInfo(reader.account.timezone or "UTC")
    async with node.database.reading() as session:
        chosen = await rules_of(session, account_id) if tried is None else read_rules(tried, currency)
    events = await _history(node, account_id, node.clock.now() - timedelta(days=days))
    usual = dict[Any, int | None]()
    async with node.database.reading() as session:
        for event in events:
            day = event.at.astimezone(zone).date()
            if day not in usual:
                usual[day] = await usual_of(session, account_id, event.at, zone)
    asked = [asked_of(event, currency, usual[event.at.astimezone(zone).date()]) for event in events]
    return replayed(chosen, events, asked)


def replayed(chosen: Sequence[Rule], events: Sequence[Activity], asked: Sequence[Asked]) -> list[Rehearsed]:
    """Each event judged on top of those of the 24 hours before it; pure."""
    found = []
    for place, (event, each) in enumerate(zip(events, asked, strict=True)):
        recent = [
            (other, before)
            for other, before in zip(events[:place], asked[:place], strict=True)
            if other.at > event.at - DAY
        ]
        added = sum(before.added_today or 0 for _, before in recent)
        same = [amount for other, before in recent if other.object_id == event.object_id for amount in before.amounts]
        amounts = tuple(_since(amount, same) for amount in each.amounts)
        verdicts = rules.judge(chosen, replace(each, added_before=added, amounts=amounts))
        reason = "; ".join(verdict.reason for verdict in verdicts)
        told = _told(event, each.currency)
        found.append(
            Rehearsed(
                event.at, event.event, event.object_id, event.object_name, event.actor, told,
                rules.effect_of(verdicts), reason,
            )
        )  # fmt: skip
    return found


def asked_of(event: Activity, currency: str, usual: int | None) -> Asked:
    """An event of the history as the rules see a change."""
    action = ACTIONS[event.event]
    if action == "edit_status":
        stops = str(event.new) in STOPPED
        return Asked(frozenset({action}), (), currency, stops, 0 if stops else None, 0, usual)
    if action != "edit_budget":
        return Asked(frozenset({action}), (), currency, harmless=False, added_today=0, added_before=0, usual=usual)
    old, new = _amount(event.old), _amount(event.new)
    if new is None or event.event not in BUDGETS:
        unknown = (f"what {event.event.replace('_', ' ')} comes to",)
        return Asked(frozenset({action}), (), currency, False, None, 0, usual, unknown)
    was = old or 0
    amount = Amount("budget", was, new, was, ("percentage_change", "absolute_change", "absolute_max"))
    added = int(max(0, new - was) * (1 + EXCESS))
    return Asked(frozenset({action}), (amount,), currency, new <= was, added, 0, usual)


async def _history(node: Node, account_id: str, since: datetime) -> list[Activity]:
    """What rules are about, the oldest first."""
    found: list[Activity] = []
    after: str | None = None
    while True:
        call = activities_call(node.settings.graph_version, account_id, since, after)
        answer = await node.governor.send(call, Priority.INTERACTIVE, patience=20.0)
        found += graph.understood(read_activities, answer)
        after = graph.next_cursor(answer)
        if after is None:
            return sorted((each for each in found if each.event in ACTIONS), key=lambda each: each.at)


def _since(amount: Amount, others: Sequence[Amount]) -> Amount:
    least = [value for other in (amount, *others) for value in (other.before, other.after) if value is not None]
    return replace(amount, lowest=min(least, default=0))


def _amount(value: Any) -> int | None:
    """An amount as the history gives it: a number, a text, or one of these inside an object."""
    if isinstance(value, Mapping):
        inner = [value[name] for name in ("new_value", "old_value", "value") if name in value]
        return _amount(inner[0]) if inner else None
    if isinstance(value, bool) or value is None:
        return None
    return int(value) if str(value).isascii() and str(value).isdigit() else None


def _told(event: Activity, currency: str) -> str:
    if event.event in BUDGETS:
        one, other = _amount(event.old), _amount(event.new)
        shown = [written(value, currency) if value is not None else "none" for value in (one, other)]
        return " -> ".join(shown)
    return f"{event.old} -> {event.new}"[:120] if event.new is not None else ""
