"""How old an answer of Instagram's tools may be, what it says of its age, and when Meta is asked instead."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from tests.integration.collection import oracle
from tests.integration.collection.checks import AMPLE, TODAY
from tests.integration.collection.collecting import collect
from tests.integration.mcp.conftest import MakeTools, Tools
from tests.meta_sandbox import CERAMICS, CERAMICS_PAGE, NOW

from freehold.node.collection.days import final_at
from freehold.node.store.coverage.tables import coverage
from freehold.node.store.instagram.tables import instagram_insights, instagram_posts
from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.meta.world.instagram_posts import lifetime

DAYS = [TODAY - timedelta(days=back) for back in range(30, 0, -1)]
TWO_DAYS = timedelta(days=2)
AT = int(NOW.timestamp())


@pytest.fixture
async def tools(make_tools: MakeTools) -> Tools:
    """The tools of a node that holds thirty days of the ceramics company."""
    made = await make_tools("instagram", **AMPLE)
    await made.stage.connect(assets=frozenset({CERAMICS, CERAMICS_PAGE}))
    assert not (await collect(made.stage.node, len(DAYS))).failures
    return made


def calls(tools: Tools) -> int:
    """How many calls Meta has had."""
    return int(tools.stage.meta.sandbox.calls.total())


def world(tools: Tools, days: list[Any]) -> dict[oracle.Key, float]:
    """What the sandbox's world says of the account's days."""
    return oracle.account_insights(oracle.feed_of(tools.stage.meta.sandbox, CERAMICS), days, tools.stage.clock.now())


def shown(answer: dict[str, Any], metric: str) -> dict[str, Any]:
    """One metric of an answer."""
    found: dict[str, Any] = next(each for each in answer["metrics"] if each["metric"] == metric)
    return found


async def test_an_answer_is_as_old_as_the_oldest_of_what_it_rests_on(tools: Tools) -> None:
    """One day that was read a week before the others makes the whole answer that old; one post likewise."""
    old = NOW - timedelta(days=7)
    first = media_id(oracle.measured(oracle.feed_of(tools.stage.meta.sandbox, CERAMICS), NOW)[0])
    async with tools.stage.node.database.writing() as session:
        await session.execute(update(coverage).where(coverage.c.day == DAYS[10]).values(read_at=old))
        await session.execute(
            update(instagram_posts).where(instagram_posts.c.post_id == first).values(insights_read_at=old, read_at=old)
        )
    told = await tools.both("get_account_insights", metrics=["views"])
    best = await tools.both("top_posts", days=180)
    listed = await tools.both("list_media", limit=100)

    assert told["source"] == "stored"
    assert {each["as_of"][:10] for each in (told, best, listed)} == {str(old.date())}


async def test_numbers_without_a_fraction_are_integers(tools: Tools) -> None:
    """6543, not 6543.0: over the protocol, over REST, and in what is computed."""
    told = await tools.both("get_account_insights", metrics=["views"])
    days = [each["value"] for each in shown(told, "views")["values"]]
    grown = await tools.both("follower_growth", days=14)
    best = await tools.both("top_posts", metric="reach")
    raw = (await tools.rest("get_media_insights", media_id=best["posts"][0]["id"])).text

    assert {type(each) for each in (*days, shown(told, "views")["total"], grown["new"], best["posts"][0]["value"])} == {
        int
    }
    assert ".0," not in raw
    assert ".0}" not in raw


async def test_every_answer_about_days_names_their_zone_and_what_is_missing(tools: Tools) -> None:
    """In that of Los Angeles, where Instagram's days end; a day that is not there is named by each of them."""
    lost = DAYS[-5]
    async with tools.stage.node.database.writing() as session:
        for table in (instagram_insights, coverage):
            await session.execute(table.delete().where(table.c.day == lost))
    for name, asked in (
        ("get_account_insights", {"metrics": ["follower_count"]}),
        ("follower_growth", {"days": 20}),
        ("get_online_followers", {"days": 20}),
    ):
        told = await tools.both(name, **asked)
        assert told["time_zone"] == "America/Los_Angeles"
        assert told["completeness"]["complete"] is False
        (gap,) = told["completeness"]["gaps"]
        assert (gap["state"], gap["first"], gap["last"]) == ("not_read", str(lost), str(lost))
    people = await tools.both("get_audience_demographics")
    parts = await tools.both("get_account_insights", metrics=["reach"], breakdown="follow_type")
    assert people["time_zone"] == parts["time_zone"] == "America/Los_Angeles"
    assert parts["completeness"] == {"complete": True, "gaps": []}


