"""Creating, changing and deleting campaigns, with what Meta refuses."""

from typing import Any

from freehold.sandbox.meta.ads import budgets, objects, records
from freehold.sandbox.meta.ads.accounts import account_plan, demand_management
from freehold.sandbox.meta.ads.objects import AdObject
from freehold.sandbox.meta.ads.parameters import choice, instant, missing, names, refusal, structure, truth
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.world.ads_plan import AdPlan
from freehold.sandbox.meta.world.people import AdAccount

OBJECTIVES = frozenset(
    {
        "OUTCOME_AWARENESS",
        "OUTCOME_TRAFFIC",
        "OUTCOME_ENGAGEMENT",
        "OUTCOME_LEADS",
        "OUTCOME_APP_PROMOTION",
        "OUTCOME_SALES",
    }
)
DEPRECATED_OBJECTIVES = frozenset(
    {
        "APP_INSTALLS", "BRAND_AWARENESS", "CONVERSIONS", "EVENT_RESPONSES", "LEAD_GENERATION", "LINK_CLICKS",
        "LOCAL_AWARENESS", "MESSAGES", "OFFER_CLAIMS", "PAGE_LIKES", "POST_ENGAGEMENT", "PRODUCT_CATALOG_SALES",
        "REACH", "STORE_VISITS", "VIDEO_VIEWS",
    }
)  # fmt: skip
CATEGORIES = frozenset(
    {
        "NONE",
        "EMPLOYMENT",
        "HOUSING",
        "CREDIT",
        "FINANCIAL_PRODUCTS_SERVICES",
        "ISSUES_ELECTIONS_POLITICS",
        "ONLINE_GAMBLING_AND_GAMING",
    }
)
NEW_STATUSES = frozenset({"ACTIVE", "PAUSED"})
STATUSES = NEW_STATUSES | {"DELETED", "ARCHIVED"}


def create(call: Call, account: AdAccount) -> JSON:
    """`POST /act_X/campaigns`."""
    demand_management(call)
    plan = account_plan(call.sandbox.world, account)
    budget = budgets.asked_budget(call, plan.currency)
    sharing = truth(call.params, "is_adset_budget_sharing_enabled")
    values = {
        "name": required_name(call),
        "objective": _objective(call),
        "special_ad_categories": _categories(call),
        "special_ad_category_country": names(call.params, "special_ad_category_country") or None,
        "status": choice(call.params, "status", NEW_STATUSES) or "ACTIVE",
        "buying_type": choice(call.params, "buying_type", frozenset({"AUCTION", "RESERVED"})) or "AUCTION",
        "start_time": instant(call.params, "start_time", plan.timezone_name) or call.now,
        "stop_time": instant(call.params, "stop_time", plan.timezone_name),
        "promoted_object": structure(call.params, "promoted_object"),
        "is_adset_budget_sharing_enabled": sharing,
        **budget,
        **_strategy(call, has_budget=bool(budget)),
        **budgets.spend_cap(call, plan.currency),
    }
    if not budget and sharing is None:
        raise refusal(
            "Invalid parameter",
            subcode=4834011,
            title="Say whether ad sets share budget",
            advice="is_adset_budget_sharing_enabled must be true or false when the campaign has no budget.",
            blame="is_adset_budget_sharing_enabled",
        )
    return records.create(call, plan, "campaign", values)


def update(call: Call, campaign: AdObject) -> JSON:
    """`POST /{campaign}`."""
    demand_management(call)
    plan = campaign.plan
    budget = budgets.asked_budget(call, plan.currency)
    if budget and not _has_budget(campaign) and _sets_with_budget(call, plan, campaign.id):
        raise budgets.both_budgets()
    values: dict[str, Any] = {**budget, **budgets.spend_cap(call, plan.currency)}
    if budget:
        other = "lifetime_budget" if "daily_budget" in budget else "daily_budget"
        values[other] = None
    values |= _strategy(call, has_budget=bool(budget) or _has_budget(campaign))
    values |= changed_name_and_status(call)
    if call.params.get("special_ad_categories") is not None:
        values["special_ad_categories"] = _categories(call)
    if call.params.get("objective") not in {None, campaign.values["objective"]}:
        raise refusal("(#100) The objective of a campaign cannot be changed", blame="objective")
    return records.change(call, campaign, values)


def delete(call: Call, value: AdObject) -> JSON:
    """`DELETE /{campaign|ad set|ad|creative}`."""
    demand_management(call)
    return records.delete(call, value)


def required_name(call: Call, longest: int = 400) -> str:
    """The name that a new object must have."""
    name = call.params.get("name", "").strip()
    if not name:
        raise missing("name")
    if len(name) > longest:
        raise refusal(f"(#100) Param name must be no longer than {longest} characters", blame="name")
    return name


def changed_name_and_status(call: Call) -> dict[str, Any]:
    """A new name and status, where the call gives them."""
    values: dict[str, Any] = {}
    if "name" in call.params:
        values["name"] = required_name(call)
    status = choice(call.params, "status", STATUSES)
    return values | ({"status": status} if status else {})


def _objective(call: Call) -> str:
    objective = choice(call.params, "objective", OBJECTIVES | DEPRECATED_OBJECTIVES)
    if objective is None:
        raise missing("objective")
    if objective in DEPRECATED_OBJECTIVES:
        raise refusal(
            "Invalid parameter",
            title="Objective is deprecated",
            advice=f"{objective} can no longer be created. Use one of {', '.join(sorted(OBJECTIVES))}.",
            blame="objective",
        )
    return objective


def _categories(call: Call) -> list[str]:
    if call.params.get("special_ad_categories") is None:
        raise missing("special_ad_categories")
    found = names(call.params, "special_ad_categories")
    for category in found:
        if category not in CATEGORIES:
            raise refusal(
                f"(#100) special_ad_categories[0] must be one of {', '.join(sorted(CATEGORIES))}",
                blame="special_ad_categories",
            )
    return [category for category in found if category != "NONE"]


def _strategy(call: Call, *, has_budget: bool) -> dict[str, Any]:
    strategy = choice(call.params, "bid_strategy", budgets.BID_STRATEGIES)
    if strategy and not has_budget:
        raise refusal("(#100) bid_strategy on a campaign needs a campaign budget", blame="bid_strategy")
    if strategy:
        return {"bid_strategy": strategy}
    return {}


def _has_budget(value: AdObject) -> bool:
    return bool(value.values.get("daily_budget") or value.values.get("lifetime_budget"))


def _sets_with_budget(call: Call, plan: AdPlan, campaign_id: str) -> bool:
    return any(_has_budget(ad_set) for ad_set in objects.ad_sets(call, plan, campaign_id))
