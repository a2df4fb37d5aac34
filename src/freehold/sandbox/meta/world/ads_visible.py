"""How much of an ad's day has been delivered, and how many of its conversions have arrived, at an instant.

Conversions of a day keep arriving for 28 days; every visible number only grows and ends at its settled value.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from freehold.sandbox.meta.world.ads_delivery import CONVERSIONS, FIRST_CONVERSION, FIRST_VALUE, GOLDEN, PARTS, PURCHASE
from freehold.sandbox.meta.world.ads_overlay import AdsWrites, status_at
from freehold.sandbox.meta.world.ads_plan import AdSeed, AdSetSeed

SETTLED_DAYS = 28
HORIZON_DAYS = (2.0, 9.0, 28.0, 2.0, 2.0)
"""For each of PARTS, after how many days nearly all of its conversions have been reported."""
REFRESH_SECONDS = 900
_HOURS = (14, 10, 8, 7, 8, 12, 22, 34, 42, 46, 48, 50, 54, 52, 50, 50, 52, 56, 62, 70, 76, 70, 52, 30)
HOURS = tuple(weight / sum(_HOURS) for weight in _HOURS)
"""The share of a day's delivery in each local hour."""
_UNTIL = (0.0, *accumulate(HOURS))


@lru_cache(maxsize=8192)
def midnight(timezone_name: str, day: int) -> datetime:
    """The instant at which a local day begins."""
    local = datetime.combine(date.fromordinal(day), datetime.min.time(), ZoneInfo(timezone_name))
    return local.astimezone(UTC)


def local_day(timezone_name: str, at: datetime) -> int:
    """The day it is in a time zone, as an ordinal."""
    return at.astimezone(ZoneInfo(timezone_name)).date().toordinal()


def elapsed(timezone_name: str, day: int, at: datetime) -> float:
    """The share of a day's delivery that lies before `at`, refreshed every 15 minutes."""
    start = midnight(timezone_name, day)
    if at <= start:
        return 0.0
    seconds = (at - start).total_seconds() // REFRESH_SECONDS * REFRESH_SECONDS
    hour, rest = divmod(seconds / 3600, 1)
    if hour >= len(HOURS):
        return 1.0
    return _UNTIL[int(hour)] + HOURS[int(hour)] * rest


def active_share(writes: AdsWrites, ad: AdSeed, ad_set: AdSetSeed, timezone_name: str, day: int, at: datetime) -> float:
    """The share of a day's delivery that ran before `at` while ad, ad set and campaign were all active."""
    if not any(object_id in writes.statuses for object_id in (ad.id, ad.set_id, ad.campaign_id)):
        return elapsed(timezone_name, day, at) if ad.start <= day < ad.end else 0.0
    lives = ((ad.id, ad.start, ad.end), *((above, ad_set.start, ad_set.end) for above in (ad.set_id, ad.campaign_id)))
    seeded = [
        (object_id, "ACTIVE" if start <= day < end and object_id not in writes.created else "PAUSED")
        for object_id, start, end in lives
    ]
    start, share = midnight(timezone_name, day), 0.0
    for hour, part in enumerate(HOURS):
        instant = start + timedelta(hours=hour)
        if instant + timedelta(hours=1) > at:
            break
        if all(status_at(writes, object_id, instant, status) == "ACTIVE" for object_id, status in seeded):
            share += part
    return share


def arrived(vector: Sequence[int], ad: AdSeed, timezone_name: str, day: int, at: datetime) -> list[int]:
    """The vector with only those conversions, and their values, that have been reported by `at`."""
    values = list(vector)
    age = (at - midnight(timezone_name, day)).total_seconds() / 86400
    if age >= SETTLED_DAYS + 1:
        return values
    shares = tuple(_arrival(age, horizon) for horizon in HORIZON_DAYS)
    for kind in range(len(CONVERSIONS)):
        for part, share in enumerate(shares):
            position = FIRST_CONVERSION + kind * len(PARTS) + part
            count = values[position]
            if count:
                values[position] = min(
                    count, int(count * share + (ad.quality * 97 + day * GOLDEN + position * 0.37) % 1.0)
                )
    for part in range(len(PARTS)):
        settled = vector[PURCHASE + part]
        if settled:
            values[FIRST_VALUE + part] = vector[FIRST_VALUE + part] // settled * values[PURCHASE + part]
    return values


def _arrival(age: float, horizon: float) -> float:
    """The reported share at an age in days: most by the horizon, the last few per cent by day 28."""
    early = 1.0 - (1.0 - min(age / horizon, 1.0)) ** 2
    return float(0.96 * early + 0.04 * min(age / SETTLED_DAYS, 1.0)) if age < SETTLED_DAYS else 1.0