async def test_days_that_may_have_changed_are_asked_for_again(tools: Tools) -> None:
    """Two days later, without a collection: those that were not final, and those since, come from Meta; others do not.

    Whoever allows older values is answered from the store, and told what is missing.
    """
    tools.stage.clock.advance(TWO_DAYS)
    before, newest = calls(tools), TODAY + timedelta(days=1)
    told = await tools.ask("get_account_insights", metrics=["views", "reach"], since=str(DAYS[5]))
    asked = calls(tools) - before
    older = await tools.both("get_account_insights", metrics=["views"], since=str(DAYS[5]), max_age_minutes=5_000)

    days = [DAYS[5] + timedelta(days=place) for place in range((newest - DAYS[5]).days + 1)]
    expected = world(tools, days)
    due = [day for day in days if final_at(day) > NOW]
    assert (told["source"], told["last"]) == ("live", str(newest))
    assert told["completeness"] == {"complete": True, "gaps": []}
    for name in ("views", "reach"):
        values = {each["day"]: each["value"] for each in shown(told, name)["values"]}
        assert values == {str(day): expected[CERAMICS, name, "day", "", "", day] for day in days}
    assert asked == 1 + len(due) <= 5
    assert older["source"] == "stored"
    assert [(gap["first"], gap["last"]) for gap in older["completeness"]["gaps"]] == [(str(TODAY), str(newest))]
    assert calls(tools) == before + asked


async def test_an_age_of_nought_asks_meta(tools: Tools) -> None:
    """For thirty days as one; for more, it is refused, and said what can be done."""
    before = calls(tools)
    told = await tools.both("get_account_insights", metrics=["views", "reach"], max_age_minutes=0)
    refused = await tools.error("get_account_insights", metrics=["views"], since="2026-08-01", max_age_minutes=0)

    expected = world(tools, DAYS[-28:])
    assert calls(tools) == before + 4
    assert told["source"] == "live"
    assert shown(told, "views")["total"] == sum(expected[CERAMICS, "views", "day", "", "", day] for day in DAYS[-28:])
    assert "as one" in shown(told, "views")["note"]
    assert told["completeness"]["complete"] is True
    assert refused["code"] == "window_too_long"
    assert "max_age_minutes" in refused["hint"]


TOOLS: dict[str, dict[str, Any]] = {
    "get_profile": {},
    "list_media": {"limit": 5},
    "get_audience_demographics": {"breakdown": "gender"},
    "get_online_followers": {"days": 20},
    "get_account_insights": {"metrics": ["reach"], "breakdown": "follow_type"},
    "get_stories": {},
}


async def test_what_is_too_old_is_asked_of_meta(tools: Tools) -> None:
    """Fresh by default after a collection; after eight days not any more, unless older values are allowed.

    Stories that are live now are not among those of eight days ago, however old they may be.
    """
    fresh = {tool: (await tools.both(tool, **asked))["source"] for tool, asked in TOOLS.items()}
    tools.stage.clock.advance(timedelta(days=8))
    before = calls(tools)
    allowed = {
        tool: (await tools.ask(tool, **asked, max_age_minutes=60 * 24 * 20))["source"] for tool, asked in TOOLS.items()
    }
    asked_for_stories = calls(tools) - before
    stale = {tool: await tools.ask(tool, **asked) for tool, asked in TOOLS.items()}

    assert set(fresh.values()) == {"stored"}
    assert allowed == {**dict.fromkeys(TOOLS, "stored"), "get_stories": "live"}
    assert asked_for_stories == 1
    assert {each["source"] for each in stale.values()} == {"live"}
    rests_on_older = {tool for tool, each in stale.items() if each["as_of"].startswith(str(TODAY))}
    assert rests_on_older == {"get_online_followers"}


