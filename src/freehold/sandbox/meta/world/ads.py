"""The truth about every seeded or written ad: what each one really delivered, day by day.

Insights are computed from these functions, and tests read them as their oracle.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from freehold.sandbox.meta.world import ads_delivery, ads_plan, ads_visible
from freehold.sandbox.meta.world.ads_overlay import AdsWrites, budget_at
from freehold.sandbox.meta.world.ads_plan import AdPlan, AdSeed, AdSetSeed
from freehold.sandbox.meta.world.randomness import draws, lognormal

NO_WRITES = AdsWrites()
WHOLE = 0.999_999
"""A share of a day from here on is the whole day."""


@dataclass(frozen=True)
class LineUp:
    """An ad set with all ads that may share its budget, those that callers created too."""

    ad_set: AdSetSeed
    ads: tuple[AdSeed, ...]


def seeded_set(plan: AdPlan, set_id: str) -> AdSetSeed | None:
    """The seeded ad set with this id, if it is one of this account's."""
    numbers = ads_plan.read_id(set_id)
    if numbers is None or numbers[1] != plan.ordinal or numbers[2] >= len(ads_plan.structure(plan)):
        return None
    _, _, campaign_number, set_number, _ = numbers
    parent = ads_plan.campaign(plan, campaign_number)
    if not 1 <= set_number <= len(parent.set_sizes):
        return None
    return ads_plan.ad_set(plan, campaign_number, set_number)


def line_up(plan: AdPlan, set_id: str, writes: AdsWrites = NO_WRITES) -> LineUp | None:
    """The ad set and its ads as delivery sees them; None when there is no such ad set."""
    ad_set = seeded_set(plan, set_id)
    if ad_set is None:
        record = writes.created.get(set_id)
        if record is None:
            return None
        ad_set = written_set(plan, record, _objective(plan, record, writes), _written_budget(plan, record, writes))
    children = writes.children.get(set_id, ())
    if not children:
        return LineUp(ad_set, ad_set.ads)
    extra = tuple(written_ad(plan, writes.created[ad_id]["id"], set_id, ad_set.campaign_id) for ad_id in children)
    return LineUp(ad_set, (*ad_set.ads, *extra))


def _objective(plan: AdPlan, record: dict[str, Any], writes: AdsWrites) -> str:
    campaign_id = record["campaign_id"]
    if campaign_id in writes.created:
        return str(writes.created[campaign_id]["objective"])
    numbers = ads_plan.read_id(campaign_id)
    return ads_plan.campaign(plan, numbers[2]).objective if numbers else "OUTCOME_TRAFFIC"


def _written_budget(plan: AdPlan, record: dict[str, Any], writes: AdsWrites) -> int:
    """A created ad set's daily budget: its own, else its part of the campaign's."""
    campaign_id = record["campaign_id"]
    numbers = ads_plan.read_id(campaign_id)
    if record.get("daily_budget") or record.get("lifetime_budget"):
        return budget_a_day(record)
    if campaign_id in writes.created:
        return budget_a_day(writes.created[campaign_id]) // max(1, len(writes.children.get(campaign_id, ())))
    if numbers is None:
        return 0
    return campaign_budget(plan, numbers[2]) // (len(ads_plan.campaign(plan, numbers[2]).set_sizes) + 1)


def budget_a_day(record: dict[str, Any]) -> int:
    """A record's budget for one day; a lifetime budget is taken to last 30 days."""
    return int(record.get("daily_budget") or 0) or int(record.get("lifetime_budget") or 0) // 30


def campaign_budget(plan: AdPlan, number: int) -> int:
    """The daily budget of a seeded campaign that shares one: the sum of what its ad sets have, in minor units."""
    return sum(ad_set.daily_budget for ad_set in ads_plan.ad_sets(plan, ads_plan.campaign(plan, number)))


def written_set(plan: AdPlan, record: dict[str, Any], objective: str, budget: int) -> AdSetSeed:
    """A created ad set as delivery sees it."""
    end = record.get("end_time")
    return _written_set(
        plan,
        record["id"],
        record["campaign_id"],
        record["name"],
        objective,
        ads_visible.local_day(plan.timezone_name, record["start_time"]),
        ads_visible.local_day(plan.timezone_name, end) + 1 if end else ads_plan.FOREVER,
        budget,
    )


@lru_cache(maxsize=1024)
def _written_set(
    plan: AdPlan, set_id: str, campaign_id: str, name: str, objective: str, start: int, end: int, budget: int
) -> AdSetSeed:
    chance = draws(plan.seed, "written set", set_id)
    factor = ads_plan.MINOR_PER_CENT.get(plan.currency, 1.0)
    pool = int(180_000 * lognormal(chance[0], chance[1], 0.8)) + 8_000
    aov = int((3_500 + 6_000 * chance[2]) * factor)
    return AdSetSeed(set_id, campaign_id, 0, name, objective, start, end, budget, pool, factor, aov, ())


@lru_cache(maxsize=4096)
def written_ad(plan: AdPlan, ad_id: str, set_id: str, campaign_id: str) -> AdSeed:
    """A created ad as delivery sees it; whether it runs is decided by its written statuses alone."""
    chance = draws(plan.seed, "written ad", ad_id)
    quality = lognormal(chance[0], chance[1], 0.4)
    return AdSeed(ad_id, set_id, campaign_id, 0, "", plan.epoch, ads_plan.FOREVER, quality, 25 + 60 * chance[2])


