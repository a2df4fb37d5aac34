"""What is stored and fresh is answered without a call, and says the same as Meta would."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, FULL_ACCESS
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode
from tests.integration.mcp.conftest import Tools, tools_of, without
from tests.integration.node.conftest import CERAMICS_ASSETS
from tests.meta_sandbox import CERAMICS_ADS

from freehold.node.store.ads.tables import ad_campaigns
from freehold.node.store.ads.tables import ads as ads_table
from freehold.node.store.coverage.tables import coverage

DAYS = 8
LISTS: list[tuple[str, str, dict[str, Any]]] = [
    ("get_campaigns", "campaigns", {"limit": 100}),
    ("get_adsets", "adsets", {"limit": 100}),
    ("get_ads", "ads", {"limit": 100}),
    ("get_insights", "rows", {"time_range": "last_7d", "level": "account"}),
    ("get_insights", "rows", {"time_range": "last_7d", "level": "campaign", "limit": 100}),
    ("get_insights", "rows", {"time_range": "last_7d", "level": "ad", "limit": 100}),
    ("get_insights", "rows", {"time_range": "yesterday", "level": "ad", "time_increment": "daily", "limit": 100}),
]
OURS = {"source", "as_of", "next_cursor"}


@pytest.fixture
async def ads(make_node: MakeNode, serve: Serve) -> Tools:
    """Meta Ads over a node that has just collected the ads of its client."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    tools = await tools_of(make_node, meta, serve, "meta_ads", **AMPLE)
    await tools.stage.connect(assets=frozenset(CERAMICS_ASSETS & {CERAMICS_ADS}))
    await collect(tools.stage.node, DAYS)
    return tools


