"""What a look is taken at: the store's rows as they are, nothing made up where something was not read."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update
from tests.integration.advice.planted import AD_SET, BETTER, CAMPAIGN, CAMPAIGN_NAME, TODAY, ad_day, plant, write
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, NOW

from freehold.kernel import migrations
from freehold.kernel.database import Database, open_database
from freehold.node.advice.forecasts import Forecast
from freehold.node.advice.gather import gather
from freehold.node.advice.outcomes import _of_posts
from freehold.node.advice.periods import ARRIVING_DAYS, LOOK_DAYS
from freehold.node.advice.queries import ad_places
from freehold.node.advice.social_rows import PAGE_POSTS_METRIC
from freehold.node.analysis.inputs import AdAccountRows, Inputs
from freehold.node.assets import ConnectedAsset
from freehold.node.measures.question import Span
from freehold.node.store.ads.tables import ad_breakdowns, ad_campaigns, ad_insights, ad_reach, ad_sets
from freehold.node.store.competitors.tables import competitors
from freehold.node.store.coverage.tables import coverage
from freehold.node.store.facebook.tables import facebook_page_insights, facebook_posts
from freehold.node.store.instagram.tables import instagram_insights

YESTERDAY = TODAY - timedelta(days=1)
ZONE = "Europe/Berlin"


def asset(kind: Any, asset_id: str) -> ConnectedAsset:
    """A ticked one."""
    return ConnectedAsset(kind, asset_id, "Ceramics", None, "USD", ZONE, "credential", NOW)


ASSETS = [
    asset("instagram_account", CERAMICS),
    asset("facebook_page", CERAMICS_PAGE),
    asset("ad_account", CERAMICS_ADS),
]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A node's database with the planted world."""
    opened = open_database(database_url)
    await migrations.upgrade(opened, "freehold.node")
    await plant(opened)
    yield opened
    await opened.close()


async def gathered(database: Database) -> Inputs:
    """What a look would be taken at."""
    async with database.reading() as session:
        return await gather(session, ASSETS, NOW)


async def ads_of(database: Database) -> AdAccountRows:
    """The ad account's rows."""
    return (await gathered(database)).ad_accounts[0]


async def test_whole_weeks_that_are_over_are_looked_at(database: Database) -> None:
    """Four of them, until the last day that is over in the zones of all the assets."""
    inputs = await gathered(database)
    assert (inputs.last - inputs.first).days + 1 == LOOK_DAYS
    assert inputs.last == YESTERDAY
    assert [each.account_id for each in inputs.accounts] == [CERAMICS, CERAMICS_PAGE]


async def test_posts_have_their_hours_where_the_client_is(database: Database) -> None:
    """In the zone of the ad accounts, with format and people reached."""
    (account, _) = (await gathered(database)).accounts
    assert len(account.posts) == 100
    assert {each.format for each in account.posts} == {"reel", "image"}
    assert {str(each.published_at.tzinfo) for each in account.posts} == {ZONE}


async def test_whoever_names_a_zone_has_hours_told_in_it(database: Database) -> None:
    """Whatever the ad accounts have."""
    async with database.reading() as session:
        inputs = await gather(session, ASSETS, NOW, "Asia/Tokyo")
    assert inputs.zone == "Asia/Tokyo"
    assert {str(post.published_at.tzinfo) for each in inputs.accounts for post in each.posts} == {"Asia/Tokyo"}


async def test_a_day_without_ads_is_nothing_and_an_unread_day_is_unknown(database: Database) -> None:
    """Days that were read have zeros; days of which coverage says nothing are absent."""
    idle, unread = TODAY - timedelta(days=140), TODAY - timedelta(days=150)
    marked = {"subject_id": CERAMICS_ADS, "metric": "ad_insights", "reason": "", "read_at": NOW}
    await write(database, coverage, [{**marked, "day": idle, "state": "complete"}])
    await write(database, coverage, [{**marked, "day": unread, "state": "missing"}])
    spend = next(each for each in (await ads_of(database)).series if each.metric == "spend_minor")
    assert spend.values[idle] == 0.0
    assert unread not in spend.values
    assert spend.values[YESTERDAY] > 0


async def test_costs_leave_out_days_whose_conversions_still_arrive(database: Database) -> None:
    """By campaign; the account as a whole is left out where it would ask the same question again."""
    costs = (await ads_of(database)).costs
    assert set(costs) == {CAMPAIGN}
    assert costs[CAMPAIGN][-1].day == YESTERDAY - timedelta(days=ARRIVING_DAYS)
    assert all(each.results > 0 and each.spend > 0 for each in costs[CAMPAIGN])


