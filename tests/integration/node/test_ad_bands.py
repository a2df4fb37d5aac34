"""`GET /ads/bands` over what is stored, on both databases."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, update
from tests.integration.node.conftest import CERAMICS_ASSETS, MakeStage, Stage, call
from tests.meta_sandbox import CERAMICS_ADS

from freehold.node.assets.tables import connected_assets
from freehold.node.collection.ad_days import AD_DAYS, UNFINISHED
from freehold.node.notifications.tables import notifications
from freehold.node.runs.queries import Order, RunRecord
from freehold.node.store.ads.tables import ad_campaigns, ad_insights
from freehold.node.store.coverage.upserts import Coverage, CoverageState, save_coverage
from freehold.node.workflows.completion import collected

CAMPAIGN = "23800000000000001"
EMPTY: dict[str, Any] = {"actions": "{}", "action_values_minor": "{}", "clicks": 0, "link_clicks": 0, "reach": 0}


@pytest.fixture
async def stage(make_stored: MakeStage) -> Stage:
    """A connected node, at nine in the evening of its ad account."""
    stage = await make_stored()
    await stage.connect(assets=CERAMICS_ASSETS)
    local = stage.clock.now().astimezone(zone(stage))
    stage.clock.advance(local.replace(hour=21, minute=0, second=0, microsecond=0) + timedelta(days=1) - local)
    async with stage.node.database.writing() as session:
        row: dict[str, Any] = {"campaign_id": CAMPAIGN, "ad_account_id": CERAMICS_ADS}
        row["name"] = "Autumn <b>glazes</b>"
        text = ("objective", "status", "effective_status", "buying_type", "bid_strategy")
        row |= {**dict.fromkeys(text, "x"), "currency": "EUR", "read_at": stage.clock.now()}
        await session.execute(insert(ad_campaigns), row)
    return stage


def zone(stage: Stage) -> ZoneInfo:
    """The ad account's zone."""
    (account,) = [asset for asset in stage.grant().assets if asset.id == CERAMICS_ADS]
    return ZoneInfo(account.timezone or "UTC")


def today(stage: Stage) -> date:
    """The ad account's day."""
    return stage.clock.now().astimezone(zone(stage)).date()


async def ran(stage: Stage, days_ago: int, spend: int, results: int | None) -> None:
    """Store what an ad of the campaign did on a day, and that the day was read."""
    day, now = today(stage) - timedelta(days=days_ago), stage.clock.now()
    row = {"ad_account_id": CERAMICS_ADS, "campaign_id": CAMPAIGN, "ad_set_id": "1", "ad_id": "1", "day": day}
    row |= {**EMPTY, "currency": "EUR", "impressions": 1, "spend_minor": spend, "results": results, "read_at": now}
    async with stage.node.database.writing() as session:
        await session.execute(insert(ad_insights), row)
    await was_read(stage, days_ago)


async def was_read(stage: Stage, days_ago: int, why_not: str = UNFINISHED) -> None:
    """Note that a day was read: to its end, unless it is today."""
    state: CoverageState = "complete" if days_ago else "missing"
    day = today(stage) - timedelta(days=days_ago)
    noted = Coverage(CERAMICS_ADS, AD_DAYS, day, state, "" if days_ago else why_not)
    async with stage.node.database.writing() as session:
        await save_coverage(session, [noted], stage.clock.now())


async def fortnight(stage: Stage) -> None:
    """Two weeks of 100 euros and ten results a day."""
    for days_ago in range(1, 15):
        await ran(stage, days_ago, 10_000, 10)


async def bands(stage: Stage) -> dict[str, Any]:
    """The answer."""
    answer = await call("GET", f"{stage.workflows}/ads/bands", key=await stage.key("workflows"))
    assert answer.status == 200, answer.text
    body: dict[str, Any] = answer.body
    return body


async def test_a_usual_day_is_within(stage: Stage) -> None:
    """Both measures, with what is usual of them; nothing is to be told."""
    await fortnight(stage)
    await ran(stage, 0, 9_000, 9)
    found = await bands(stage)
    (account,) = found["accounts"]
    assert [(each["name"], each["value"], each["state"]) for each in account["measures"]] == [
        ("spend", 9_000, "within"),
        ("cost_per_result", 1_000, "within"),
    ]
    assert account["measures"][0]["band"] == {"usual": 10_000.0, "low": 5_000.0, "high": 15_000.0}
    assert (account["day"], found["outside"]) == (today(stage).isoformat(), [])


