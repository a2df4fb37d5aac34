"""Instagram's tools over a node that has collected: their numbers are those of the sandbox's world."""

from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from sqlalchemy import delete, update
from tests.integration.collection import oracle
from tests.integration.collection.checks import AMPLE, TODAY
from tests.integration.collection.collecting import collect
from tests.integration.mcp.conftest import MakeTools, Tools
from tests.meta_sandbox import CERAMICS, CERAMICS_PAGE, NOW

from freehold.node.analysis.results import Result, beside_all, format_of
from freehold.node.store.coverage.tables import coverage
from freehold.node.store.instagram.tables import instagram_insights, instagram_posts
from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.meta.world.instagram_feed import Feed, followers_at
from freehold.sandbox.meta.world.instagram_posts import Post, lifetime
from freehold.sandbox.meta.world.instagram_words import caption

AT = int(NOW.timestamp())
DAYS = [TODAY - timedelta(days=back) for back in range(30, 0, -1)]
A_MONTH = DAYS[-28:]


@pytest.fixture
async def tools(make_tools: MakeTools, database_url: str) -> Tools:
    """The tools of a node that holds thirty days of the ceramics company, on SQLite and on PostgreSQL."""
    made = await make_tools("instagram", **AMPLE, database_url=database_url)
    await made.stage.connect(assets=frozenset({CERAMICS, CERAMICS_PAGE}))
    run = await collect(made.stage.node, len(DAYS))
    assert not run.failures
    return made


def feed_of(tools: Tools) -> Feed:
    """What the world says of the ceramics company."""
    return oracle.feed_of(tools.stage.meta.sandbox, CERAMICS)


def kind(post: Post) -> str:
    """What people call its format."""
    return format_of(post.media_type, post.product_type)


def at(post: Post) -> datetime:
    """When it was published."""
    return datetime.fromtimestamp(post.at, UTC)


def shown(answer: dict[str, Any], metric: str) -> dict[str, Any]:
    """One metric of an answer."""
    found: dict[str, Any] = next(each for each in answer["metrics"] if each["metric"] == metric)
    return found


async def test_an_accounts_days_are_the_worlds(tools: Tools) -> None:
    """Each value, and the sum where days may be summed; reach has none, and says why."""
    world = oracle.account_insights(feed_of(tools), DAYS, NOW)
    names = ["views", "reach", "total_interactions", "profile_views", "follower_count"]
    told = await tools.both("get_account_insights", metrics=names)

    assert (told["source"], told["completeness"]) == ("stored", {"complete": True, "gaps": []})
    for name in names:
        expected = {str(day): world[CERAMICS, name, "day", "", "", day] for day in A_MONTH}
        assert {each["day"]: each["value"] for each in shown(told, name)["values"]} == expected
        assert shown(told, name).get("total") == (None if name == "reach" else sum(expected.values()))
    assert "not summed" in shown(told, "reach")["note"]

    week = await tools.ask("get_account_insights", metrics=["reach", "views"], period="week", since=str(DAYS[-1]))
    union = world[CERAMICS, "reach", "week", "", "", DAYS[-1]]
    stored = {each["value"] for each in shown(week, "reach")["values"]}
    assert stored <= {union}
    assert "period day" in shown(week, "views")["note"]


async def test_a_breakdown_is_the_worlds(tools: Tools) -> None:
    """The thirty days by who follows."""
    world = oracle.breakdowns(feed_of(tools), DAYS[-1], NOW)
    told = await tools.both("get_account_insights", metrics=["reach", "follows_and_unfollows"], breakdown="follow_type")

    for name in ("reach", "follows_and_unfollows"):
        parts = {each["part"]: each["value"] for each in shown(told, name)["parts"]}
        assert parts == {
            key[4]: value for key, value in world.items() if (key[1], key[3]) == (name, "follow_type") and value
        }
    refused = await tools.error("get_account_insights", metrics=["views"], breakdown="follow_type")
    assert refused["code"] == "breakdown_unsupported"


async def test_a_retired_metric_is_answered_with_what_took_its_place(tools: Tools) -> None:
    """Beside those that there are; a name that never was is refused with those that may be asked for."""
    told = await tools.both("get_account_insights", metrics=["impressions", "views"], metric_type="total_value")

    assert told["retired"] == [{"metric": "impressions", "since": "2025-04-21", "use_instead": "views"}]
    assert [each["metric"] for each in told["metrics"]] == ["views"]
    assert "values" not in shown(told, "views")
    refused = await tools.error("get_account_insights", metrics=["wiews"])
    assert refused["code"] == "metric_unknown"
    assert "total_interactions" in refused["hint"]
    too_much = await tools.error("get_account_insights", since="2025-01-01")
    assert too_much["code"] == "answer_too_large"


