"""Changes explained: the parts are what the sandbox's world says, and add up; what cannot be said is not."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update
from tests.integration.collection import oracle
from tests.integration.mcp.conftest import Tools
from tests.integration.mcp.week import DAYS, FIRST, LAST, WEEK, WEEK_BEFORE, minor, world
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, NOW

from freehold.node.analysis.results import format_of
from freehold.node.store.ads.tables import ad_insights
from freehold.node.store.coverage.tables import coverage
from freehold.sandbox.meta.world.instagram_posts import lifetime


def splits_of(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The splits of an answer by dimension."""
    return {each["dimension"]: each for each in told["splits"]}


def added(split: dict[str, Any]) -> float:
    """All parts of a split together."""
    return float(sum(each["contribution"] for each in split["drivers"]) + split["others"])


def check(split: dict[str, Any], old: dict[str, int], new: dict[str, int], limit: int) -> None:
    """Raise unless the drivers are the largest differences, and all parts are the change."""
    moved = {group: new.get(group, 0) - old.get(group, 0) for group in {*old, *new}}
    assert {each["group"]: each["contribution"] for each in split["drivers"]}.items() <= moved.items()
    sizes = [abs(each["contribution"]) for each in split["drivers"]]
    assert sizes == sorted(map(abs, moved.values()), reverse=True)[:limit]
    assert added(split) == split["change"] == sum(moved.values())


async def test_spend_moved_as_the_campaigns_did(insights: Tools) -> None:
    """Each part is the difference of the sandbox's own sums, the largest first, and all of them are the change."""
    weeks = []
    for days in (WEEK_BEFORE, WEEK):
        rows = await world(insights, "campaign", days=days)
        weeks.append({row["campaign_id"]: minor(row["spend"]) for row in rows})
    insights.stage.meta.sandbox.calls.clear()
    told = await insights.both("explain_change", metric="spend_minor", period=WEEK, limit=2)
    assert not insights.stage.meta.sandbox.calls
    assert (told["before"], told["now"]) == tuple(sum(each.values()) for each in weeks)
    assert (told["currency"], told["complete"]) == ("USD", True)
    split = splits_of(told)["campaign"]
    check(split, weeks[0], weeks[1], limit=2)
    assert set(told["names"]["campaign"][split["drivers"][0]["group"]]) == {"untrusted_text"}


async def test_a_split_needs_days_of_its_own(insights: Tools) -> None:
    """Placements are read for fewer days than ads: they are told of known days, else left out, which is said."""
    days = [{"since": str(DAYS[first]), "until": str(DAYS[first + 2])} for first in (1, 4)]
    parts = []
    for each in days:
        rows = await world(insights, "account", days=each, breakdowns="publisher_platform")
        parts.append({row["publisher_platform"]: minor(row["spend"]) for row in rows})
    told = await insights.ask("explain_change", metric="spend_minor", period=days[1])
    check(splits_of(told)["platform"], parts[0], parts[1], limit=5)
    assert told["notes"] == []
    weekly = await insights.ask("explain_change", metric="spend_minor", period=WEEK)
    assert splits_of(weekly).keys() == {"campaign", "ad"}
    assert any("left out" in note for note in weekly["notes"])
    asked = await insights.ask("explain_change", metric="spend_minor", period=WEEK, dimensions=["platform"])
    platform = splits_of(asked)["platform"]
    assert not platform["complete"]
    assert platform["not_read"][0]["until"] == str(FIRST - timedelta(days=1))


async def test_a_rate_moved_where_it_was_made_to_move(insights: Tools) -> None:
    """One campaign's clicks tripled: its own rate drove the click rate, its weight did not, and the parts add up."""
    async with insights.stage.node.database.writing() as session:
        of = ad_insights.c
        clicked = select(of.campaign_id).where(of.clicks > 0, of.day.in_(DAYS)).order_by(of.clicks.desc()).limit(1)
        moved = (await session.execute(clicked)).scalar_one()
        planted = update(ad_insights).where(of.campaign_id == moved, of.day.in_(DAYS)).values(clicks=3 * of.clicks)
        await session.execute(planted)
    told = await insights.ask("explain_change", metric="ctr", period=WEEK, dimensions=["campaign"], limit=25)
    (split,) = told["splits"]
    driver = split["drivers"][0]
    assert driver["group"] == moved
    assert driver["by_rate"] > 10 * abs(driver["by_mix"])
    assert driver["contribution"] == pytest.approx(driver["by_rate"] + driver["by_mix"], abs=2e-6)
    assert added(split) == pytest.approx(told["now"] - told["before"], abs=1e-5)


