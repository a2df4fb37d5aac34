"""Copying a campaign, an ad set or an ad, with everything in it."""

from typing import Any

from freehold.sandbox.meta.ads import objects, records
from freehold.sandbox.meta.ads.accounts import demand_management
from freehold.sandbox.meta.ads.objects import AdObject
from freehold.sandbox.meta.ads.parameters import choice, mapping, truth
from freehold.sandbox.meta.errors import unknown_object
from freehold.sandbox.meta.graph import JSON, Call

STATUSES = frozenset({"ACTIVE", "PAUSED", "INHERITED_FROM_SOURCE"})
NOT_COPIED = frozenset({"created_time", "updated_time", "id"})


def copy_campaign(call: Call, campaign: AdObject) -> JSON:
    """`POST /{campaign}/copies`: the campaign alone, or with `deep_copy` its ad sets and ads too."""
    demand_management(call)
    status = choice(call.params, "status_option", STATUSES) or "PAUSED"
    copy_id = _copy(call, campaign, status)
    pairs = [_pair("campaign", campaign.id, copy_id)]
    if truth(call.params, "deep_copy"):
        for ad_set in list(objects.ad_sets(call, campaign.plan, campaign.id)):
            set_id = _copy(call, ad_set, status, campaign_id=copy_id)
            pairs.append(_pair("ad_set", ad_set.id, set_id))
            for ad in list(objects.ads_of(call, campaign.plan, None, ad_set.id)):
                ad_id = _copy(call, ad, status, campaign_id=copy_id, adset_id=set_id)
                pairs.append(_pair("ad", ad.id, ad_id))
    return {"copied_campaign_id": copy_id, "ad_object_ids": pairs}


def copy_ad_set(call: Call, ad_set: AdObject) -> JSON:
    """`POST /{ad set}/copies`: into its own campaign or `campaign_id`; with `deep_copy` its ads too."""
    demand_management(call)
    status = choice(call.params, "status_option", STATUSES) or "PAUSED"
    above = _within(call, "campaign", call.params.get("campaign_id") or str(ad_set.values["campaign_id"]))
    set_id = _copy(call, ad_set, status, campaign_id=above)
    pairs = [_pair("ad_set", ad_set.id, set_id)]
    if truth(call.params, "deep_copy"):
        ads = list(objects.ads_of(call, ad_set.plan, None, ad_set.id))
        pairs += [_pair("ad", ad.id, _copy(call, ad, status, campaign_id=above, adset_id=set_id)) for ad in ads]
    return {"copied_adset_id": set_id, "ad_object_ids": pairs}


def copy_ad(call: Call, ad: AdObject) -> JSON:
    """`POST /{ad}/copies`: into its own ad set or `adset_id`."""
    demand_management(call)
    status = choice(call.params, "status_option", STATUSES) or "PAUSED"
    above = _within(call, "adset", call.params.get("adset_id") or str(ad.values["adset_id"]))
    parent = objects.find(call, above)
    campaign_id = str(parent.values["campaign_id"]) if parent else ""
    return {"copied_ad_id": _copy(call, ad, status, campaign_id=campaign_id, adset_id=above)}


def _within(call: Call, kind: str, object_id: str) -> str:
    """The id of what a copy goes into, if it is there."""
    found = objects.find(call, object_id)
    if found is None or found.kind != kind:
        raise unknown_object(object_id, call.method)
    return object_id


def _copy(call: Call, source: AdObject, status: str, **changed: str) -> str:
    values: dict[str, Any] = {name: value for name, value in source.values.items() if name not in NOT_COPIED}
    suffix = (mapping(call.params, "rename_options") or {}).get("rename_suffix") or " - Copy"
    values |= changed | {"name": f"{values['name']}{suffix}"}
    if status != "INHERITED_FROM_SOURCE":
        values["status"] = status
    source_key = {"campaign": "source_campaign_id", "adset": "source_adset_id", "ad": "source_ad_id"}[source.kind]
    return records.keep(call, source.plan, source.kind, values | {source_key: source.id})


def _pair(kind: str, source_id: str, copied_id: str) -> JSON:
    return {"ad_object_type": kind, "source_id": source_id, "copied_id": copied_id}


def copies_of(call: Call, source: AdObject) -> list[AdObject]:
    """The copies that were made of a campaign, ad set or ad."""
    return [
        found
        for found in objects.written_of(call, source.plan, source.kind, f"source_{source.kind}_id", source.id)
        if found.values["status"] != "DELETED"
    ]
