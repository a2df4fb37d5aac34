"""Which optimization goals an objective has, and which promoted object each needs."""

from dataclasses import dataclass
from typing import Any

from freehold.sandbox.meta.ads.parameters import refusal

OPTIMIZATION_GOALS = frozenset(
    {
        "NONE", "APP_INSTALLS", "AD_RECALL_LIFT", "ENGAGED_USERS", "EVENT_RESPONSES", "IMPRESSIONS", "LEAD_GENERATION",
        "QUALITY_LEAD", "LINK_CLICKS", "OFFSITE_CONVERSIONS", "PAGE_LIKES", "POST_ENGAGEMENT", "QUALITY_CALL", "REACH",
        "LANDING_PAGE_VIEWS", "VISIT_INSTAGRAM_PROFILE", "ENGAGED_PAGE_VIEWS", "VALUE", "THRUPLAY", "DERIVED_EVENTS",
        "APP_INSTALLS_AND_OFFSITE_CONVERSIONS", "CONVERSATIONS", "IN_APP_VALUE", "MESSAGING_PURCHASE_CONVERSION",
        "MESSAGING_DEEP_CONVERSATION_AND_FOLLOW", "SUBSCRIBERS", "REMINDERS_SET", "MEANINGFUL_CALL_ATTEMPT",
        "PROFILE_VISIT", "PROFILE_AND_PAGE_ENGAGEMENT", "ADVERTISER_SILOED_VALUE", "AUTOMATIC_OBJECTIVE",
        "MESSAGING_APPOINTMENT_CONVERSION",
    }
)  # fmt: skip
BILLING_EVENTS = frozenset(
    {
        "APP_INSTALLS", "IMPRESSIONS", "LINK_CLICKS", "NONE", "OFFER_CLAIMS", "PAGE_LIKES", "POST_ENGAGEMENT",
        "THRUPLAY", "PURCHASE", "LISTING_INTERACTION",
    }
)  # fmt: skip
PAGE = ("page_id",)
PIXEL = ("pixel_id", "custom_event_type")
APP = ("application_id", "object_store_url")
CATALOGUE = ("product_catalog_id", "product_set_id")
DELIVERY = frozenset({"LINK_CLICKS", "REACH", "IMPRESSIONS"})


@dataclass(frozen=True)
class Offer:
    """Goals that an objective has with a destination ("" for none), and the keys its promoted object must hold."""

    objective: str
    destination: str
    goals: frozenset[str]
    promoted: tuple[str, ...] = ()