async def test_what_leaves_its_band_is_told_in_words(stage: Stage) -> None:
    """Spend and cost, each with a key that stays the same all day, and names without markup."""
    await fortnight(stage)
    await ran(stage, 0, 16_000, 2)
    found = await bands(stage)
    spend, cost = found["outside"]
    assert spend["key"] == f"ad_bands:spend:{CERAMICS_ADS}:{today(stage)}:above"
    assert "160.00 EUR spent so far" in spend["text"]
    assert "Usual is 100.00 EUR a day, from 50.00 EUR to 150.00 EUR" in spend["text"]
    assert cost["key"] == f"ad_bands:cost_per_result:{CAMPAIGN}:{today(stage)}:above"
    assert "Autumn b glazes b" in " ".join(cost["title"].replace("/", " ").split())
    stage.clock.advance(timedelta(minutes=30))
    assert [each["key"] for each in (await bands(stage))["outside"]] == [spend["key"], cost["key"]]


async def test_an_evening_without_spend_is_below(stage: Stage) -> None:
    """Although there is no row of today: that today was read says that there was none."""
    await fortnight(stage)
    await was_read(stage, 0)
    (notice,) = (await bands(stage))["outside"]
    assert notice["key"].endswith(":below")


@pytest.mark.parametrize("why_not", [None, "Meta refused"])
async def test_a_day_that_was_not_read_is_not_judged(stage: Stage, why_not: str | None) -> None:
    """Nothing of it is known, which is no sign of anything."""
    await fortnight(stage)
    if why_not is not None:
        await was_read(stage, 0, why_not)
    found = await bands(stage)
    assert (found["accounts"][0]["read_at"], found["accounts"][0]["measures"]) == (None, [])


async def test_days_that_are_missing_are_not_days_without_spend(stage: Stage) -> None:
    """With four days read there is no band, however many days there were."""
    for days_ago in range(1, 5):
        await ran(stage, days_ago, 10_000, 10)
    await ran(stage, 0, 90_000, 0)
    states = {each["state"] for each in (await bands(stage))["accounts"][0]["measures"]}
    assert states == {"unknown"}


async def test_a_campaign_that_counts_no_results_has_no_cost(stage: Stage) -> None:
    """Awareness is after people reached."""
    for days_ago in range(8):
        await ran(stage, days_ago, 10_000, None)
    assert [each["name"] for each in (await bands(stage))["accounts"][0]["measures"]] == ["spend"]


async def test_it_takes_the_scope_of_workflows(stage: Stage) -> None:
    """No other."""
    answer = await call("GET", f"{stage.workflows}/ads/bands", key=await stage.key("tools:read"))
    assert answer.refusal == (403, "scope_missing")


async def test_no_currency_is_assumed(stage: Stage) -> None:
    """Where the grant names none and nothing was spent, none is told, and nothing is measured."""
    await was_read(stage, 0)
    async with stage.node.database.writing() as session:
        await session.execute(update(connected_assets).values(currency=None))
    (account,) = (await bands(stage))["accounts"]
    assert (account["currency"], account["measures"]) == (None, [])


def run(stage: Stage, workflow: str) -> RunRecord:
    """A run that has read something."""
    now = stage.clock.now()
    return RunRecord(Order("r", workflow, "api"), 1, "complete", now, now, now, 1, 1.0)


async def test_what_is_outside_is_told_after_a_run_that_read_ads(stage: Stage) -> None:
    """Once a day, under the key that n8n's workflow uses too; after other workflows nobody looks."""
    await fortnight(stage)
    await ran(stage, 0, 90_000, 10)
    await collected(stage.node, run(stage, "instagram_daily"))
    assert await stage.rows(notifications) == []
    for _ in range(2):
        await collected(stage.node, run(stage, "ads_hourly"))
    rows = await stage.rows(notifications)
    assert sorted(row["key"].split(":")[:3] for row in rows) == [
        ["workflow", "ad_bands", "cost_per_result"],
        ["workflow", "ad_bands", "spend"],
    ]
    sent = {**(await bands(stage))["outside"][0]}
    answer = await call("POST", f"{stage.workflows}/notifications", key=await stage.key("workflows"), json=sent)
    assert not answer.body["new"]
