"""Creating and changing ad sets, with what Meta refuses."""

from datetime import datetime, timedelta
from typing import Any

from freehold.sandbox.meta.ads import budgets, goals, objects, records, targeting
from freehold.sandbox.meta.ads.accounts import account_plan, demand_management
from freehold.sandbox.meta.ads.campaign_writing import NEW_STATUSES, changed_name_and_status, required_name
from freehold.sandbox.meta.ads.objects import AdObject
from freehold.sandbox.meta.ads.parameters import choice, instant, mapping, missing, refusal, structure, truth
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.world.ads_plan import AdPlan
from freehold.sandbox.meta.world.people import AdAccount

DESTINATIONS = frozenset(
    {
        "WEBSITE", "APP", "MESSENGER", "WHATSAPP", "INSTAGRAM_DIRECT", "ON_AD", "ON_POST", "ON_PAGE", "ON_EVENT",
        "ON_VIDEO", "INSTAGRAM_PROFILE", "FACEBOOK", "PHONE_CALL", "SHOP_AUTOMATIC", "UNDEFINED",
        "APPLINKS_AUTOMATIC", "MESSAGING_MESSENGER_WHATSAPP", "MESSAGING_INSTAGRAM_DIRECT_MESSENGER",
        "MESSAGING_INSTAGRAM_DIRECT_WHATSAPP", "MESSAGING_INSTAGRAM_DIRECT_MESSENGER_WHATSAPP",
    }
)  # fmt: skip
KEPT_AS_GIVEN = ("adset_schedule", "frequency_control_specs", "pacing_type")
DAY = timedelta(hours=24)


def create(call: Call, account: AdAccount) -> JSON:
    """`POST /act_X/adsets`."""
    demand_management(call)
    plan = account_plan(call.sandbox.world, account)
    name = required_name(call)
    campaign = _campaign(call, plan)
    values = {
        "name": name,
        "campaign_id": campaign.id,
        "status": choice(call.params, "status", NEW_STATUSES) or "ACTIVE",
        **_budget(call, campaign),
        **_optimization(call, campaign),
        **_audience(call, campaign),
        **_times(call, plan),
        **{key: structure(call.params, key) for key in KEPT_AS_GIVEN if call.params.get(key)},
        "is_dynamic_creative": truth(call.params, "is_dynamic_creative") or False,
    }
    _check_duration(values)
    return records.create(call, plan, "adset", values)


def update(call: Call, ad_set: AdObject) -> JSON:
    """`POST /{ad set}`."""
    demand_management(call)
    campaign = objects.find(call, str(ad_set.values["campaign_id"])) or ad_set
    budget = budgets.asked_budget(call, ad_set.plan.currency)
    if budget and _has_budget(campaign):
        raise budgets.both_budgets()
    values: dict[str, Any] = {**budget, **changed_name_and_status(call)}
    if budget:
        values["lifetime_budget" if "daily_budget" in budget else "daily_budget"] = None
    if call.params.get("targeting"):
        merged = {**ad_set.values, **_audience(call, campaign, ad_set)}
        values |= {key: merged.get(key) for key in ("targeting", "dsa_payor", "dsa_beneficiary")}
    for key in ("start_time", "end_time"):
        if key in call.params:
            values[key] = instant(call.params, key, ad_set.plan.timezone_name)
    if call.params.get("bid_strategy"):
        values["bid_strategy"] = budgets.bid_strategy(call)
        if values["bid_strategy"] not in budgets.WITH_AMOUNT:
            values["bid_amount"] = None
    if call.params.get("bid_amount"):
        values["bid_amount"] = budgets.bid_amount(call, str(ad_set.values["billing_event"]))
    _check_duration({**ad_set.values, **values})
    return records.change(call, ad_set, values)


def _campaign(call: Call, plan: AdPlan) -> AdObject:
    campaign_id = call.params.get("campaign_id")
    if not campaign_id:
        raise missing("campaign_id")
    campaign = objects.find(call, campaign_id)
    if campaign is None or campaign.kind != "campaign" or campaign.plan != plan:
        raise refusal("(#100) Param campaign_id must be a campaign of this ad account", blame="campaign_id")
    if campaign.values["status"] in {"DELETED", "ARCHIVED"}:
        raise refusal("(#100) An ad set cannot be added to a deleted or archived campaign", blame="campaign_id")
    return campaign


def _has_budget(value: AdObject) -> bool:
    return value.kind == "campaign" and bool(value.values.get("daily_budget") or value.values.get("lifetime_budget"))


def _budget(call: Call, campaign: AdObject) -> dict[str, Any]:
    budget = budgets.asked_budget(call, campaign.plan.currency)
    if budget and _has_budget(campaign):
        raise budgets.both_budgets()
    if not budget and not _has_budget(campaign):
        raise refusal("(#100) daily_budget or lifetime_budget must be greater than 0", blame="daily_budget")
    if "lifetime_budget" in budget and not instant(call.params, "end_time", campaign.plan.timezone_name):
        raise refusal("(#100) end_time is required with lifetime_budget", blame="end_time")
    strategy = budgets.bid_strategy(call) or (None if _has_budget(campaign) else "LOWEST_COST_WITHOUT_CAP")
    return {**budget, "bid_strategy": strategy}


def _optimization(call: Call, campaign: AdObject) -> dict[str, Any]:
    goal = choice(call.params, "optimization_goal", goals.OPTIMIZATION_GOALS)
    if goal is None:
        raise missing("optimization_goal")
    billing = choice(call.params, "billing_event", goals.BILLING_EVENTS)
    if billing is None:
        raise missing("billing_event")
    objective = str(campaign.values["objective"])
    destination = choice(call.params, "destination_type", DESTINATIONS) or ""
    promoted = mapping(call.params, "promoted_object")
    goals.check(objective, "" if destination == "UNDEFINED" else destination, goal, promoted)
    return {
        "optimization_goal": goal,
        "billing_event": billing,
        "destination_type": destination or "UNDEFINED",
        "promoted_object": promoted,
        "bid_amount": budgets.bid_amount(call, billing),
        "attribution_spec": goals.attribution(objective, goal, structure(call.params, "attribution_spec")),
    }


def _audience(call: Call, campaign: AdObject, before: AdObject | None = None) -> dict[str, Any]:
    """The targeting and, for the European Union, who pays for it and for whom; `before` is the ad set on a change."""
    categories = list(campaign.values.get("special_ad_categories") or ())
    found = targeting.check(structure(call.params, "targeting"), categories)
    known = before.values if before else {}
    payor = call.params.get("dsa_payor") or known.get("dsa_payor")
    beneficiary = call.params.get("dsa_beneficiary") or known.get("dsa_beneficiary")
    targeting.demand_payer(found, payor, beneficiary)
    return {"targeting": found, "dsa_payor": payor, "dsa_beneficiary": beneficiary}


def _times(call: Call, plan: AdPlan) -> dict[str, datetime | None]:
    start = instant(call.params, "start_time", plan.timezone_name) or call.now
    return {"start_time": start, "end_time": instant(call.params, "end_time", plan.timezone_name)}


def _check_duration(values: dict[str, Any]) -> None:
    start, end = values.get("start_time"), values.get("end_time")
    if not start or not end:
        return
    if end <= start:
        raise refusal("(#100) end_time must be after start_time", blame="end_time")
    if values.get("daily_budget") and end - start <= DAY:
        raise refusal("(#100) An ad set with a daily budget must run for more than 24 hours", blame="end_time")