def ad_spend(plan: AdPlan, team: LineUp, ad: AdSeed, day: int, at: datetime, writes: AdsWrites) -> int:
    """What an ad would spend on a whole day, in minor units: its share of the ad set's budget for that day."""
    running = [other for other in team.ads if other is ad or _runs(plan, team.ad_set, other, day, at, writes)]
    budget = team.ad_set.daily_budget
    if writes.budgets:
        start = ads_visible.midnight(plan.timezone_name, day)
        budget = budget_at(writes, team.ad_set.id, start, budget)
        campaign_budgets = writes.budgets.get(team.ad_set.campaign_id)
        if campaign_budgets:
            first = campaign_budgets[0][1]
            budget = budget * budget_at(writes, team.ad_set.campaign_id, start, first) // max(first, 1)
    return _spends(plan.seed, team.ad_set, tuple(running), day, budget)[ad]


def touched(writes: AdsWrites, ad: AdSeed) -> bool:
    """Whether a caller ever switched the ad, its ad set or its campaign on or off."""
    known = writes.statuses
    return bool(known) and (ad.id in known or ad.set_id in known or ad.campaign_id in known)


def _runs(plan: AdPlan, ad_set: AdSetSeed, ad: AdSeed, day: int, at: datetime, writes: AdsWrites) -> bool:
    if not touched(writes, ad):
        return ad.start <= day < ad.end
    return ads_visible.active_share(writes, ad, ad_set, plan.timezone_name, day, at) > 0


@lru_cache(maxsize=16384)
def _spends(seed: int, ad_set: AdSetSeed, running: tuple[AdSeed, ...], day: int, budget: int) -> dict[AdSeed, int]:
    """What each running ad of an ad set spends on a day: parts of one budget, by weight."""
    whole = ads_delivery.day_budget(ad_set, day, seed, budget)
    weights = [ads_delivery.weight(ad, day) for ad in running]
    each = whole / sum(weights)
    return {ad: int(each * weight) for ad, weight in zip(running, weights, strict=True)}


def ad_day_vector(
    plan: AdPlan, team: LineUp, ad: AdSeed, day: int, at: datetime, writes: AdsWrites = NO_WRITES
) -> list[int] | None:
    """An ad's day as known at `at`: one integer for each of METRICS, or None without delivery."""
    written = team.ad_set.number == 0
    if written and not team.ad_set.start <= day < team.ad_set.end:
        return None
    if not written and not touched(writes, ad) and not ad.start <= day < ad.end:
        return None
    if writes.changed and _ended(plan, team.ad_set, day, writes):
        return None
    share = ads_visible.active_share(writes, ad, team.ad_set, plan.timezone_name, day, at)
    if share <= 0.0:
        return None
    spend = ad_spend(plan, team, ad, day, at, writes)
    if spend <= 0:
        return None
    vector = ads_delivery.potential(plan.seed, team.ad_set, ad, day, spend)
    if share < WHOLE:
        shrunk = tuple(int(value * share) for value in vector[: ads_delivery.FIRST_CONVERSION])
        vector = (*shrunk, *_shrunk_conversions(vector, share))
    return ads_visible.arrived(vector, ad, plan.timezone_name, day, at) if vector[1] else None


def _ended(plan: AdPlan, ad_set: AdSetSeed, day: int, writes: AdsWrites) -> bool:
    """Whether the ad set was given an end that lies before a day."""
    end = writes.changed.get(ad_set.id, {}).get("end_time")
    return end is not None and day > ads_visible.local_day(plan.timezone_name, end)


def _shrunk_conversions(vector: tuple[int, ...], share: float) -> list[int]:
    """Part of a day's conversions, each purchase keeping its own value."""
    counts = [int(value * share) for value in vector[ads_delivery.FIRST_CONVERSION : ads_delivery.FIRST_VALUE]]
    first = ads_delivery.PURCHASE - ads_delivery.FIRST_CONVERSION
    for part in range(len(ads_delivery.PARTS)):
        settled = vector[ads_delivery.PURCHASE + part]
        counts.append(vector[ads_delivery.FIRST_VALUE + part] // settled * counts[first + part] if settled else 0)
    return counts


def ad_days(
    plan: AdPlan, team: LineUp, ad: AdSeed, since: int, until: int, at: datetime, writes: AdsWrites
) -> Iterator[tuple[int, list[int]]]:
    """(day, vector) for each day from `since` to `until` (both included) on which the ad delivered."""
    first, last = since, min(until, ads_visible.local_day(plan.timezone_name, at))
    if not touched(writes, ad):
        first, last = max(first, ad.start), min(last, ad.end - 1)
    for day in range(first, last + 1):
        vector = ad_day_vector(plan, team, ad, day, at, writes)
        if vector is not None:
            yield day, vector


def ad_day(plan: AdPlan, ad_id: str, day: int, at: datetime, writes: AdsWrites = NO_WRITES) -> dict[str, int]:
    """The oracle: what an ad delivered on a local day (ordinal) as known at `at`, by name; empty without delivery."""
    numbers = ads_plan.read_id(ad_id)
    set_id = writes.created[ad_id]["adset_id"] if ad_id in writes.created else ""
    if numbers is not None and not set_id:
        set_id = ads_plan.make_id(2, numbers[1], numbers[2], numbers[3])
    team = line_up(plan, set_id, writes)
    if team is None:
        return {}
    for ad in team.ads:
        if ad.id == ad_id:
            vector = ad_day_vector(plan, team, ad, day, at, writes)
            return {} if vector is None else dict(zip(ads_delivery.METRICS, vector, strict=True))
    return {}
