"""Campaign, ad set, ad and creative as nodes: their fields, what they lead to, and their edges."""

from collections.abc import Callable
from typing import Any

from freehold.sandbox.meta import fields as expansion
from freehold.sandbox.meta.ads import (
    absent_fields,
    account_lists,
    ad_set_writing,
    ad_writing,
    audience,
    budget_schedules,
    campaign_writing,
    copies,
    creative_writing,
    insights,
    objects,
    report_runs,
)
from freehold.sandbox.meta.ads.listing import reader
from freehold.sandbox.meta.ads.objects import AdObject, effective_status
from freehold.sandbox.meta.ads.values import absent, stored
from freehold.sandbox.meta.fields import Selection
from freehold.sandbox.meta.graph import JSON, OMITTED, Call, Edge, NodeType, render
from freehold.sandbox.meta.world.ads_visible import elapsed, local_day

LEARNING_DAYS = 7


Write = Callable[[Call, Any], JSON]


def reading_back(write: Write) -> Write:
    """A write whose answer also has the fields that its `fields` asks for, as they are after it."""

    def act(call: Call, value: Any) -> JSON:
        answer = write(call, value)
        asked = call.params.get("fields")
        found = objects.find(call, str(answer.get("id") or value.id)) if asked else None
        if asked is None or found is None or "validate_only" in call.params.get("execution_options", ""):
            return answer
        return answer | render(call, TYPES[found.kind], found, expansion.parse(asked))

    return act


def _id(_: Call, value: AdObject) -> str:
    return value.id


def _account_id(_: Call, value: AdObject) -> str:
    return value.plan.account_id


def _configured(_: Call, value: AdObject) -> str:
    return str(value.values["status"])


def budget_remaining(call: Call, value: AdObject) -> str:
    """What is left of today's budget, or of a lifetime budget; "0" without a budget of its own."""
    plan, daily = value.plan, value.values.get("daily_budget")
    if not daily:
        return str(value.values.get("lifetime_budget") or 0)
    if effective_status(call, value) != "ACTIVE":
        return str(daily)
    return str(int(int(daily) * (1.0 - elapsed(plan.timezone_name, local_day(plan.timezone_name, call.now), call.now))))


def _learning(call: Call, value: AdObject) -> Any:
    start = value.values.get("start_time")
    if start is None or start > call.now:
        return OMITTED
    status = "LEARNING" if (call.now - start).days < LEARNING_DAYS else "SUCCESS"
    return {"status": status, "attribution_windows": ["7d_click", "1d_view"]}


def _parent(kind: str) -> Any:
    def read(call: Call, value: AdObject) -> AdObject | None:
        return objects.find(call, str(value.values[f"{kind}_id"]))

    return read


def _ad_targeting(call: Call, value: AdObject) -> Any:
    parent = objects.find(call, str(value.values["adset_id"]))
    return parent.values["targeting"] if parent else OMITTED


def _insights(call: Call, value: AdObject, asked: tuple[Selection, ...]) -> JSON:
    return insights.answer(call, insights.subject_of(value), asked)


def _order(call: Call, value: AdObject) -> JSON:
    return report_runs.order(call, insights.subject_of(value))


INSIGHTS = Edge(answer=_insights, create=_order)
SHARED = {
    "id": _id,
    "account_id": _account_id,
    "configured_status": _configured,
    "effective_status": effective_status,
    **stored("name", "status", "created_time", "updated_time", "adlabels"),
}

