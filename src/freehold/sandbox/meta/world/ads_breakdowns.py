"""How an ad's day is spread over people, places, placements and hours, so that the parts sum to the whole.

A segment is a tuple of breakdown values. Shares depend on the ad set alone; counts are split by cumulative rounding.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from freehold.sandbox.meta.world.ads_delivery import GOLDEN
from freehold.sandbox.meta.world.ads_plan import AdSeed
from freehold.sandbox.meta.world.ads_visible import HOURS
from freehold.sandbox.meta.world.randomness import draws

Segment = tuple[str, ...]
AGES = (("18-24", 0.14), ("25-34", 0.28), ("35-44", 0.24), ("45-54", 0.17), ("55-64", 0.11), ("65+", 0.06))
GENDERS = (("female", 0.60), ("male", 0.37), ("unknown", 0.03))
REGIONS = {
    "US": (("California", 0.3), ("New York", 0.22), ("Texas", 0.2), ("Washington", 0.15), ("Oregon", 0.13)),
    "DE": (("Bayern", 0.4), ("Berlin", 0.35), ("Hamburg", 0.25)),
    "FR": (("Île-de-France", 0.6), ("Occitanie", 0.4)),
    "GB": (("England", 0.85), ("Scotland", 0.15)),
    "NZ": (("Auckland", 0.6), ("Wellington Region", 0.25), ("Canterbury", 0.15)),
    "AU": (("New South Wales", 0.55), ("Victoria", 0.45)),
    "JP": (("Tokyo", 0.55), ("Osaka Prefecture", 0.3), ("Kyoto Prefecture", 0.15)),
    "IN": (("Maharashtra", 0.5), ("Karnataka", 0.3), ("Delhi", 0.2)),
    "CA": (("Ontario", 0.7), ("British Columbia", 0.3)),
}
COUNTRIES = {
    "USD": (("US", 0.82), ("CA", 0.13), ("GB", 0.05)),
    "EUR": (("DE", 0.62), ("FR", 0.28), ("GB", 0.10)),
    "GBP": (("GB", 0.9), ("US", 0.1)),
    "JPY": (("JP", 0.96), ("US", 0.04)),
    "INR": (("IN", 1.0),),
    "NZD": (("NZ", 0.8), ("AU", 0.2)),
    "AUD": (("AU", 0.85), ("NZ", 0.15)),
}
PLACEMENTS = (
    (("instagram", "feed", "iphone"), 0.17),
    (("instagram", "feed", "android_smartphone"), 0.10),
    (("instagram", "instagram_stories", "iphone"), 0.11),
    (("instagram", "instagram_stories", "android_smartphone"), 0.07),
    (("instagram", "instagram_reels", "iphone"), 0.12),
    (("instagram", "instagram_reels", "android_smartphone"), 0.07),
    (("facebook", "feed", "iphone"), 0.09),
    (("facebook", "feed", "android_smartphone"), 0.11),
    (("facebook", "feed", "desktop"), 0.06),
    (("facebook", "facebook_reels", "android_smartphone"), 0.04),
    (("facebook", "marketplace", "iphone"), 0.02),
    (("audience_network", "an_classic", "android_smartphone"), 0.03),
    (("messenger", "messenger_stories", "iphone"), 0.01),
)
PLATFORM = ("publisher_platform", "platform_position", "impression_device")
HOURLY = ("hourly_stats_aggregated_by_advertiser_time_zone", "hourly_stats_aggregated_by_audience_time_zone")
PEOPLE = frozenset({"age", "gender", "country", "region"})
"""Breakdowns by who somebody is; the others say where and when an ad was shown."""
KNOWN = frozenset(
    {
        *PEOPLE, *PLATFORM, *HOURLY, "device_platform", "product_id", "action_device", "frequency_value", "dma",
        "comscore_market", "place_page_id", "app_id", "ad_format_asset", "body_asset", "call_to_action_asset",
        "description_asset", "image_asset", "link_url_asset", "title_asset", "video_asset", "media_type", "zip",
        "user_persona_id", "user_persona_name", "rule_set_id", "rule_set_name", "landing_destination", "media_format",
        "skan_campaign_id", "skan_conversion_id", "skan_version", "signal_source_bucket", "conversion_destination",
    }
)  # fmt: skip
"""Names that the `breakdowns` parameter takes; most stand in no combination that this world has data for."""
ALLOWED = frozenset(
    map(
        frozenset,
        (
            (),
            ("age",),
            ("gender",),
            ("age", "gender"),
            ("country",),
            ("region",),
            ("publisher_platform",),
            ("publisher_platform", "platform_position"),
            ("publisher_platform", "impression_device"),
            PLATFORM,
            ("device_platform",),
            ("publisher_platform", "device_platform"),
            ("publisher_platform", "platform_position", "device_platform"),
            ("product_id",),
            *((name,) for name in HOURLY),
        ),
    )
)
"""The combinations that Meta answers; `impression_device` and `platform_position` never stand alone."""


@lru_cache(maxsize=4096)
def segments(seed: int, currency: str, set_id: str, breakdown: str) -> tuple[tuple[Segment, float], ...]:
    """The finest segments of an ad set that a breakdown needs, each with its share; shares sum to 1."""
    rows = _finest(currency, breakdown)
    if breakdown in HOURLY:
        return tuple(rows)
    chance = draws(seed, "mix", set_id, breakdown in PEOPLE)
    tilted = [
        (row, share * (0.55 + 0.9 * ((chance[index % 8] + index * GOLDEN) % 1.0)))
        for index, (row, share) in enumerate(rows)
    ]
    total = sum(share for _, share in tilted)
    return tuple((row, share / total) for row, share in tilted)


@lru_cache(maxsize=16384)
def pool_share(seed: int, currency: str, set_id: str, breakdowns: tuple[str, ...], label: Segment) -> float:
    """The part of an ad set's audience that one shown segment has.

    People have one age, gender and home, so those parts sum to 1; they use several placements, so those sum to more.
    """
    rows = segments(seed, currency, set_id, breakdowns[0])
    share = sum(part for segment, part in rows if shown(breakdowns, segment) == label)
    return share if breakdowns[0] in PEOPLE else math.sqrt(share)


def _finest(currency: str, breakdown: str) -> Sequence[tuple[Segment, float]]:
    if breakdown in {"age", "gender"}:
        return [((age, gender), first * second) for age, first in AGES for gender, second in GENDERS]
    if breakdown in {"country", "region"}:
        countries = COUNTRIES.get(currency, COUNTRIES["USD"])
        return [((country, region), share * part) for country, share in countries for region, part in REGIONS[country]]
    if breakdown == "product_id":
        return ()
    if breakdown in HOURLY:
        return [((f"{hour:02d}:00:00 - {hour:02d}:59:59",), share) for hour, share in enumerate(HOURS)]
    return PLACEMENTS


def shown(breakdowns: tuple[str, ...], segment: Segment) -> Segment:
    """What of a finest segment the asked breakdowns show, in the order asked."""
    return tuple(_shown(breakdown, segment) for breakdown in breakdowns)


def _shown(breakdown: str, segment: Segment) -> str:
    if breakdown == "device_platform":
        return "desktop" if segment[2] == "desktop" else "mobile_app"
    return segment[_POSITION.get(breakdown, 0)]


_POSITION = {"gender": 1, "region": 1, "platform_position": 1, "impression_device": 2}


def split(vector: Sequence[int], shares: Sequence[float], start: float) -> list[list[int]]:
    """A vector cut into one vector per share; each number's parts sum to it exactly."""
    bounds = list(accumulate(shares))
    bounds[-1] = 1.0
    parts = [[0] * len(vector) for _ in shares]
    for position, count in enumerate(vector):
        if not count:
            continue
        offset = (start + position * GOLDEN) % 1.0
        before = 0
        for index, bound in enumerate(bounds):
            until = int(count * bound + offset) if bound < 1.0 else count
            parts[index][position] = until - before
            before = until
    return parts


def split_day(
    seed: int, currency: str, ad: AdSeed, day: int, vector: Sequence[int], breakdowns: tuple[str, ...], elapsed: float
) -> list[tuple[Segment, list[int]]]:
    """An ad's day by the segments that the breakdowns show; of an unfinished day only the hours that have passed."""
    if not breakdowns:
        return [((), list(vector))]
    rows = segments(seed, currency, ad.set_id, breakdowns[0])
    if not rows:
        return []
    shares = [share for _, share in rows]
    if breakdowns[0] in HOURLY and elapsed < 1.0:
        shares = _past_hours(shares, elapsed)
    together: dict[Segment, list[int]] = {}
    for (segment, _), part in zip(rows, split(vector, shares, draws(seed, "split", ad.id, day)[0]), strict=True):
        label = shown(breakdowns, segment)
        known = together.get(label)
        together[label] = part if known is None else [a + b for a, b in zip(known, part, strict=True)]
    return [(label, part) for label, part in together.items() if any(part)]


def _past_hours(shares: list[float], elapsed: float) -> list[float]:
    kept, left = [], elapsed
    for share in shares:
        kept.append(min(share, max(left, 0.0)))
        left -= share
    total = sum(kept) or 1.0
    return [share / total for share in kept]
