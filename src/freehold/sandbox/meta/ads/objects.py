"""Campaigns, ad sets, ads and creatives as the API shows them: the seeded ones under what callers wrote."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from freehold.sandbox.meta.ads.accounts import plan_by_ordinal, written
from freehold.sandbox.meta.graph import Call
from freehold.sandbox.meta.world import ads, ads_plan
from freehold.sandbox.meta.world.ads_breakdowns import COUNTRIES
from freehold.sandbox.meta.world.ads_overlay import status_at
from freehold.sandbox.meta.world.ads_plan import AdPlan, AdSeed, AdSetSeed, CampaignSeed
from freehold.sandbox.meta.world.ads_visible import local_day, midnight
from freehold.sandbox.meta.world.randomness import draws

KINDS = {1: "campaign", 2: "adset", 3: "ad", 4: "creative", 5: "campaign", 6: "adset", 7: "ad", 8: "creative"}
WRITTEN_KIND = {"campaign": 5, "adset": 6, "ad": 7, "creative": 8}
VIDEO_KIND = "0"
"""In place of a creative's kind in its id, this makes the id of its video."""
ARCHIVED_AFTER_DAYS = 500
ARCHIVED_SHARE = 0.5
ID_LENGTH = 16


@dataclass(frozen=True)
class AdObject:
    """One object of an account with its stored fields; budgets are integers of minor units, times aware UTC."""

    kind: str
    id: str
    plan: AdPlan
    values: Mapping[str, Any]


def find(call: Call, object_id: str) -> AdObject | None:
    """The campaign, ad set, ad or creative with this id, if it exists by now and the caller may see its account."""
    if len(object_id) != ID_LENGTH or not object_id.isdigit() or not object_id.startswith("1202"):
        return None
    kind = KINDS.get(int(object_id[4]))
    plan = plan_by_ordinal(call, int(object_id[5:8])) if kind else None
    if kind is None or plan is None:
        return None
    record = written(call).created.get(object_id)
    return _merged(call, kind, object_id, plan, record) if record is not None else _seeded(call, plan, object_id, kind)


def _seeded(call: Call, plan: AdPlan, object_id: str, kind: str) -> AdObject | None:
    numbers = ads_plan.read_id(object_id)
    if numbers is None or numbers[2] >= len(ads_plan.structure(plan)):
        return None
    _, _, campaign_number, set_number, ad_number = numbers
    parent = ads_plan.campaign(plan, campaign_number)
    if not born(call, plan, parent.start):
        return None
    if kind == "campaign":
        return campaign_object(call, plan, parent) if set_number == ad_number == 0 else None
    if not 1 <= set_number <= len(parent.set_sizes):
        return None
    ad_set = ads_plan.ad_set(plan, campaign_number, set_number)
    if kind == "adset":
        return ad_set_object(call, plan, parent, ad_set) if ad_number == 0 else None
    return _seeded_ad(call, plan, parent, ad_set.ads[ad_number - 1 : ad_number], kind)


def _seeded_ad(call: Call, plan: AdPlan, parent: CampaignSeed, found: tuple[AdSeed, ...], kind: str) -> AdObject | None:
    if not found or not born(call, plan, found[0].start):
        return None
    return ad_object(call, plan, found[0]) if kind == "ad" else creative_object(call, plan, parent, found[0])


def born(call: Call, plan: AdPlan, day: int) -> bool:
    """Whether something that starts on a day exists yet (it is created at 08:00 local time)."""
    return midnight(plan.timezone_name, day) + timedelta(hours=8) <= call.now


def _merged(call: Call, kind: str, object_id: str, plan: AdPlan, values: Mapping[str, Any]) -> AdObject:
    merged = {**values, **written(call).changed.get(object_id, {})}
    merged["status"] = status_at(written(call), object_id, call.now, values.get("status", "ACTIVE"))
    return AdObject(kind, object_id, plan, merged)


def _status(call: Call, plan: AdPlan, end: int, chance: float) -> str:
    over = local_day(plan.timezone_name, call.now) - end
    if over < 0:
        return "ACTIVE"
    return "ARCHIVED" if over > ARCHIVED_AFTER_DAYS and chance < ARCHIVED_SHARE else "PAUSED"


def _times(call: Call, plan: AdPlan, start: int, end: int) -> dict[str, datetime]:
    created = midnight(plan.timezone_name, start) + timedelta(hours=8)
    stopped = midnight(plan.timezone_name, end) + timedelta(hours=9)
    return {"created_time": created, "updated_time": stopped if stopped <= call.now else created}