async def test_a_missing_day_is_named_and_makes_no_sum_smaller(tools: Tools) -> None:
    """What was never read, and what Meta failed to give, are told apart."""
    async with tools.stage.node.database.writing() as session:
        lost = (A_MONTH[3], A_MONTH[4])
        await session.execute(delete(instagram_insights).where(instagram_insights.c.day.in_(lost)))
        await session.execute(delete(coverage).where(coverage.c.day == lost[0]))
        missing = {"state": "missing", "reason": "Meta failed"}
        await session.execute(coverage.update().where(coverage.c.day == lost[1]).values(missing))
    told = await tools.both("get_account_insights", metrics=["views"])

    assert told["completeness"]["complete"] is False
    assert [(gap["state"], gap["first"], gap.get("reason")) for gap in told["completeness"]["gaps"]] == [
        ("missing", str(lost[1]), "Meta failed"),
        ("not_read", str(lost[0]), None),
    ]
    assert "total" not in shown(told, "views")


async def test_pages_hold_every_post_of_the_world(tools: Tools) -> None:
    """Once each, newest first, whatever the page; others' words are marked as such."""
    found, after = list[dict[str, Any]](), dict[str, Any]()
    while True:
        page = await tools.ask("list_media", limit=100, **after)
        found += page["posts"]
        if "next_cursor" not in page:
            break
        after = {"after": page["next_cursor"]}

    world = oracle.published(feed_of(tools), NOW)
    assert [each["id"] for each in found] == [media_id(post) for post in world]
    assert found[0]["caption"] == {"untrusted_text": caption(world[0])}
    assert (await tools.error("list_media", limit=99, **after))["code"] == "cursor_invalid"


async def test_a_post_has_the_worlds_values(tools: Tools) -> None:
    """Of every metric of its kind, with a history by day, and beside what is usual for its format."""
    feed = feed_of(tools)
    post = next(each for each in oracle.measured(feed, NOW) if kind(each) == "reel" and NOW - at(each) > timedelta(3))
    world = lifetime(post, AT)
    told = await tools.both("get_media_insights", media_id=media_id(post), history=True)
    performed = await tools.both("post_performance", media_id=media_id(post))
    details = await tools.both("get_media_details", media_id=media_id(post))

    assert {each["metric"]: each["value"] for each in told["metrics"]} == {
        name: world[name] for name in (*oracle.POST_METRICS, *oracle.EXTRAS["REELS"])
    }
    assert shown(told, "reach")["history"] == [{"day": str(TODAY), "value": world["reach"]}]
    since = at(post) - timedelta(days=180)
    others = [each for each in oracle.measured(feed, NOW) if kind(each) == "reel" and since <= at(each) < at(post)]
    reach = [lifetime(each, AT)["reach"] for each in others]
    assert shown(performed, "reach")["usual"] == median(reach)
    assert shown(performed, "reach")["compared"] == len(others)
    assert shown(performed, "reach")["better_than"] == round(
        sum(value < world["reach"] for value in reach) / len(reach), 4
    )
    assert details["post"]["caption"] == {"untrusted_text": caption(post)}
    gone = await tools.ask("get_media_insights", media_id=media_id(post), metrics=["plays", "navigation"])
    assert gone["retired"][0]["use_instead"] == "views"
    assert gone["not_available"] == ["navigation"]


async def test_the_best_posts_and_the_advice_are_the_worlds_arithmetic(tools: Tools) -> None:
    """The ranking, the sizes of the groups and their medians are those of the world's own results; twice the same."""
    recent = [post for post in oracle.measured(feed_of(tools), NOW) if NOW - at(post) <= timedelta(days=180)]
    told = await tools.both("top_posts", metric="reach", days=180, limit=5)
    formats = await tools.both("format_performance", days=180)
    advised = await tools.both("recommend_content", days=180)

    ranked = sorted(recent, key=lambda post: lifetime(post, AT)["reach"], reverse=True)
    assert [each["id"] for each in told["posts"]] == [media_id(post) for post in ranked[:5]]
    ripe = [post for post in recent if NOW - at(post) >= timedelta(days=3)]
    world = [Result(media_id(post), at(post), kind(post), lifetime(post, AT)["reach"]) for post in recent]
    ratios = {each.result.post_id: each.ratio for each in beside_all(world, NOW).relative}
    for group in formats["groups"]:
        mine = [ratios[media_id(post)] for post in ripe if kind(post) == group["group"]]
        assert group["posts"] == len(mine)
        assert group["ratio"] == round(median(mine), 4)
        assert group["low"] <= group["ratio"] <= group["high"]
        assert (group["beats"] > 0.5) is (group["verdict"] == "better") or group["verdict"] == "no_difference_shown"
    assert all(group["posts"] < 8 for group in formats["too_small"])
    assert formats["too_young"] == len(recent) - len(ripe)
    first = advised["recommendations"][0]
    assert (first["evidence"]["group"], first["kind"]) == ("reel", "format")
    assert str(first["evidence"]["posts"]) in first["because"]
    assert await tools.ask("recommend_content", days=180) == advised