CREATIVE = NodeType(
    name="AdCreative",
    update=reading_back(creative_writing.update),
    delete=campaign_writing.delete,
    fields={
        "id": _id,
        "account_id": _account_id,
        **stored(
            "name", "status", "object_story_spec", "object_story_id", "effective_object_story_id", "object_type",
            "instagram_user_id", "source_instagram_media_id", "effective_instagram_media_id", "asset_feed_spec",
            "degrees_of_freedom_spec", "url_tags", "title", "body", "image_hash", "image_url", "thumbnail_url",
            "video_id", "link_url", "call_to_action_type", "actor_id", "adlabels", "instagram_permalink_url",
        ),
        **absent(absent_fields.CREATIVE),
    },
)  # fmt: skip
CAMPAIGN = NodeType(
    name="Campaign",
    update=reading_back(campaign_writing.update),
    delete=campaign_writing.delete,
    fields={
        **SHARED,
        "budget_remaining": budget_remaining,
        **stored(
            "objective", "buying_type", "special_ad_categories", "special_ad_category", "special_ad_category_country",
            "daily_budget", "lifetime_budget", "spend_cap", "bid_strategy", "start_time", "stop_time", "pacing_type",
            "is_adset_budget_sharing_enabled", "promoted_object", "smart_promotion_type", "source_campaign_id",
            "is_skadnetwork_attribution",
        ),
        **absent(absent_fields.CAMPAIGN),
    },
)  # fmt: skip
AD_SET = NodeType(
    name="AdSet",
    update=reading_back(ad_set_writing.update),
    delete=campaign_writing.delete,
    fields={
        **SHARED,
        "budget_remaining": budget_remaining,
        "learning_stage_info": _learning,
        **stored(
            "campaign_id", "daily_budget", "lifetime_budget", "bid_strategy", "bid_amount", "bid_constraints",
            "billing_event", "optimization_goal", "targeting", "promoted_object", "destination_type", "start_time",
            "end_time", "attribution_spec", "pacing_type", "dsa_payor", "dsa_beneficiary", "adset_schedule",
            "frequency_control_specs", "daily_min_spend_target", "daily_spend_cap", "lifetime_min_spend_target",
            "lifetime_spend_cap", "is_dynamic_creative", "source_adset_id",
        ),
        **absent(absent_fields.AD_SET),
    },
    links={"campaign": (CAMPAIGN, _parent("campaign"))},
)  # fmt: skip
AD = NodeType(
    name="Ad",
    update=reading_back(ad_writing.update),
    delete=campaign_writing.delete,
    fields={
        **SHARED,
        "targeting": _ad_targeting,
        **stored("campaign_id", "adset_id", "tracking_specs", "conversion_domain", "source_ad_id", "display_sequence"),
        **absent(absent_fields.AD),
    },
    links={
        "campaign": (CAMPAIGN, _parent("campaign")),
        "adset": (AD_SET, _parent("adset")),
        "creative": (CREATIVE, _parent("creative")),
    },
)
TYPES = {"campaign": CAMPAIGN, "adset": AD_SET, "ad": AD, "creative": CREATIVE}


def _creatives_of(call: Call, value: AdObject) -> list[AdObject]:
    found = objects.find(call, str(value.values["creative_id"]))
    return [found] if found else []


def _creatives_of_set(call: Call, value: AdObject) -> list[AdObject]:
    found = (
        objects.find(call, str(ad.values["creative_id"])) for ad in objects.ads_of(call, value.plan, None, value.id)
    )
    return [creative for creative in found if creative]


SCHEDULES = Edge(budget_schedules.BUDGET_SCHEDULE, budget_schedules.of, create=budget_schedules.create)
CAMPAIGN.edges.update(
    budget_schedules=SCHEDULES,
    adsets=Edge(AD_SET, reader("adset", lambda call, value: objects.ad_sets(call, value.plan, value.id))),
    ads=Edge(AD, reader("ad", lambda call, value: objects.ads_of(call, value.plan, value.id))),
    copies=Edge(CAMPAIGN, copies.copies_of, create=copies.copy_campaign),
    insights=INSIGHTS,
)
AD_SET.edges.update(
    budget_schedules=SCHEDULES,
    ads=Edge(AD, reader("ad", lambda call, value: objects.ads_of(call, value.plan, None, value.id))),
    adcreatives=Edge(CREATIVE, _creatives_of_set),
    copies=Edge(AD_SET, copies.copies_of, create=copies.copy_ad_set),
    activities=Edge(account_lists.ACTIVITY, account_lists.activities),
    delivery_estimate=Edge(answer=audience.delivery_estimate),
    insights=INSIGHTS,
)
AD.edges.update(
    adcreatives=Edge(CREATIVE, _creatives_of),
    copies=Edge(AD, copies.copies_of, create=copies.copy_ad),
    previews=Edge(answer=account_lists.previews),
    insights=INSIGHTS,
)
