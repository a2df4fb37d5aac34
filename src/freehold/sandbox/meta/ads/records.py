"""Keeping what callers write: new objects, changed fields, the history of statuses and budgets, and activities."""

import json
from datetime import timedelta
from typing import Any

from freehold.sandbox.meta.ads.accounts import written
from freehold.sandbox.meta.ads.objects import WRITTEN_KIND, AdObject
from freehold.sandbox.meta.ads.parameters import names, refusal
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.world.ads import budget_a_day
from freehold.sandbox.meta.world.ads_plan import AdPlan

EXECUTION_OPTIONS = frozenset({"validate_only", "include_recommendations", "synchronous_ad_review"})
BUDGET_CHANGES_AN_HOUR = 4
PARENTS = {"campaign": None, "adset": "campaign_id", "ad": "adset_id", "creative": None}
CREATED = {"campaign": "create_campaign_group", "adset": "create_ad_set", "ad": "create_ad"}
CHANGED = {
    "campaign": {
        "name": "update_campaign_name",
        "status": "update_campaign_run_status",
        "daily_budget": "update_campaign_budget",
        "lifetime_budget": "update_campaign_budget",
        "spend_cap": "update_campaign_group_spend_cap",
    },
    "adset": {
        "name": "update_ad_set_name",
        "status": "update_ad_set_run_status",
        "daily_budget": "update_ad_set_budget",
        "lifetime_budget": "update_ad_set_budget",
        "targeting": "update_ad_set_target_spec",
        "end_time": "update_ad_set_duration",
        "bid_amount": "update_ad_set_bidding",
        "bid_strategy": "update_ad_set_bid_strategy",
    },
    "ad": {
        "name": "update_ad_friendly_name",
        "status": "update_ad_run_status",
        "creative_id": "update_ad_creative",
    },
    "creative": {},
}
"""How the account's history names what was changed."""
Values = dict[str, Any]


def only_validates(call: Call) -> bool:
    """Whether the call asks to be checked and nothing more."""
    options = names(call.params, "execution_options")
    for option in options:
        if option not in EXECUTION_OPTIONS:
            raise refusal(f"(#100) execution_options[0] must be one of {sorted(EXECUTION_OPTIONS)}")
    if options == ["include_recommendations"]:
        raise refusal("(#100) include_recommendations needs another execution option beside it")
    return "validate_only" in options


def create(call: Call, plan: AdPlan, kind: str, values: Values) -> JSON:
    """Keep a new object (unless the call only validates) and answer as Meta does."""
    if only_validates(call):
        return {"success": True}
    object_id = keep(call, plan, kind, values)
    return {"id": object_id, "success": True}


def keep(call: Call, plan: AdPlan, kind: str, values: Values) -> str:
    """Keep a new object and give its id."""
    writes = written(call)
    object_id = writes.next_id(WRITTEN_KIND[kind], plan.ordinal)
    record = {**values, "id": object_id, "created_time": call.now, "updated_time": call.now}
    writes.created[object_id] = record
    writes.statuses[object_id] = [(call.now, str(values.get("status", "ACTIVE")))]
    parent = PARENTS[kind]
    if parent:
        writes.children.setdefault(str(values[parent]), []).append(object_id)
    if kind in CREATED:
        _note(call, plan, CREATED[kind], object_id, str(values.get("name", "")), {})
    return object_id


def change(call: Call, found: AdObject, values: Values) -> JSON:
    """Keep what a caller changed on an object and answer as Meta does."""
    if only_validates(call):
        return {"success": True}
    _change_budget(call, found, values)
    writes = written(call)
    status = values.get("status")
    if status and status != found.values["status"]:
        writes.statuses.setdefault(found.id, []).append((call.now, str(status)))
    kept = {name: value for name, value in values.items() if name != "status"}
    writes.changed.setdefault(found.id, {}).update(kept, updated_time=call.now)
    for name, event in CHANGED[found.kind].items():
        if values.get(name) is not None:
            extra = {"old_value": found.values.get(name), "new_value": values[name]}
            _note(call, found.plan, event, found.id, str(found.values.get("name", "")), extra)
    return {"success": True}


def delete(call: Call, found: AdObject) -> JSON:
    """Mark an object deleted."""
    return change(call, found, {"status": "DELETED"})


def _change_budget(call: Call, found: AdObject, values: Values) -> None:
    """Remember a new daily budget from now on; raises error 613 at the fifth change within an hour."""
    after = budget_a_day({**found.values, **values})
    before = budget_a_day(dict(found.values))
    if not {"daily_budget", "lifetime_budget"} & values.keys() or after == before:
        return
    history = written(call).budgets.setdefault(found.id, [(found.values["created_time"], before)])
    recent = [at for at, _ in history[1:] if at > call.now - timedelta(hours=1)]
    if len(recent) >= BUDGET_CHANGES_AN_HOUR:
        raise GraphError(
            "(#613) Calls to this api have exceeded the rate limit.",
            code=613,
            subcode=1487632,
            user_title="Ad set budget changed too often",
            user_msg="A budget can be changed four times an hour. Wait an hour before changing it again.",
        )
    history.append((call.now, after))


def _note(call: Call, plan: AdPlan, event: str, object_id: str, name: str, extra: JSON) -> None:
    written(call).activities.append(
        {
            "account_id": plan.account_id,
            "at": call.now,
            "event_type": event,
            "object_id": object_id,
            "object_name": name,
            "actor_id": call.caller.user_id or "",
            "application_id": call.caller.app_id,
            "extra_data": json.dumps(extra, default=str),
        }
    )