def campaign_object(call: Call, plan: AdPlan, seed: CampaignSeed) -> AdObject:
    """A seeded campaign."""
    chance = draws(plan.seed, "archived", seed.id)[0]
    values: dict[str, Any] = {
        "name": seed.name,
        "objective": seed.objective,
        "status": _status(call, plan, seed.end, chance),
        "buying_type": "AUCTION",
        "special_ad_categories": [],
        "start_time": midnight(plan.timezone_name, seed.start) + timedelta(hours=8),
        "is_adset_budget_sharing_enabled": False,
        **_times(call, plan, seed.start, seed.end),
    }
    if seed.shares_budget:
        values |= {
            "daily_budget": ads.campaign_budget(plan, seed.number),
            "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
        }
    return _merged(call, "campaign", seed.id, plan, values)


def ad_set_object(call: Call, plan: AdPlan, parent: CampaignSeed, seed: AdSetSeed) -> AdObject:
    """A seeded ad set; its budget shows only when the campaign does not hold one."""
    chance = draws(plan.seed, "archived", seed.campaign_id)[0]
    sales = seed.objective == "OUTCOME_SALES"
    values: dict[str, Any] = {
        "name": seed.name,
        "campaign_id": parent.id,
        "status": _status(call, plan, seed.end, chance),
        "optimization_goal": ads_plan.GOALS[seed.objective],
        "billing_event": "IMPRESSIONS",
        "targeting": _targeting(plan, seed),
        "start_time": midnight(plan.timezone_name, seed.start) + timedelta(hours=8),
        "destination_type": {"OUTCOME_LEADS": "ON_AD", "OUTCOME_ENGAGEMENT": "ON_POST"}.get(
            seed.objective, "UNDEFINED"
        ),
        "promoted_object": promoted(plan, seed.objective),
        "attribution_spec": [
            {"event_type": "CLICK_THROUGH", "window_days": 7 if sales else 1},
            *([{"event_type": "VIEW_THROUGH", "window_days": 1}] if sales else []),
        ],
        "pacing_type": ["standard"],
        **_times(call, plan, seed.start, seed.end),
    }
    if not parent.shares_budget:
        values |= {"daily_budget": seed.daily_budget, "bid_strategy": "LOWEST_COST_WITHOUT_CAP"}
    return _merged(call, "adset", seed.id, plan, values)


def promoted(plan: AdPlan, objective: str) -> dict[str, str] | None:
    """The promoted object that a seeded ad set of this objective has."""
    if objective == "OUTCOME_SALES":
        return {"pixel_id": f"77{plan.account_id}", "custom_event_type": "PURCHASE"}
    if objective in {"OUTCOME_LEADS", "OUTCOME_AWARENESS"}:
        return {"page_id": plan.page_id}
    return None


def _targeting(plan: AdPlan, seed: AdSetSeed) -> dict[str, Any]:
    countries = [country for country, _ in COUNTRIES.get(plan.currency, COUNTRIES["USD"])]
    return {
        "age_min": 18 if "Broad" not in seed.name else 25,
        "age_max": 65 if "Broad" not in seed.name else 54,
        "geo_locations": {"countries": countries},
        "publisher_platforms": ["facebook", "instagram", "audience_network", "messenger"],
        "targeting_automation": {"advantage_audience": int(seed.name.startswith("Advantage"))},
    }


def ad_object(call: Call, plan: AdPlan, seed: AdSeed) -> AdObject:
    """A seeded ad."""
    chance = draws(plan.seed, "archived", seed.campaign_id)[0]
    values: dict[str, Any] = {
        "name": seed.name,
        "campaign_id": seed.campaign_id,
        "adset_id": seed.set_id,
        "status": _status(call, plan, seed.end, chance),
        "creative_id": seed.id[:4] + "4" + seed.id[5:],
        **_times(call, plan, seed.start, seed.end),
    }
    return _merged(call, "ad", seed.id, plan, values)


def creative_object(call: Call, plan: AdPlan, parent: CampaignSeed, seed: AdSeed) -> AdObject:
    """The creative of a seeded ad."""
    creative_id = seed.id[:4] + "4" + seed.id[5:]
    picture = f"{zlib.crc32(creative_id.encode()):08x}" * 4
    words = {
        "message": f"{parent.name.split(' | ')[1]}: made by hand, made to last.",
        "call_to_action": {"type": "SHOP_NOW", "value": {"link": plan.website}},
    }
    story: dict[str, Any] = {"page_id": plan.page_id}
    if plan.instagram_id:
        story["instagram_user_id"] = plan.instagram_id
    values: dict[str, Any] = {
        "name": f"{seed.name} {creative_id[-4:]}",
        "status": "ACTIVE",
        "object_story_spec": story,
        "thumbnail_url": f"https://images.example/{picture}_64.jpg",
        **_times(call, plan, seed.start, seed.end),
    }
    if seed.name.startswith(("Video", "Reel")):
        video_id = creative_id[:4] + VIDEO_KIND + creative_id[5:]
        story["video_data"] = {**words, "title": seed.name, "video_id": video_id, "image_hash": picture}
        values |= {"object_type": "VIDEO", "video_id": video_id}
    else:
        story["link_data"] = {**words, "name": seed.name, "link": plan.website, "image_hash": picture}
        values |= {
            "object_type": "SHARE",
            "image_hash": picture,
            "image_url": f"https://images.example/{picture}.jpg",
        }
    return _merged(call, "creative", creative_id, plan, values)


