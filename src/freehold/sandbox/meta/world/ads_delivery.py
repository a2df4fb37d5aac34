"""What one ad delivers on one day when it spends a given amount: the pure model behind every insight.

A day is a flat vector of integers (see METRICS); vectors add over days and ads, reach does not and lives in
`ads_reach`. Spend and values are minor units.
"""

import math
from functools import lru_cache

from freehold.sandbox.meta.world.ads_plan import AdSeed, AdSetSeed
from freehold.sandbox.meta.world.randomness import draws

BASE = (
    "spend",
    "impressions",
    "clicks",
    "link_clicks",
    "outbound_clicks",
    "landing_page_views",
    "reactions",
    "comments",
    "shares",
    "saves",
    "video_views",
    "thruplays",
    "p25",
    "p50",
    "p75",
    "p100",
)
CONVERSIONS = ("view_content", "add_to_cart", "initiate_checkout", "purchase", "lead")
PARTS = ("c1", "c7", "c28", "v1", "e1")
"""How a conversion followed the ad: within 1 day of a click, 2-7 days, 8-28 days, 1 day of a view, of a video view."""
METRICS = (
    *BASE,
    *(f"{kind}.{part}" for kind in CONVERSIONS for part in PARTS),
    *(f"value.{part}" for part in PARTS),
)
INDEX = {name: position for position, name in enumerate(METRICS)}
FIRST_CONVERSION = len(BASE)
FIRST_VALUE = INDEX["value.c1"]
PURCHASE = INDEX["purchase.c1"]
PART_SHARES = (0.60, 0.19, 0.09, 0.10, 0.02)
GOLDEN = 0.6180339887498949

CPM_CENTS = {
    "OUTCOME_SALES": 1150,
    "OUTCOME_LEADS": 1300,
    "OUTCOME_TRAFFIC": 640,
    "OUTCOME_ENGAGEMENT": 470,
    "OUTCOME_AWARENESS": 360,
    "OUTCOME_APP_PROMOTION": 900,
}
LINK_RATE = {
    "OUTCOME_SALES": 0.011,
    "OUTCOME_LEADS": 0.009,
    "OUTCOME_TRAFFIC": 0.016,
    "OUTCOME_ENGAGEMENT": 0.004,
    "OUTCOME_AWARENESS": 0.003,
    "OUTCOME_APP_PROMOTION": 0.010,
}
FUNNEL = {
    "OUTCOME_SALES": (0.62, 0.13, 0.07, 0.034, 0.004),
    "OUTCOME_LEADS": (0.30, 0.02, 0.01, 0.004, 0.085),
    "OUTCOME_TRAFFIC": (0.42, 0.04, 0.015, 0.006, 0.003),
    "OUTCOME_ENGAGEMENT": (0.15, 0.01, 0.004, 0.002, 0.001),
    "OUTCOME_AWARENESS": (0.10, 0.006, 0.002, 0.001, 0.001),
    "OUTCOME_APP_PROMOTION": (0.20, 0.02, 0.01, 0.004, 0.01),
}
"""Conversions per link click: view_content, add_to_cart, initiate_checkout, purchase, lead."""
RATES = {
    objective: tuple(rate * share for rate in funnel for share in PART_SHARES) for objective, funnel in FUNNEL.items()
}
"""The same for each of PARTS."""
OFFSETS = tuple(position * GOLDEN for position in range(1, len(CONVERSIONS) * len(PARTS) + 1))
"""Where the rounding of each count begins, so that small counts come on different days."""
WEEK = (0.97, 0.98, 1.0, 1.03, 1.06, 1.02, 0.94)
LEARNING_DAYS = 7
RARELY = 0.93
"""Above this chance, a day overspends its budget as Meta may."""


@lru_cache(maxsize=8192)
def season(day: int) -> float:
    """Demand over the year: a peak before Christmas, a hollow in January. `day` is an ordinal."""
    phase = (day % 365.25) / 365.25
    peak = math.exp(-(((phase - 0.905) / 0.05) ** 2)) * 0.55
    hollow = math.exp(-(((phase - 0.05) / 0.04) ** 2)) * 0.22
    return 1.0 + 0.08 * math.sin(2 * math.pi * (phase - 0.2)) + peak - hollow