def sorted_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in one order, whichever they came in."""
    return sorted(rows, key=lambda row: (row["id"], str(row.get("date_start"))))


async def test_the_store_says_what_meta_says_and_costs_no_call(ads: Tools) -> None:
    """Lists and results alike, down to each figure; asked for something newer, Meta is asked."""
    for tool, name, arguments in LISTS:
        ads.stage.meta.sandbox.calls.clear()
        stored = (await ads.rest(tool, **arguments)).body
        assert stored["source"] == "stored", (tool, arguments)
        assert not ads.stage.meta.sandbox.calls
        live = (await ads.rest(tool, **arguments, max_age_minutes=0)).body
        assert live["source"] == "live"
        assert sorted_rows(stored[name]) == sorted_rows(live[name]), (tool, arguments)
        assert without(stored, {*OURS, name}) == without(live, {*OURS, name})


async def test_the_period_that_is_asked_for_by_default_is_stored(ads: Tools) -> None:
    """Four whole weeks: results without any argument cost no call."""
    await collect(ads.stage.node, 29)
    ads.stage.meta.sandbox.calls.clear()
    for level in ("account", "campaign", "adset", "ad"):
        told = (await ads.rest("get_insights", level=level)).body
        assert (told["source"], told["since"]) == ("stored", "2026-10-26")
    assert not ads.stage.meta.sandbox.calls


async def test_what_is_too_old_is_asked_of_meta(ads: Tools) -> None:
    """An hour for lists by default, a day for results of finished days."""
    ads.stage.clock.advance(timedelta(hours=2))
    assert (await ads.rest("get_campaigns")).body["source"] == "live"
    assert (await ads.rest("get_campaigns", max_age_minutes=600)).body["source"] == "stored"
    assert (await ads.rest("get_insights", time_range="last_7d")).body["source"] == "stored"


async def test_what_the_store_cannot_tell_is_asked_of_meta(ads: Tools) -> None:
    """Today, windows whose reach was not read, parts, other attribution, and days that were never read."""
    asked: list[dict[str, Any]] = [
        {"time_range": "today"},
        {"time_range": "last_3d"},
        {"time_range": "last_7d", "breakdown": "age"},
        {"time_range": "last_7d", "action_attribution_windows": ["1d_click"]},
        {"time_range": "last_90d"},
    ]
    for arguments in asked:
        answer = await ads.rest("get_insights", **arguments)
        assert answer.body["source"] == "live", arguments
    day = await ads.rest("get_insights", time_range="today")
    assert day.body["includes_today"] is True


async def test_a_stored_list_goes_on_in_the_store(ads: Tools) -> None:
    """Its pages hold everything once, and stay in the store even when that grows too old meanwhile."""
    whole = (await ads.rest("get_ads", limit=100)).body["ads"]
    found, after = [], None
    while True:
        page = (await ads.rest("get_ads", limit=7, **({"after": after} if after else {}))).body
        assert page["source"] == "stored"
        found += page["ads"]
        after = page.get("next_cursor")
        if after is None:
            break
        ads.stage.clock.advance(timedelta(minutes=30))
    assert [ad["id"] for ad in found] == [ad["id"] for ad in whole]
    assert len({ad["id"] for ad in found}) == len(found)


async def test_objects_that_nobody_saw_are_named(ads: Tools) -> None:
    """A campaign without a row is no row of noughts: it stands beside, with its status."""
    told = (await ads.rest("get_insights", time_range="last_7d", level="ad", limit=100)).body
    listed = (await ads.rest("get_ads", limit=100)).body["ads"]
    seen = {row["id"] for row in told["rows"]}
    assert {each["id"] for each in told["without_delivery"]} == {ad["id"] for ad in listed} - seen
    assert told["without_delivery_total"] == len(told["without_delivery"])
    page = (await ads.rest("get_insights", time_range="last_7d", level="ad", limit=1)).body
    assert page["complete"] is False
    assert page["without_delivery"] == told["without_delivery"]
    campaign_id = listed[0]["campaign_id"]
    below = (await ads.rest("get_insights", campaign_id=campaign_id, level="ad", time_range="last_7d")).body
    own = {ad["id"] for ad in listed if ad["campaign_id"] == campaign_id}
    assert {row["id"] for row in below["rows"]} | {each["id"] for each in below["without_delivery"]} == own


async def test_what_was_made_after_the_window_is_not_missing_from_it(ads: Tools) -> None:
    """An ad that was not there yet did not fail to be shown."""
    told = (await ads.rest("get_insights", time_range="last_7d", level="ad", limit=100)).body
    missing = told["without_delivery"][0]["id"]
    node = ads.stage.node
    async with node.database.writing() as session:
        await session.execute(update(ads_table).where(ads_table.c.ad_id == missing).values(created_at=node.clock.now()))
    later = (await ads.rest("get_insights", time_range="last_7d", level="ad", limit=100)).body
    assert missing not in {each["id"] for each in later["without_delivery"]}


async def test_where_delivery_was_not_looked_at_it_is_said(ads: Tools) -> None:
    """No empty list stands for what was not worked out: parts of a list, a whole account, an account never listed."""
    page = (await ads.rest("get_insights", time_range="last_7d", level="ad", limit=1, max_age_minutes=0)).body
    account = (await ads.rest("get_insights", time_range="last_7d")).body
    async with ads.stage.node.database.writing() as session:
        await session.execute(delete(coverage).where(coverage.c.metric == "ads"))
    fresh = (await ads.rest("get_insights", time_range="last_7d", level="ad", limit=100)).body
    for answer, reason in ((page, "part of the list"), (account, "as a whole"), (fresh, "not listed")):
        assert "without_delivery" not in answer
        assert reason in answer["without_delivery_unknown"]


async def test_the_last_page_is_the_end_of_the_list(ads: Tools) -> None:
    """Of the store and of Meta: `complete` says whether the list ends here."""
    for age in ({}, {"max_age_minutes": 0}):
        told: list[dict[str, Any]] = []
        ends: list[bool] = []
        after = None
        while not ends or after:
            page = (
                await ads.rest(
                    "get_insights",
                    time_range="last_7d",
                    level="campaign",
                    limit=2,
                    **age,
                    **({"after": after} if after else {}),
                )
            ).body
            told += page["rows"]
            ends.append(page["complete"])
            after = page.get("next_cursor")
        assert ends == [False] * (len(ends) - 1) + [True]
        assert len(ends) > 1
        assert len({row["id"] for row in told}) == len(told)


async def test_figures_that_were_read_anew_end_their_list(ads: Tools) -> None:
    """Pages of two readings would not add up."""
    first = (await ads.rest("get_insights", time_range="last_7d", level="ad", limit=2)).body
    async with ads.stage.node.database.writing() as session:
        newer = coverage.c.metric.in_(("ad_insights", "ad_reach:ad:7d"))
        await session.execute(
            update(coverage).where(newer).values(read_at=ads.stage.node.clock.now() + timedelta(minutes=1))
        )
    told = await ads.rest("get_insights", time_range="last_7d", level="ad", limit=2, after=first["next_cursor"])
    assert (told.status, told.body["code"]) == (409, "list_changed")


async def test_a_list_that_grows_meanwhile_loses_and_repeats_nothing(ads: Tools) -> None:
    """What is new or gone on a page before moves nothing on the pages after."""
    whole = [ad["id"] for ad in (await ads.rest("get_ads", limit=100)).body["ads"]]
    first = (await ads.rest("get_ads", limit=3)).body
    async with ads.stage.node.database.writing() as session:
        await session.execute(delete(ads_table).where(ads_table.c.ad_id == whole[0]))
    second = (await ads.rest("get_ads", limit=3, after=first["next_cursor"])).body
    assert [ad["id"] for ad in (*first["ads"], *second["ads"])] == whole[:6]


async def test_a_row_whose_name_is_not_stored_is_asked_of_meta(ads: Tools) -> None:
    """It bears neither the account's name nor a result of no objective."""
    async with ads.stage.node.database.writing() as session:
        await session.execute(delete(ad_campaigns))
    told = (await ads.rest("get_insights", time_range="last_7d", level="campaign", limit=100)).body
    assert told["source"] == "live"
    assert all(row["name"] and row["name"] != {"untrusted_text": "Ceramics"} for row in told["rows"])


async def test_the_catalogue_of_targeting_is_asked_for_once_a_day(ads: Tools) -> None:
    """The same search costs one call; `as_of` says when that was."""
    ads.stage.meta.sandbox.calls.clear()
    first = (await ads.rest("search_interests", query="a")).body
    ads.stage.clock.advance(timedelta(hours=23))
    again = (await ads.rest("search_interests", query="a")).body
    assert again == first
    assert sum(ads.stage.meta.sandbox.calls.values()) == 1
    ads.stage.clock.advance(timedelta(hours=2))
    assert (await ads.rest("search_interests", query="a")).body["as_of"] > first["as_of"]


async def test_an_answer_from_the_store_is_quick(ads: Tools) -> None:
    """Ten at once do not wait for each other's calls: there are none."""
    ads.stage.meta.sandbox.calls.clear()
    answers = await asyncio.gather(*(ads.rest("get_campaigns") for _ in range(10)))
    assert {answer.status for answer in answers} == {200}
    assert not ads.stage.meta.sandbox.calls
