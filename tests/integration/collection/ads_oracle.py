"""What ads did by the sandbox's world: day by day, part by part, and how many people each thing reached in a window."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from freehold.sandbox.meta.world import ads, ads_breakdowns, ads_delivery, ads_plan, ads_reach
from freehold.sandbox.meta.world.ads import LineUp
from freehold.sandbox.meta.world.ads_plan import AdPlan, AdSetSeed
from freehold.sandbox.meta.world.ads_visible import elapsed

BY_DEFAULT = ("c1", "c7", "v1")
WINDOWS = {"1d_click": ("c1",), "7d_click": ("c1", "c7"), "28d_click": ("c1", "c7", "c28"), "1d_view": ("v1",)}
ENGAGEMENT = ("link_clicks", "reactions", "comments", "shares", "saves", "video_views")
CONVERSIONS = {
    "view_content": ("view_content", "omni_view_content", "offsite_conversion.fb_pixel_view_content"),
    "add_to_cart": ("add_to_cart", "omni_add_to_cart", "offsite_conversion.fb_pixel_add_to_cart"),
    "initiate_checkout": (
        "initiate_checkout",
        "omni_initiated_checkout",
        "offsite_conversion.fb_pixel_initiate_checkout",
    ),
    "purchase": ("purchase", "omni_purchase", "offsite_conversion.fb_pixel_purchase"),
    "lead": ("lead", "offsite_conversion.fb_pixel_lead"),
}
PURCHASES = CONVERSIONS["purchase"]
ON_THE_AD = {
    "link_click": ("link_clicks",),
    "landing_page_view": ("landing_page_views",),
    "post_reaction": ("reactions",),
    "comment": ("comments",),
    "post": ("shares",),
    "onsite_conversion.post_save": ("saves",),
    "video_view": ("video_views",),
    "post_engagement": ENGAGEMENT,
    "page_engagement": ENGAGEMENT,
}
VIDEO = {"video_plays": "video_views", "video_thruplays": "thruplays"} | {
    f"video_{part}": part for part in ("p25", "p50", "p75", "p100")
}
BREAKDOWNS = {
    "age_gender": ("age", "gender"),
    "country": ("country",),
    "placement": ("publisher_platform", "platform_position"),
    "device": ("publisher_platform", "impression_device"),
}
LEVELS = {"account": None, "campaign": 0, "adset": 1, "ad": 2}
"""Level -> where its id stands among campaign, ad set and ad."""
Numbers = Mapping[str, int]
Day = tuple[str, date]
"""Ad and day."""
Part = tuple[str, date, str, str, str]
"""Ad, day, breakdown and its parts."""
Reached = tuple[str, str, date, date]
"""Level, object, first and last day."""


@dataclass(frozen=True)
class Delivered:
    """One ad's day: the ad set that paid, and every number by its name in the world."""

    ad_set: AdSetSeed
    numbers: Numbers


def delivered(plan: AdPlan, ad_sets: Iterable[str], days: Collection[date], now: datetime) -> dict[Day, Delivered]:
    """What the ads of these ad sets did on these days, as far as it is known at `now`."""
    found: dict[Day, Delivered] = {}
    for set_id in ad_sets:
        team = ads.line_up(plan, set_id)
        assert team is not None
        found |= {
            (ad_id, day): Delivered(team.ad_set, numbers) for ad_id, day, numbers in _of_team(plan, team, days, now)
        }
    return found


def _of_team(plan: AdPlan, team: LineUp, days: Collection[date], now: datetime) -> Iterator[tuple[str, date, Numbers]]:
    for ad in team.ads:
        for day in days:
            vector = ads.ad_day_vector(plan, team, ad, day.toordinal(), now)
            if vector is not None:
                yield ad.id, day, dict(zip(ads_delivery.METRICS, vector, strict=True))


def day_row(of: Delivered) -> dict[str, object]:
    """An ad's day as a row of the store holds it."""
    numbers = of.numbers
    people = _people(numbers["impressions"], of.ad_set.pool)
    return {
        **delivery(numbers, people),
        "frequency": round(numbers["impressions"] / people, 6) if people else 0.0,
        "outbound_clicks": numbers["outbound_clicks"],
        **{name: numbers[metric] for name, metric in VIDEO.items()},
        "actions_by_window": _by_window(numbers),
        "action_values_by_window_minor": _values_by_window(numbers),
    }


def delivery(numbers: Numbers, people: int) -> dict[str, object]:
    """The numbers that a day and its parts have alike."""
    worth = _sum(numbers, "value", BY_DEFAULT)
    return {
        "impressions": numbers["impressions"],
        "reach": people,
        "clicks": numbers["clicks"],
        "link_clicks": numbers["link_clicks"],
        "spend_minor": numbers["spend"],
        "actions": _actions(numbers),
        "action_values_minor": dict.fromkeys(PURCHASES, worth) if worth else {},
    }