async def test_a_post_that_is_gone_is_not_among_the_best(tools: Tools) -> None:
    """Its link leads nowhere; how many are gone is told, and statistics go on to know what they reached."""
    before = await tools.ask("top_posts", metric="reach", days=180, limit=3)
    first, *rest = before["posts"]
    async with tools.stage.node.database.writing() as session:
        gone = update(instagram_posts).where(instagram_posts.c.post_id == first["id"])
        await session.execute(gone.values(gone_at=NOW))
    told = await tools.both("top_posts", metric="reach", days=180, limit=2)
    formats = await tools.both("format_performance", days=180)

    assert (told["posts"], told["gone"], told["compared"]) == (rest, 1, before["compared"] - 1)
    assert formats["posts"] + formats["too_young"] + formats["not_comparable"] == before["compared"]


async def test_hours_are_those_of_the_time_zone_that_is_named(tools: Tools) -> None:
    """Groups hold the same posts in another clock's hours; a zone that is none is refused."""
    recent = [post for post in oracle.measured(feed_of(tools), NOW) if NOW - at(post) <= timedelta(days=729)]
    told = await tools.both("best_posting_times", days=729, slot_hours=6, time_zone="Etc/GMT-6")

    assert told["time_zone"] == "Etc/GMT-6"
    expected: dict[str, int] = {}
    for post in recent:
        if NOW - at(post) >= timedelta(days=3):
            hour = (at(post).hour + 6) % 24 // 6 * 6
            expected[f"{hour:02}:00-{hour + 6:02}:00"] = expected.get(f"{hour:02}:00-{hour + 6:02}:00", 0) + 1
    groups = {each["group"]: each["posts"] for each in told["groups"] + told["too_small"] if each["feature"] == "hours"}
    assert groups == expected
    assert (await tools.error("best_posting_times", time_zone="Nowhere/Land"))["code"] == "time_zone_unknown"


async def test_the_audience_is_the_worlds(tools: Tools) -> None:
    """Who they are, when they are online, and how many came."""
    feed = feed_of(tools)
    people = await tools.both("get_audience_demographics", breakdown="country", limit=45)
    online = await tools.both("get_online_followers", days=20)
    grown = await tools.both("follower_growth", days=28)

    world = oracle.demographics(feed, TODAY, NOW)
    assert {each["part"]: each["value"] for each in people["parts"]} == {
        key[4]: value for key, value in world.items() if (key[1], key[3]) == ("follower_demographics", "country")
    }
    assert sum(each["share"] for each in people["parts"]) == pytest.approx(1.0, abs=0.01)
    hours = oracle.online(feed, DAYS[-20:])
    assert online["days_known"] == 20
    assert online["hours"][7]["followers"] == median(hours[key] for key in hours if key[4] == "07")
    account = oracle.account_insights(feed, DAYS, NOW)
    new = [account[CERAMICS, "follower_count", "day", "", "", day] for day in A_MONTH]
    assert (grown["new"], grown["days_known"], grown["per_day"]["value"]) == (sum(new), 28, median(new))
    assert grown["followers_now"] == followers_at(feed, AT)


async def test_a_story_that_is_over_is_still_told_of(tools: Tools) -> None:
    """Three days later Meta shows it no more; the node has what it read last."""
    feed = feed_of(tools)
    live = oracle.stories(feed, NOW)
    values = oracle.story_insights(feed, TODAY, NOW)
    now = await tools.both("get_stories")
    tools.stage.clock.advance(timedelta(days=3))
    later = await tools.both("get_stories", days=7)

    assert [each["id"] for each in now["stories"]] == [media_id(story) for story in live]
    assert all(each["is_live"] for each in now["stories"])
    kept = {each["id"]: each for each in later["stories"]}
    for story in live:
        assert kept[media_id(story)]["is_live"] is False
        assert kept[media_id(story)]["values"]["reach"] == values[media_id(story), "reach", "lifetime", "", "", TODAY]
    retained = await tools.both("story_retention")
    assert retained["stories"] == len(live)
    assert all("share" not in each for each in retained["positions"])


async def test_what_is_stored_is_told_without_meta(tools: Tools) -> None:
    """Also after the person has removed the app: nothing that these tools tell is asked of Meta."""
    before = tools.stage.meta.sandbox.calls.total()
    for name in ("list_media", "get_profile", "get_account_insights", "top_posts", "recommend_content", "get_stories"):
        assert (await tools.rest(name)).status == 200

    assert tools.stage.meta.sandbox.calls.total() == before