async def test_a_post_is_asked_for_when_its_reading_is_old(tools: Tools) -> None:
    """Its values and its counts are then those of now."""
    post = oracle.measured(oracle.feed_of(tools.stage.meta.sandbox, CERAMICS), NOW)[0]
    tools.stage.clock.advance(TWO_DAYS)
    now = int(tools.stage.clock.now().timestamp())
    told = await tools.both("get_media_insights", media_id=media_id(post), history=True)
    details = await tools.both("get_media_details", media_id=media_id(post))
    older = await tools.both("get_media_insights", media_id=media_id(post), max_age_minutes=5_000)

    assert (told["source"], details["source"], older["source"]) == ("live", "live", "stored")
    assert shown(told, "views")["value"] == lifetime(post, now)["views"]
    assert shown(told, "views")["history"] == [{"day": str(TODAY), "value": lifetime(post, AT)["views"]}]
    assert shown(older, "views")["value"] == lifetime(post, AT)["views"]


async def test_what_meta_tells_no_more_is_told_as_it_was(tools: Tools) -> None:
    """A post that is gone, and a story that is over, have their last values, however old; a live story's age sooner."""
    feed = oracle.feed_of(tools.stage.meta.sandbox, CERAMICS)
    post, story = media_id(oracle.measured(feed, NOW)[0]), media_id(oracle.stories(feed, NOW)[0])
    async with tools.stage.node.database.writing() as session:
        gone = update(instagram_posts).where(instagram_posts.c.post_id == post)
        await session.execute(gone.values(gone_at=NOW))
    tools.stage.clock.advance(timedelta(hours=2))
    live = await tools.both("get_media_insights", media_id=story)
    tools.stage.clock.advance(timedelta(days=9))
    before = calls(tools)
    told = {each: await tools.both("get_media_insights", media_id=each) for each in (post, story)}
    details = await tools.both("get_media_details", media_id=post)

    assert live["source"] == "live"
    assert {each["source"] for each in told.values()} == {"stored"}
    assert shown(told[post], "reach")["value"] > 0
    assert details["post"]["gone_at"][:10] == str(TODAY)
    assert calls(tools) == before


@pytest.mark.parametrize("period", ["week", "days_28"])
async def test_the_people_of_a_week_are_one_number_that_says_of_which_days(tools: Tools, period: str) -> None:
    """And where they are not known, that is said too: a bare nothing would be read as nought."""
    last = next(day for day in reversed(DAYS) if period == "week" or day == DAYS[-1])
    told = await tools.both(
        "get_account_insights", metrics=["reach"], period=period, metric_type="total_value", until=str(last)
    )
    (reach,) = told["metrics"]
    first = last - timedelta(days={"week": 6, "days_28": 27}[period])

    assert str(first) in reach["note"]
    assert str(last) in reach["note"]
    asked = await tools.both(
        "get_account_insights",
        metrics=["reach"],
        period=period,
        metric_type="total_value",
        since=str(last),
        until=str(last),
        max_age_minutes=0,
    )
    assert asked["metrics"][0]["total"] == world(tools, DAYS)[CERAMICS, "reach", period, "", "", last]
    assert reach.get("total") in {None, asked["metrics"][0]["total"]}
    assert ("total" in reach) or "not known" in reach["note"]


async def test_a_breakdown_is_of_the_days_that_are_asked_for(tools: Tools) -> None:
    """Other days are not answered with the newest thirty; more than thirty are refused."""
    since, until = str(DAYS[10]), str(DAYS[16])
    told = await tools.both(
        "get_account_insights", metrics=["reach"], breakdown="follow_type", since=since, until=until
    )
    newest = await tools.both("get_account_insights", metrics=["reach"], breakdown="follow_type")
    named = await tools.both(
        "get_account_insights", metrics=["reach"], breakdown="follow_type", since=str(DAYS[0]), until=str(DAYS[-1])
    )
    refused = await tools.error(
        "get_account_insights", metrics=["reach"], breakdown="follow_type", since="2026-09-01", until=until
    )

    assert (told["first"], told["last"], told["source"]) == (since, until, "live")
    assert told["metrics"][0]["parts"] != newest["metrics"][0]["parts"]
    assert (named["source"], named["metrics"]) == ("stored", newest["metrics"])
    assert refused["code"] == "window_too_long"