def campaigns(call: Call, plan: AdPlan) -> Iterator[AdObject]:
    """An account's campaigns, newest first."""
    yield from written_of(call, plan, "campaign")
    for number in reversed(range(len(ads_plan.structure(plan)))):
        seed = ads_plan.campaign(plan, number)
        if born(call, plan, seed.start):
            yield campaign_object(call, plan, seed)


def ad_sets(call: Call, plan: AdPlan, campaign_id: str | None = None) -> Iterator[AdObject]:
    """An account's (or one campaign's) ad sets, newest first."""
    yield from written_of(call, plan, "adset", "campaign_id", campaign_id)
    for parent in seeded_campaigns(call, plan, campaign_id):
        for seed in ads_plan.ad_sets(plan, parent):
            if born(call, plan, seed.start):
                yield ad_set_object(call, plan, parent, seed)


def ads_of(call: Call, plan: AdPlan, campaign_id: str | None = None, set_id: str | None = None) -> Iterator[AdObject]:
    """An account's (or one campaign's, or one ad set's) ads, newest first."""
    if set_id:
        yield from written_of(call, plan, "ad", "adset_id", set_id)
    else:
        yield from written_of(call, plan, "ad", "campaign_id", campaign_id)
    if set_id and ads.seeded_set(plan, set_id) is None:
        return
    within = make_campaign_id(set_id) if set_id else campaign_id
    for parent in seeded_campaigns(call, plan, within):
        for ad_set in ads_plan.ad_sets(plan, parent):
            if set_id in {None, ad_set.id}:
                for seed in ad_set.ads:
                    if born(call, plan, seed.start):
                        yield ad_object(call, plan, seed)


def make_campaign_id(object_id: str) -> str:
    """The id of the campaign that a seeded ad set or ad belongs to."""
    return f"12021{object_id[5:12]}0000"


def seeded_campaigns(call: Call, plan: AdPlan, campaign_id: str | None) -> Iterator[CampaignSeed]:
    """The seeded campaigns that exist by now, newest first; only one when an id is given."""
    numbers = ads_plan.read_id(campaign_id) if campaign_id else None
    if campaign_id and (numbers is None or numbers[0] != 1 or numbers[2] >= len(ads_plan.structure(plan))):
        return
    every = [numbers[2]] if numbers else reversed(range(len(ads_plan.structure(plan))))
    for number in every:
        seed = ads_plan.campaign(plan, number)
        if born(call, plan, seed.start):
            yield seed


def written_of(call: Call, plan: AdPlan, kind: str, key: str = "", value: str | None = None) -> Iterator[AdObject]:
    """What callers created in an account, newest first, where `key` has this value."""
    marker = f"1202{WRITTEN_KIND[kind]}{plan.ordinal:03d}"
    for object_id, record in reversed(written(call).created.items()):
        if object_id.startswith(marker) and (value is None or record.get(key) == value):
            yield _merged(call, kind, object_id, plan, record)


def creatives(call: Call, plan: AdPlan) -> Iterator[AdObject]:
    """An account's creatives, newest first."""
    yield from written_of(call, plan, "creative")
    for parent in seeded_campaigns(call, plan, None):
        for ad_set in ads_plan.ad_sets(plan, parent):
            for seed in ad_set.ads:
                if born(call, plan, seed.start):
                    yield creative_object(call, plan, parent, seed)


def effective_status(call: Call, obj: AdObject) -> str:
    """The status after those above it: CAMPAIGN_PAUSED, ADSET_PAUSED, PENDING_REVIEW for a fresh ad."""
    status = str(obj.values["status"])
    if status != "ACTIVE" or obj.kind in {"campaign", "creative"}:
        return status
    above = (("campaign_id", "CAMPAIGN_PAUSED"), *((("adset_id", "ADSET_PAUSED"),) if obj.kind == "ad" else ()))
    for key, paused in above:
        parent = find(call, str(obj.values[key]))
        over = str(parent.values["status"]) if parent else "DELETED"
        if over != "ACTIVE":
            return paused if over == "PAUSED" else over
    review = timedelta(seconds=written(call).limits.review_seconds)
    if obj.kind == "ad" and obj.id in written(call).created and call.now < obj.values["created_time"] + review:
        return "PENDING_REVIEW"
    return status