async def test_an_accounts_views_are_told_beside_its_posts(insights: Tools) -> None:
    """The posts of both weeks by format, as the world has them, said to be no part of the account's sum."""
    sandbox = insights.stage.meta.sandbox
    feed, zone = oracle.feed_of(sandbox, CERAMICS), ZoneInfo(oracle.plan_of(sandbox, CERAMICS_ADS).timezone_name)
    views: dict[bool, defaultdict[str, float]] = {True: defaultdict(float), False: defaultdict(float)}
    for post in oracle.measured(feed, NOW):
        day = datetime.fromtimestamp(post.at, UTC).astimezone(zone).date()
        if FIRST - timedelta(days=7) <= day <= LAST:
            gathered = float(lifetime(post, int(NOW.timestamp()))["views"])
            views[day >= FIRST][format_of(post.media_type, post.product_type)] += gathered
    told = await insights.ask("explain_change", metric="account_views", period=WEEK)
    real = oracle.account_insights(feed, [day - timedelta(days=back) for back in (7, 0) for day in DAYS], NOW)
    assert told["now"] == sum(real[CERAMICS, "views", "day", "", "", day] for day in DAYS)
    split = splits_of(told)["format"]
    assert split["metric"] == "post_views"
    assert {each["group"]: each["contribution"] for each in split["drivers"]} == {
        kind: views[True][kind] - views[False][kind] for kind in {*views[True], *views[False]}
    }
    assert any("do not add up" in note for note in told["notes"])
    assert splits_of(told).keys() == {"format", "post"}


async def test_a_day_that_is_not_known_is_no_cause(insights: Tools) -> None:
    """It is named, and no change is told nor parts of one, be it some days or all of a period that are not known."""
    gone = DAYS[3]
    async with insights.stage.node.database.writing() as session:
        await session.execute(delete(ad_insights).where(ad_insights.c.day == gone))
        await session.execute(delete(coverage).where(coverage.c.metric == "ad_insights", coverage.c.day == gone))
    told = await insights.ask("explain_change", metric="impressions", period=WEEK)
    lacking = {"since": str(gone), "until": str(gone), "account_ids": [CERAMICS_ADS]}
    assert (told["complete"], told["not_read"]) == (False, [lacking])
    assert any("not known are" in note for note in told["notes"])
    assert not splits_of(told)["campaign"]["complete"]
    assert {"now", "before"} <= told.keys()
    assert not {"change", "ratio"} & told.keys()
    assert [(each["drivers"], "change" in each) for each in told["splits"]] == [([], False)] * 2
    yearly = await insights.ask("explain_change", metric="impressions", period=WEEK, against="year_before")
    assert "change" not in yearly
    assert [each["drivers"] for each in yearly["splits"]] == [[], [], []], yearly


async def test_money_of_two_currencies_has_no_change(insights: Tools) -> None:
    """Nothing adds them up; what is not money can be explained all the same."""
    async with insights.stage.node.database.writing() as session:
        one = (
            await session.execute(select(ad_insights.c.ad_id).where(ad_insights.c.day == DAYS[0]).limit(1))
        ).scalar_one()
        await session.execute(update(ad_insights).where(ad_insights.c.ad_id == one).values(currency="JPY"))
    refused = await insights.error("explain_change", metric="spend_minor", period=WEEK)
    assert refused["code"] == "currencies_differ"
    told = await insights.ask("explain_change", metric="impressions", period=WEEK, dimensions=["ad"], limit=25)
    (total,) = (await insights.ask("query_metrics", metrics=["impressions"], period=WEEK, limit=1))["rows"][:1]
    assert told["now"] > total["values"]["impressions"]
    assert added(told["splits"][0]) == told["change"]