OFFERS = (
    Offer("OUTCOME_AWARENESS", "", frozenset({"AD_RECALL_LIFT", "REACH", "IMPRESSIONS", "THRUPLAY"}), PAGE),
    Offer("OUTCOME_TRAFFIC", "", DELIVERY | {"LANDING_PAGE_VIEWS"}),
    Offer("OUTCOME_TRAFFIC", "MESSENGER", DELIVERY),
    Offer("OUTCOME_TRAFFIC", "WHATSAPP", DELIVERY, PAGE),
    Offer("OUTCOME_TRAFFIC", "PHONE_CALL", frozenset({"QUALITY_CALL"})),
    Offer("OUTCOME_ENGAGEMENT", "ON_POST", frozenset({"POST_ENGAGEMENT", "REACH"})),
    Offer("OUTCOME_ENGAGEMENT", "ON_PAGE", frozenset({"PAGE_LIKES"}), PAGE),
    Offer("OUTCOME_ENGAGEMENT", "ON_EVENT", frozenset({"EVENT_RESPONSES", "POST_ENGAGEMENT", "REACH", "IMPRESSIONS"})),
    Offer("OUTCOME_ENGAGEMENT", "ON_VIDEO", frozenset({"THRUPLAY"})),
    Offer("OUTCOME_ENGAGEMENT", "MESSENGER", frozenset({"CONVERSATIONS", "LINK_CLICKS", "LEAD_GENERATION"}), PAGE),
    Offer("OUTCOME_ENGAGEMENT", "", DELIVERY | {"OFFSITE_CONVERSIONS", "LANDING_PAGE_VIEWS"}, PIXEL),
    Offer("OUTCOME_LEADS", "", DELIVERY | {"OFFSITE_CONVERSIONS", "LANDING_PAGE_VIEWS"}, PIXEL),
    Offer("OUTCOME_LEADS", "ON_AD", frozenset({"LEAD_GENERATION", "QUALITY_LEAD"}), PAGE),
    Offer("OUTCOME_LEADS", "PHONE_CALL", frozenset({"QUALITY_CALL"}), PAGE),
    Offer("OUTCOME_APP_PROMOTION", "", frozenset({"APP_INSTALLS", "LINK_CLICKS", "OFFSITE_CONVERSIONS"}), APP),
    Offer("OUTCOME_SALES", "", frozenset({"OFFSITE_CONVERSIONS", "VALUE"}), PIXEL),
    Offer("OUTCOME_SALES", "MESSENGER", frozenset({"CONVERSATIONS"}), ("page_id", "pixel_id")),
    Offer("OUTCOME_SALES", "PHONE_CALL", frozenset({"QUALITY_CALL"}), PAGE),
    Offer("OUTCOME_SALES", "WEBSITE", frozenset({"LINK_CLICKS"}), CATALOGUE),
)
LISTED = frozenset().union(*(offer.goals for offer in OFFERS))
LONG_CLICK = {("CLICK_THROUGH", 1), ("CLICK_THROUGH", 7), ("VIEW_THROUGH", 1)}
SHORT_CLICK = {("CLICK_THROUGH", 1)}


def check(objective: str, destination: str, goal: str, promoted: dict[str, Any] | None) -> None:
    """Refuse a goal that the objective does not have, and a goal without the object that it promotes (1815430)."""
    offers = [offer for offer in OFFERS if offer.objective == objective and goal in offer.goals]
    if not offers:
        if goal in LISTED:
            raise refusal(
                "Invalid parameter",
                title="Goal does not fit the objective",
                advice=f"optimization_goal {goal} is not available with objective {objective}.",
                blame="optimization_goal",
            )
        return
    exact = [offer for offer in offers if offer.destination == destination] or [
        offer for offer in offers if offer.destination == ""
    ]
    for offer in exact or offers:
        if _promotes(offer.promoted, promoted or {}):
            return
    raise refusal(
        "Invalid parameter",
        subcode=1815430,
        title="Please specify a promoted object",
        advice=f"With {objective} and {goal}, promoted_object needs {' and '.join((exact or offers)[0].promoted)}.",
        blame="promoted_object",
    )


def _promotes(needed: tuple[str, ...], promoted: dict[str, Any]) -> bool:
    if all(promoted.get(name) for name in needed):
        return True
    return "pixel_id" in needed and all(promoted.get(name) for name in APP)


def attribution(objective: str, goal: str, asked: Any) -> list[dict[str, Any]]:
    """The attribution windows of an ad set: what was asked, where it is allowed, else the default."""
    long = goal in {"OFFSITE_CONVERSIONS", "VALUE"} and objective in {"OUTCOME_SALES", "OUTCOME_LEADS"}
    if not asked:
        click = {"event_type": "CLICK_THROUGH", "window_days": 7 if long else 1}
        return [click, {"event_type": "VIEW_THROUGH", "window_days": 1}] if long else [click]
    pairs = {(item.get("event_type"), item.get("window_days")) for item in asked if isinstance(item, dict)}
    if not pairs or not pairs <= (LONG_CLICK if long else SHORT_CLICK) or pairs == {("VIEW_THROUGH", 1)}:
        raise refusal(
            "(#100) attribution_spec is not available with this objective and optimization_goal",
            blame="attribution_spec",
        )
    return list(asked)