def parts(plan: AdPlan, days: Mapping[Day, Delivered], now: datetime) -> dict[Part, dict[str, object]]:
    """Every part of every day, by each of our breakdowns."""
    ads_by_id = {ad.id: ad for of in days.values() for ad in of.ad_set.ads}
    found: dict[Part, dict[str, object]] = {}
    for (ad_id, day), of in days.items():
        vector = [of.numbers[name] for name in ads_delivery.METRICS]
        passed = elapsed(plan.timezone_name, day.toordinal(), now)
        for breakdown, names in BREAKDOWNS.items():
            split = ads_breakdowns.split_day(
                plan.seed, plan.currency, ads_by_id[ad_id], day.toordinal(), vector, names, passed
            )
            for segment, part in split:
                numbers = dict(zip(ads_delivery.METRICS, part, strict=True))
                share = ads_breakdowns.pool_share(plan.seed, plan.currency, of.ad_set.id, names, segment)
                people = _people(numbers["impressions"], of.ad_set.pool * share)
                key = (ad_id, day, breakdown, segment[0], segment[1] if len(segment) > 1 else "")
                found[key] = delivery(numbers, people)
    return found


def reached(
    account_id: str, days: Mapping[Day, Delivered], spans: Sequence[tuple[date, date]]
) -> dict[Reached, tuple[int, int]]:
    """Reach and impressions of each thing that delivered, at each level, in each span: a union, never a sum."""
    found: dict[Reached, tuple[int, int]] = {}
    for first, last in spans:
        by_ad: dict[tuple[str, str, str], tuple[AdSetSeed, int]] = {}
        for (ad_id, day), of in days.items():
            if first <= day <= last:
                key = (of.ad_set.campaign_id, of.ad_set.id, ad_id)
                by_ad[key] = (of.ad_set, by_ad.get(key, (of.ad_set, 0))[1] + of.numbers["impressions"])
        for level, place in LEVELS.items():
            things: dict[str, dict[str, tuple[AdSetSeed, int]]] = {}
            for key, (ad_set, impressions) in by_ad.items():
                teams = things.setdefault(account_id if place is None else key[place], {})
                teams[ad_set.id] = (ad_set, teams.get(ad_set.id, (ad_set, 0))[1] + impressions)
            for thing, teams in things.items():
                found[level, thing, first, last] = _union(teams.values())
    return found


def _union(teams: Iterable[tuple[AdSetSeed, int]]) -> tuple[int, int]:
    shown = list(teams)
    pairs = [(ads_reach.pool_reach(impressions, ad_set.pool), float(ad_set.pool)) for ad_set, impressions in shown]
    whole = sum(impressions for _, impressions in shown)
    return ads_reach.whole_people(ads_reach.union_reach(pairs), whole), whole


def _people(impressions: int, pool: float) -> int:
    return ads_reach.whole_people(ads_reach.pool_reach(impressions, pool), impressions)


def _sum(numbers: Numbers, kind: str, parts_of: Iterable[str]) -> int:
    return sum(numbers[f"{kind}.{part}"] for part in parts_of)


def _actions(numbers: Numbers) -> dict[str, int]:
    found = _on_the_ad(numbers)
    for kind, names in CONVERSIONS.items():
        found |= dict.fromkeys(names, _sum(numbers, kind, BY_DEFAULT))
    return {name: count for name, count in found.items() if count}


def _on_the_ad(numbers: Numbers) -> dict[str, int]:
    return {name: sum(numbers[metric] for metric in metrics) for name, metrics in ON_THE_AD.items()}


def _by_window(numbers: Numbers) -> dict[str, dict[str, int]]:
    clicks = [window for window in WINDOWS if window.endswith("click")]
    found = {name: dict.fromkeys(clicks, count) for name, count in _on_the_ad(numbers).items() if count}
    for kind, names in CONVERSIONS.items():
        if counts := _apart(numbers, kind):
            found |= dict.fromkeys(names, counts)
    return found


def _values_by_window(numbers: Numbers) -> dict[str, dict[str, int]]:
    worth = _apart(numbers, "value")
    return dict.fromkeys(PURCHASES, worth) if worth else {}


def _apart(numbers: Numbers, kind: str) -> dict[str, int]:
    return {window: count for window, of in WINDOWS.items() if (count := _sum(numbers, kind, of))}


def seeded_sets(plan: AdPlan) -> list[str]:
    """Every ad set that the account ever makes."""
    return [each.id for campaign in ads_plan.campaigns(plan) for each in ads_plan.ad_sets(plan, campaign)]
