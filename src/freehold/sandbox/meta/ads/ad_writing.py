"""Creating and changing ads, with what Meta refuses."""

from typing import Any

from freehold.sandbox.meta.ads import creative_writing, objects, records
from freehold.sandbox.meta.ads.accounts import account_plan, demand_management
from freehold.sandbox.meta.ads.campaign_writing import NEW_STATUSES, changed_name_and_status, required_name
from freehold.sandbox.meta.ads.objects import AdObject
from freehold.sandbox.meta.ads.parameters import choice, mapping, missing, refusal, structure
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.world.ads_plan import AdPlan
from freehold.sandbox.meta.world.people import AdAccount


def create(call: Call, account: AdAccount) -> JSON:
    """`POST /act_X/ads`; an inline creative is kept first."""
    demand_management(call)
    plan = account_plan(call.sandbox.world, account)
    name = required_name(call)
    ad_set = _ad_set(call, plan)
    values: dict[str, Any] = {
        "name": name,
        "adset_id": ad_set.id,
        "campaign_id": ad_set.values["campaign_id"],
        "status": choice(call.params, "status", NEW_STATUSES) or "ACTIVE",
        "tracking_specs": structure(call.params, "tracking_specs"),
        "conversion_domain": call.params.get("conversion_domain"),
        "creative_id": _creative(call, plan),
    }
    return records.create(call, plan, "ad", values)


def update(call: Call, ad: AdObject) -> JSON:
    """`POST /{ad}`."""
    demand_management(call)
    values = changed_name_and_status(call)
    if call.params.get("creative"):
        values["creative_id"] = _creative(call, ad.plan)
    return records.change(call, ad, values)


def _ad_set(call: Call, plan: AdPlan) -> AdObject:
    set_id = call.params.get("adset_id")
    if not set_id:
        raise missing("adset_id")
    ad_set = objects.find(call, set_id)
    if ad_set is None or ad_set.kind != "adset" or ad_set.plan != plan:
        raise refusal("(#100) Param adset_id must be an ad set of this ad account", blame="adset_id")
    if ad_set.values["status"] in {"DELETED", "ARCHIVED"}:
        raise refusal("(#100) An ad cannot be added to a deleted or archived ad set", blame="adset_id")
    return ad_set


def _creative(call: Call, plan: AdPlan) -> str:
    """The id of the creative an ad is given, kept now if it came inline and the call does not only validate."""
    given = mapping(call.params, "creative")
    if not given:
        raise missing("creative")
    creative_id = given.get("creative_id") or given.get("id")
    if not creative_id:
        values = creative_writing.checked(given)
        return "" if records.only_validates(call) else records.keep(call, plan, "creative", values)
    found = objects.find(call, str(creative_id))
    if found is None or found.kind != "creative" or found.plan != plan:
        raise refusal("(#100) Param creative must be a creative of this ad account", blame="creative")
    return found.id
