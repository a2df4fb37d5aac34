"""What an account has spent in its life, and the least it may spend a day."""

from functools import lru_cache

from freehold.sandbox.meta.ads.accounts import written
from freehold.sandbox.meta.ads.objects import seeded_campaigns, written_of
from freehold.sandbox.meta.graph import Call
from freehold.sandbox.meta.world import ads, ads_plan
from freehold.sandbox.meta.world.ads import LineUp
from freehold.sandbox.meta.world.ads_overlay import AdsWrites
from freehold.sandbox.meta.world.ads_plan import AdPlan
from freehold.sandbox.meta.world.ads_visible import local_day, midnight

LEAST_CENTS = 100


def least_budget(currency: str) -> int:
    """The least daily budget in minor units: about one US dollar."""
    return max(1, round(LEAST_CENTS * ads_plan.MINOR_PER_CENT.get(currency, 1.0)))


def lifetime(call: Call, plan: AdPlan) -> int:
    """Everything spent so far, in minor units."""
    writes, today = written(call), local_day(plan.timezone_name, call.now)
    spent = _before_epoch(plan)
    sets = [ads.line_up(plan, created.id, writes) for created in written_of(call, plan, "adset")]
    for parent in seeded_campaigns(call, plan, None):
        if parent.end > plan.epoch or writes.statuses:
            sets += [ads.line_up(plan, ad_set.id, writes) for ad_set in ads_plan.ad_sets(plan, parent)]
    for team in sets:
        for ad in team.ads if team else ():
            days = ads.ad_days(plan, team, ad, plan.epoch, today, call.now, writes) if team else ()
            spent += sum(vector[0] for _, vector in days)
    return spent


@lru_cache(maxsize=64)
def _before_epoch(plan: AdPlan) -> int:
    """The spend of all days before the epoch: nothing that a caller writes can change those."""
    at, untouched = midnight(plan.timezone_name, plan.epoch), AdsWrites()
    spent = 0
    for parent in ads_plan.campaigns(plan):
        for ad_set in ads_plan.ad_sets(plan, parent) if parent.start < plan.epoch else ():
            team = LineUp(ad_set, ad_set.ads)
            for ad in ad_set.ads:
                for day in range(ad.start, min(ad.end, plan.epoch)):
                    spent += ads.ad_spend(plan, team, ad, day, at, untouched)
    return spent