def fatigue(ad: AdSeed, day: int) -> float:
    """How much of its first pull a creative has left: from 1 down to 0.45."""
    return 0.45 + 0.55 * math.exp(-max(0, day - ad.start) / ad.fatigue_days)


def weight(ad: AdSeed, day: int) -> float:
    """An ad's claim on its ad set's budget: winners get most of it."""
    return float((ad.quality * fatigue(ad, day)) ** 1.8)


def day_budget(ad_set: AdSetSeed, day: int, seed: int, budget: int) -> float:
    """What an ad set spends on a day, in minor units: its budget with rhythm, ramp and pacing."""
    chance = draws(seed, "pace", ad_set.id, day)
    ramp = min(1.0, 0.65 + 0.07 * max(0, day - ad_set.start))
    pacing = 0.84 + 0.16 * chance[0] + (0.12 if chance[1] > RARELY else 0.0)
    return budget * WEEK[(day - 1) % 7] * min(1.15, 0.9 + 0.1 * season(day)) * ramp * pacing


@lru_cache(maxsize=16384)
def potential(seed: int, ad_set: AdSetSeed, ad: AdSeed, day: int, spend: int) -> tuple[int, ...]:
    """The whole, settled day of an ad that spends `spend` minor units: one integer for each of METRICS."""
    chance = draws(seed, "day", ad.id, day)
    demand = season(day)
    worn = fatigue(ad, day)
    cpm = CPM_CENTS[ad_set.objective] * ad_set.currency_factor * demand * (0.85 + 0.3 * chance[0]) / (0.7 + 0.3 * worn)
    impressions = max(1, int(spend * 1000 / cpm))
    links = min(
        impressions,
        int(impressions * LINK_RATE[ad_set.objective] * ad.quality * worn * (0.8 + 0.4 * chance[1]) + chance[2]),
    )
    values = [spend, impressions, *_attention(ad_set, impressions, links, chance)]
    learning = 0.62 + 0.38 * min(1.0, max(0, day - ad_set.start) / LEARNING_DAYS)
    strength = learning * math.sqrt(ad.quality) * (0.75 + 0.5 * chance[3]) * (0.85 + 0.15 * demand)
    values.extend(_conversions(ad_set.objective, links * strength, chance[4]))
    worth = int(ad_set.aov * (0.8 + 0.4 * chance[5]))
    values.extend(count * worth for count in values[PURCHASE : PURCHASE + len(PARTS)])
    return tuple(values)


def _attention(ad_set: AdSetSeed, impressions: int, links: int, chance: tuple[float, ...]) -> list[int]:
    """Clicks to video quartiles, in the order of BASE after impressions; each stays below what it is a part of."""
    engagement = 2.6 if ad_set.objective == "OUTCOME_ENGAGEMENT" else 1.0
    reactions = int(impressions * 0.0060 * engagement * (0.7 + 0.6 * chance[6]) + chance[7])
    comments = int(reactions * 0.07 + chance[6])
    shares = int(reactions * 0.05 + chance[5])
    saves = int(reactions * 0.09 + chance[4])
    clicks = links + int(links * 0.35) + reactions // 2 + comments
    outbound = int(links * (0.90 + 0.06 * chance[7]))
    landing = int(outbound * (0.72 + 0.16 * chance[6]))
    views = int(impressions * (0.16 + 0.14 * chance[1]))
    quartiles = [int(views * share) for share in (0.62, 0.38, 0.27, 0.19)]
    thruplays = int(views * 0.30)
    return [
        min(clicks, impressions),
        links,
        outbound,
        landing,
        reactions,
        comments,
        shares,
        saves,
        views,
        thruplays,
        *quartiles,
    ]


def _conversions(objective: str, force: float, start: float) -> list[int]:
    """Counts by kind and part; later steps of the funnel never exceed earlier ones (leads stand outside it)."""
    counts = [
        int(force * rate + (start + offset) % 1.0) for rate, offset in zip(RATES[objective], OFFSETS, strict=True)
    ]
    for position in range(len(PARTS), len(counts) - len(PARTS)):
        above = counts[position - len(PARTS)]
        counts[position] = min(counts[position], above)
    return counts