@pytest.mark.parametrize(("objective", "whole"), [("OUTCOME_SALES", False), ("OUTCOME_LEADS", True)])
async def test_leads_and_purchases_have_no_cost_in_common(database: Database, objective: str, whole: bool) -> None:
    """An account has a cost of its own only where all of its campaigns are after the same."""
    days = [YESTERDAY - timedelta(days=back) for back in range(60)]
    random = Random(1)  # noqa: S311 - the same days every time
    rows = [{**each, "campaign_id": "7", "ad_id": "8"} for day in days for each in ad_day(random, day, dear=False)[:1]]
    await write(database, ad_insights, rows)
    async with database.writing() as session:
        first = (await session.execute(select(ad_campaigns))).mappings().one()
        await session.execute(ad_campaigns.insert(), [{**first, "campaign_id": "7", "objective": objective}])
    assert set((await ads_of(database)).costs) == {CAMPAIGN, "7", *([CERAMICS_ADS] if whole else [])}


async def test_how_often_an_ad_was_seen_is_told_by_windows_of_one_length(database: Database) -> None:
    """That of most days, and the longest of several; where it was not read it is 0, which says nothing."""
    seen = {"ad_account_id": CERAMICS_ADS, "level": "ad", "object_id": BETTER, "reach": 10, "impressions": 20,
            "read_at": NOW}  # fmt: skip
    windows = ((1, 7, 1.4), (1, 28, 3.1), (2, 7, 1.3), (2, 28, 3.0), (2, 90, 5.2), (3, 7, 1.2), (3, 28, 2.9))
    days = [(TODAY - timedelta(days=back), length - 1, often) for back, length, often in (*windows, (4, 90, 5.1))]
    rows = [
        {**seen, "last_day": last, "first_day": last - timedelta(days=length), "frequency": often}
        for last, length, often in days
    ]
    await write(database, ad_reach, rows)
    found = [each.frequency for each in (await ads_of(database)).ad_sets[AD_SET][BETTER]]
    assert found[-4:] == [0.0, 2.9, 3.0, 3.1]
    assert set(found[:-3]) == {0.0}


async def test_a_lifetime_budget_comes_with_what_was_spent(database: Database) -> None:
    """Of ad sets that run; in days of the account's zone."""
    begins, ends = datetime(2026, 11, 1, 23, 30, tzinfo=UTC), datetime(2026, 12, 10, 12, tzinfo=UTC)
    running = {"ad_account_id": CERAMICS_ADS, "campaign_id": CAMPAIGN, "name": "", "status": "", "billing_event": "",
               "optimization_goal": "", "targeting": "{}", "currency": "USD", "lifetime_budget_minor": 900_000,
               "started_at": begins, "ends_at": ends, "read_at": NOW}  # fmt: skip
    await write(database, ad_sets, [{**running, "ad_set_id": "5", "effective_status": "ACTIVE"}])
    await write(database, ad_sets, [{**running, "ad_set_id": "6", "effective_status": "PAUSED"}])
    (found,) = (await ads_of(database)).budgets
    assert (found.budget.subject, found.budget.amount, found.budget.currency) == ("5", 900_000, "USD")
    assert (found.budget.first, found.budget.last) == (date(2026, 11, 2), date(2026, 12, 10))
    assert set(found.spend.values()) == {0}
    assert max(found.spend) == YESTERDAY


async def test_what_drives_a_change_is_split(database: Database) -> None:
    """Ads by campaign and position, the account's views by format."""
    part = {"ad_account_id": CERAMICS_ADS, "campaign_id": CAMPAIGN, "ad_set_id": AD_SET, "ad_id": BETTER,
            "day": YESTERDAY, "breakdown": "placement", "first_part": "instagram", "currency": "USD", "impressions": 9,
            "clicks": 2, "link_clicks": 1, "spend_minor": 50, "actions": "{}", "action_values_minor": "{}",
            "read_at": NOW}  # fmt: skip
    await write(database, ad_breakdowns, [{**part, "second_part": "story"}, {**part, "second_part": "feed"}])
    views = {"account_id": CERAMICS, "subject_kind": "account", "subject_id": CERAMICS, "metric": "views",
             "period": "day", "breakdown": "media_product_type", "day": YESTERDAY, "read_at": NOW}  # fmt: skip
    await write(database, instagram_insights, [{**views, "part": "REELS", "value": 7.0}])
    inputs = await gathered(database)
    splits = {(each.metric, each.dimension): each for each in inputs.ad_accounts[0].splits}
    assert {row.group for row in splits["spend_minor", "position"].rows} == {"story", "feed"}
    assert {row.group for row in splits["cost_per_result", "campaign"].rows} == {CAMPAIGN}
    assert ("cost_per_result", "position") not in splits
    (by_format,) = inputs.accounts[0].splits
    assert [(row.group, row.value) for row in by_format.rows] == [("reels", 7.0)]


