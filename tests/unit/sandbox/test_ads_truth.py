"""The world's truth about ads: same seed, same days; parts sum to wholes; reach is a union; conversions arrive late."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from freehold.sandbox.meta.ads.accounts import account_plan
from freehold.sandbox.meta.world import ads, ads_breakdowns, ads_plan, ads_reach
from freehold.sandbox.meta.world.ads_delivery import BASE, INDEX, METRICS
from freehold.sandbox.meta.world.ads_plan import AdPlan, AdSeed, AdSetSeed
from freehold.sandbox.meta.world.people import build_world

EPOCH = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def plan_of(number: int, seed: int = 7) -> AdPlan:
    world = build_world(seed, EPOCH)
    return account_plan(world, world.ad_accounts[number])


def running(plan: AdPlan, day: int) -> list[tuple[AdSetSeed, AdSeed]]:
    return [
        (ad_set, ad)
        for campaign in ads_plan.campaigns(plan)
        for ad_set in ads_plan.ad_sets(plan, campaign)
        for ad in ad_set.ads
        if ad.start <= day < ad.end
    ]


@pytest.fixture
def plan() -> AdPlan:
    """The first business of the cast."""
    return plan_of(0)


def test_same_seed_gives_the_same_days(plan: AdPlan) -> None:
    """Two worlds of one seed agree on every number; another seed does not."""
    day = plan.epoch - 10
    ad = running(plan, day)[0][1]
    ads_plan.structure.cache_clear()
    ads_plan.campaign.cache_clear()
    ads_plan.ad_set.cache_clear()
    assert ads.ad_day(plan_of(0), ad.id, day, EPOCH) == ads.ad_day(plan, ad.id, day, EPOCH) != {}
    assert ads.ad_day(plan_of(0, seed=8), ad.id, day, EPOCH) != ads.ad_day(plan, ad.id, day, EPOCH)


@pytest.mark.parametrize("number", range(7))
def test_an_account_has_as_many_ads_as_it_says(number: int) -> None:
    """The campaigns that began before the epoch hold exactly the account's count of ads."""
    plan = plan_of(number)
    past = [campaign for campaign in ads_plan.campaigns(plan) if campaign.start < plan.epoch]
    held = sum(sum(campaign.set_sizes) for campaign in past)
    assert plan.ad_count <= held <= plan.ad_count + 20


def test_an_ad_set_never_spends_far_over_its_budget(plan: AdPlan) -> None:
    """On a day, the ads of an ad set together stay within the 25 % that Meta may overspend."""
    for ad_set, _ in running(plan, plan.epoch - 3):
        spent = sum(ads.ad_day(plan, ad.id, plan.epoch - 3, EPOCH).get("spend", 0) for ad in ad_set.ads)
        assert 0 < spent <= ad_set.daily_budget * 1.25


def test_every_part_stays_below_its_whole(plan: AdPlan) -> None:
    """Clicks never exceed impressions, nor purchases the checkouts they follow."""
    for _, ad in running(plan, plan.epoch - 40):
        row = ads.ad_day(plan, ad.id, plan.epoch - 40, EPOCH)
        assert row["link_clicks"] <= row["clicks"] <= row["impressions"]
        assert row["landing_page_views"] <= row["outbound_clicks"] <= row["link_clicks"]
        assert row["p100"] <= row["p75"] <= row["p50"] <= row["p25"] <= row["video_views"]
        assert row["purchase.c1"] <= row["initiate_checkout.c1"] <= row["add_to_cart.c1"] <= row["view_content.c1"]


def test_conversions_of_a_day_keep_arriving_for_28_days(plan: AdPlan) -> None:
    """Seen later, a day has no fewer conversions and at last all of them; its spend stands from the day after."""
    day = plan.epoch - 40
    ad = max(
        (ad for _, ad in running(plan, day)), key=lambda ad: ads.ad_day(plan, ad.id, day, EPOCH)["view_content.c7"]
    )
    ages = (1.5, 3, 6, 10, 20, 30)
    midnight = datetime.fromordinal(day).replace(tzinfo=UTC)
    seen = [ads.ad_day(plan, ad.id, day, midnight + timedelta(days=age + 0.4)) for age in ages]
    assert len({row["spend"] for row in seen}) == 1
    for before, after in pairwise(seen):
        assert all(before[name] <= after[name] for name in METRICS)
    assert seen[0]["view_content.c7"] < seen[-1]["view_content.c7"]
    assert seen[-1] == ads.ad_day(plan, ad.id, day, EPOCH + timedelta(days=90))


@pytest.mark.parametrize("breakdowns", sorted(tuple(sorted(asked)) for asked in ads_breakdowns.ALLOWED))
def test_breakdowns_sum_to_the_whole(plan: AdPlan, breakdowns: tuple[str, ...]) -> None:
    """However an ad's day is cut, the parts of each count add up to it (products apart: there are none)."""
    if breakdowns == ("product_id",):
        return
    day = plan.epoch - 5
    ad = running(plan, day)[0][1]
    vector = list(ads.ad_day(plan, ad.id, day, EPOCH).values())
    parts = ads_breakdowns.split_day(plan.seed, plan.currency, ad, day, vector, breakdowns, 1.0)
    assert [sum(values) for values in zip(*(part for _, part in parts), strict=True)] == vector
    assert len({segment for segment, _ in parts}) == len(parts)


def test_reach_is_a_union() -> None:
    """It saturates, never exceeds impressions, and lies between its largest part and the sum of its parts."""
    reached = [ads_reach.pool_reach(count, 10_000) for count in (0, 1, 100, 10_000, 1_000_000)]
    assert reached == sorted(reached)
    assert all(reach <= count for reach, count in zip(reached, (0, 1, 100, 10_000, 1_000_000), strict=True))
    assert reached[-1] <= 10_000
    parts = [(4_000.0, 10_000.0), (900.0, 3_000.0), (2_500.0, 8_000.0)]
    assert 4_000 < ads_reach.union_reach(parts) < 7_400


def test_money_comes_in_the_smallest_unit_of_the_currency() -> None:
    """A yen has no minor unit: budgets there are about 1.5 times what they are in cents, not 150 times."""
    yen, dollars = plan_of(3), plan_of(0)
    assert (yen.currency, dollars.currency) == ("JPY", "USD")
    assert all(name in INDEX for name in BASE)
    typical = [sorted(ad_set.daily_budget for ad_set, _ in running(plan, plan.epoch - 100)) for plan in (yen, dollars)]
    assert 0.3 < (typical[0][len(typical[0]) // 2] / typical[1][len(typical[1]) // 2]) < 6
