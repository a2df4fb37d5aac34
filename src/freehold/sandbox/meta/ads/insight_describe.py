"""What a row of insights says about the object it is on: ids, names, objective, dates."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from freehold.sandbox.meta.ads import objects
from freehold.sandbox.meta.ads.accounts import account_of
from freehold.sandbox.meta.ads.parameters import stamp
from freehold.sandbox.meta.graph import Call
from freehold.sandbox.meta.world.ads_plan import AdPlan, AdSeed

LEVELS = ("account", "campaign", "adset", "ad")
Describer = Callable[[str], Any]
OF_ACCOUNT = {"account_id": "account_id", "account_name": "name", "account_currency": "currency"}
ELSEWHERE = {
    "objective": ("campaign", "objective"),
    "buying_type": ("campaign", "buying_type"),
    "optimization_goal": ("adset", "optimization_goal"),
    "attribution_setting": ("adset", "attribution_spec"),
    "adset_start": ("adset", "start_time"),
    "adset_end": ("adset", "end_time"),
}
"""Fields whose names do not say where they stand."""


def describer(call: Call, plan: AdPlan, level: str, ad: AdSeed | None) -> Describer:
    """A reader of identity fields for the object of this level that the ad belongs to.

    Fields of objects below the level give None, so that the row leaves them out.
    """
    account = account_of(call, plan)
    ids = {"ad": ad.id, "adset": ad.set_id, "campaign": ad.campaign_id} if ad else {}

    @cache
    def values(kind: str) -> dict[str, Any]:
        found = objects.find(call, ids[kind])
        return {} if found is None else {**found.values, "id": found.id}

    def describe(name: str) -> Any:
        if name in OF_ACCOUNT:
            return getattr(account, OF_ACCOUNT[name])
        kind, field = _place(name, level)
        if kind not in ids or LEVELS.index(kind) > LEVELS.index(level):
            return None
        if field == "id":
            return ids[kind]
        return _text(values(kind).get(field), plan)

    return describe


def _place(name: str, level: str) -> tuple[str, str]:
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    if name in {"created_time", "updated_time"}:
        return level, name
    kind, _, field = name.partition("_")
    return kind, field


def _text(value: Any, plan: AdPlan) -> Any:
    if isinstance(value, datetime):
        return stamp(value, plan.timezone_name)[:10]
    if isinstance(value, list):
        return "_".join(f"{item['window_days']}d_{item['event_type'].split('_')[0].lower()}" for item in value)
    return value