async def test_a_page_has_its_days_and_posts(database: Database) -> None:
    """Days by metric; of a post the latest value."""
    of_page = {"page_id": CERAMICS_PAGE, "day": YESTERDAY, "read_at": NOW}
    rows = [
        {**of_page, "subject_id": CERAMICS_PAGE, "metric": "page_media_view", "period": "day", "value": 40.0},
        {**of_page, "subject_id": "1_2", "metric": "post_total_media_view_unique", "period": "lifetime", "value": 9.0},
        {**of_page, "subject_id": "1_2", "metric": "post_total_media_view_unique", "period": "lifetime", "value": 5.0,
         "day": YESTERDAY - timedelta(days=1)},
    ]  # fmt: skip
    await write(database, facebook_page_insights, rows)
    post = {"post_id": "1_2", "page_id": CERAMICS_PAGE, "message": "New", "permalink": "", "read_at": NOW,
            "status_type": "added_photos", "published_at": NOW - timedelta(days=9)}  # fmt: skip
    await write(database, facebook_posts, [post])
    page = (await gathered(database)).accounts[1]
    assert [(each.metric, each.values) for each in page.series] == [("page_media_view", {YESTERDAY: 40.0})]
    assert [(each.format, each.value) for each in page.posts] == [("added_photos", 9.0)]


async def test_page_posts_without_a_type_are_measured_as_they_were_compared(database: Database) -> None:
    """Advice on them names the group "other", and what came of it is measured of the same posts."""
    of_page = {"page_id": CERAMICS_PAGE, "read_at": NOW}
    posts = [("", 40.0), ("added_photos", 20.0)] * 5
    insight = {**of_page, "metric": PAGE_POSTS_METRIC, "period": "lifetime", "day": YESTERDAY}
    values = [{**insight, "subject_id": f"p{at}", "value": value} for at, (_, value) in enumerate(posts)]
    post = {**of_page, "message": "", "permalink": "", "published_at": NOW - timedelta(days=9)}
    await write(database, facebook_page_insights, values)
    rows = [{**post, "post_id": f"p{at}", "status_type": kind} for at, (kind, _) in enumerate(posts)]
    await write(database, facebook_posts, rows)
    gathered_ = (await gathered(database)).accounts[1]
    assert {each.format for each in gathered_.posts} == {"other", "added_photos"}
    forecast = Forecast("posts", 2.0, 1.5, 2.5, feature="format", group="other", metric=PAGE_POSTS_METRIC)
    async with database.reading() as session:
        days = Span(TODAY - timedelta(days=20), YESTERDAY)
        value, sample = await _of_posts(session, CERAMICS_PAGE, forecast, days, ZoneInfo("UTC"))
    assert sample == 5
    assert value is not None
    assert value >= 2.0


async def test_ads_of_whom_nobody_watches_any_more_are_left_out(database: Database) -> None:
    """Those of the others come once each, with when they began."""
    rivals = (await gathered(database)).rivals
    assert {(each.ad_id, each.advertiser, each.started) for each in rivals} == {
        ("800", "Otto Pots 24", TODAY - timedelta(days=10)),
        ("801", "Otto Pots 24", TODAY - timedelta(days=90)),
    }
    async with database.writing() as session:
        await session.execute(update(competitors).values(removed_at=NOW))
    assert (await gathered(database)).rivals == ()


async def test_an_ad_has_its_campaign_though_its_ad_set_was_never_read(database: Database) -> None:
    """As where it was archived before the first collection; names that are empty are told of nobody."""
    assert await places_of(database) == {
        AD_SET: {"campaign": CAMPAIGN_NAME},
        BETTER: {"campaign": CAMPAIGN_NAME, "ad_set": "Everybody"},
    }
    async with database.writing() as session:
        await session.execute(delete(ad_sets))
    assert await places_of(database) == {BETTER: {"campaign": CAMPAIGN_NAME}}
    async with database.writing() as session:
        await session.execute(update(ad_campaigns).values(name=" "))
    assert await places_of(database) == {}


async def places_of(database: Database) -> dict[str, dict[str, str]]:
    """Where the ad set and one of its ads belong."""
    async with database.reading() as session:
        return await ad_places(session, [AD_SET, BETTER])
