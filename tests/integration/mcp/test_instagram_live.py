"""What Instagram's tools ask of Meta: when nothing is stored, and what can only be asked; and what goes wrong then."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from mcp_types import TextContent, TextResourceContents
from tests.integration.collection import oracle
from tests.integration.collection.checks import AMPLE, TODAY
from tests.integration.mcp.conftest import MakeTools, Tools
from tests.integration.node.conftest import call
from tests.meta_sandbox import CERAMICS, CERAMICS_PAGE, MARA, NOW

from freehold.node.assets import confirm_assets
from freehold.node.store.instagram.upserts import save_posts
from freehold.node.vault.tables import meta_credentials
from freehold.providers.meta.instagram import Post as StoredPost
from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.meta.world.instagram_feed import count_until, followers_at
from freehold.sandbox.meta.world.instagram_posts import lifetime, navigation
from freehold.sandbox.meta.world.instagram_words import caption, hashtags
from freehold.sandbox.meta.world.people import instagram_id, page_id

AT = int(NOW.timestamp())
FERN, FERN_PAGE = instagram_id(5), page_id(5)
"""Mara's other account, with 84 followers."""
STORED = ("list_accounts", "top_posts", "format_performance", "best_posting_times", "recommend_content")
A_WEEK = [TODAY - timedelta(days=back) for back in range(7, 0, -1)]


@pytest.fixture
async def tools(make_tools: MakeTools) -> Tools:
    """The tools of a node that is connected and has collected nothing."""
    made = await make_tools("instagram", **AMPLE)
    await made.stage.connect(assets=frozenset({CERAMICS, CERAMICS_PAGE}))
    return made


def feed_of(tools: Tools, account: str = CERAMICS) -> Any:
    """What the world says of an account."""
    return oracle.feed_of(tools.stage.meta.sandbox, account)


async def test_before_the_first_collection_meta_is_asked(tools: Tools) -> None:
    """For the profile, a window of days, people and hours; the source says so, and the numbers are the world's."""
    feed = feed_of(tools)
    profile = await tools.both("get_profile")
    numbers = await tools.both("get_account_insights", metrics=["views", "follower_count"], since=str(A_WEEK[0]))
    people = await tools.both("get_audience_demographics", breakdown="gender")
    online = await tools.both("get_online_followers", days=90)
    grown = await tools.both("follower_growth", days=7)

    assert {each["source"] for each in (profile, numbers, people, online)} == {"live"}
    assert profile["followers"] == followers_at(feed, AT)
    account = oracle.account_insights(feed, A_WEEK, NOW)
    series = {each["metric"]: each for each in numbers["metrics"]}
    assert series["views"]["total"] == sum(account[CERAMICS, "views", "day", "", "", day] for day in A_WEEK)
    new = [account[CERAMICS, "follower_count", "day", "", "", day] for day in A_WEEK]
    assert [each["value"] for each in series["follower_count"]["values"]] == new
    assert grown["new"] == sum(new)
    world = oracle.demographics(feed, TODAY, NOW)
    assert {each["part"]: each["value"] for each in people["parts"]} == {
        key[4]: value for key, value in world.items() if (key[1], key[3]) == ("follower_demographics", "gender")
    }
    assert (online["days_known"], online["first"], online["last"]) == (30, "2026-10-24", str(A_WEEK[-1]))
    (gap,) = online["completeness"]["gaps"]
    assert (gap["state"], gap["last"]) == ("not_read", "2026-10-23")


@pytest.mark.parametrize("name", STORED)
async def test_without_data_the_answer_says_so(tools: Tools, name: str) -> None:
    """Nothing is made up, and Meta is not asked for hundreds of posts."""
    told = await tools.both(name)

    assert not told.get("posts")
    assert not told.get("recommendations")
    if name == "recommend_content":
        assert "There are 0 posts" in told["why_none"]
    if name in {"format_performance", "best_posting_times"}:
        assert "Too few posts: 0" in told["conclusion"]
    assert not tools.stage.meta.sandbox.calls


async def test_posts_are_listed_from_meta_page_by_page(tools: Tools) -> None:
    """Meta's own cursor is not seen in ours."""
    found, after = list[str](), dict[str, Any]()
    for _ in range(3):
        page = await tools.ask("list_media", limit=20, **after)
        assert page["source"] == "live"
        found += [each["id"] for each in page["posts"]]
        after = {"after": page["next_cursor"]}

    assert found == [media_id(post) for post in oracle.published(feed_of(tools), NOW)[:60]]


async def test_a_post_and_a_story_are_read_from_meta(tools: Tools) -> None:
    """With the metrics of their kind; of a live story also how people moved on."""
    feed = feed_of(tools)
    post, story = oracle.measured(feed, NOW)[0], oracle.stories(feed, NOW)[0]
    read = await tools.both("get_media_insights", media_id=media_id(post), account_id=CERAMICS)
    seen = await tools.both("get_media_insights", media_id=media_id(story), max_age_minutes=0)
    stories = await tools.both("get_stories", max_age_minutes=0)

    assert {each["metric"]: each["value"] for each in read["metrics"]}["reach"] == lifetime(post, AT)["reach"]
    assert {each["part"]: each["value"] for each in seen["navigation"]} == navigation(int(lifetime(story, AT)["views"]))
    assert seen["format"] == "story"
    assert [each["id"] for each in stories["stories"]] == [media_id(each) for each in oracle.stories(feed, NOW)]


async def test_a_hashtag_is_searched_and_the_week_s_searches_are_counted(tools: Tools) -> None:
    """The answer tells how many are left; the last is refused with what to do, and a repeat is free."""
    name = "ceramics"
    told = await tools.both("get_hashtag_search", hashtag=f"#{name}")
    top = await tools.both("get_hashtag_media", hashtag_id=told["hashtag_id"], limit=5)
    tried = [await tools.rest("get_hashtag_search", hashtag=f"another{number}") for number in range(30)]
    spent = next(each for each in tried if each.status != 200)
    again = await tools.ask("get_hashtag_search", hashtag=name)

    assert (told["searches_used"], told["searches_left"]) == (1, 29)
    feeds = (feed_of(tools, each.id) for each in tools.stage.meta.sandbox.world.instagram_accounts)
    tagged = {media_id(post) for feed in feeds for post in oracle.published(feed, NOW)[:300] if name in hashtags(post)}
    assert {each["id"] for each in top["posts"]} <= tagged
    assert len(top["posts"]) == 5
    assert spent.refusal == (429, "hashtags_spent")
    assert tried.index(spent) >= 27
    assert again["hashtag_id"] == told["hashtag_id"]
    assert again["searches_left"] <= 1


async def test_a_competitor_is_seen_as_meta_shows_it(tools: Tools) -> None:
    """Followers and newest posts; who is not there, or is no professional, is said to be unknown."""
    feed = feed_of(tools, instagram_id(9))
    told = await tools.both("discover_competitor", username="@Ember.Oak", posts=3)
    unknown = await tools.error("discover_competitor", username="nobody.at.all")
    hostile = await tools.error("discover_competitor", username="a){id},media{id}")

    assert (told["followers"], told["posts_count"]) == (followers_at(feed, AT), count_until(feed, "post", AT))
    world = oracle.published(feed, NOW)[:3]
    assert [each["id"] for each in told["posts"]] == [media_id(post) for post in world]
    assert told["posts"][0]["caption"] == {"untrusted_text": caption(world[0])}
    assert unknown["code"] == "competitor_unknown"
    assert hostile["code"] == "invalid_arguments"


async def test_posts_that_name_the_account_are_found(tools: Tools) -> None:
    """A page of those that tag it, and one by its id; the quota of publishing beside them."""
    told = await tools.both("get_mentioned_media", limit=2)
    one = await tools.both("get_mentioned_media", media_id=told["posts"][1]["id"])
    further = await tools.ask("get_mentioned_media", limit=2, after=told["next_cursor"])
    quota = await tools.both("get_content_publishing_limit")

    assert one["posts"] == [told["posts"][1]]
    assert {each["username"] for each in told["posts"]} == {"northwind.coffee"}
    assert not {each["id"] for each in further["posts"]} & {each["id"] for each in told["posts"]}
    assert (quota["used"], quota["total"], quota["left"], quota["hours"]) == (0, 100, 100, 24)


async def test_an_account_that_was_not_ticked_is_out_of_reach(make_tools: MakeTools) -> None:
    """Nor are its posts, although the person's token covers them: neither from the store nor from Meta."""
    tools = await make_tools("instagram", **AMPLE)
    await tools.stage.connect(assets=frozenset({CERAMICS, CERAMICS_PAGE, FERN, FERN_PAGE}))
    async with tools.stage.node.database.writing() as session:
        credential = (await session.execute(meta_credentials.select())).one()
        await confirm_assets(session, credential.id, [CERAMICS], NOW)
        theirs = StoredPost("17", "", "IMAGE", "FEED", "", "", "", NOW, None, None)
        await save_posts(session, FERN, [theirs], NOW)
    post = media_id(oracle.published(feed_of(tools, FERN), NOW)[0])

    assert (await tools.error("get_profile", account_id=FERN))["code"] == "asset_not_confirmed"
    assert (await tools.error("get_media_details", media_id="17"))["code"] == "asset_not_confirmed"
    for name in ("get_media_details", "get_media_insights"):
        told = await tools.error(name, media_id=post, account_id=CERAMICS)
        assert told["code"] == "object_unknown"
    key = await tools.other_key("tools:read", assets=[FERN])
    for name in ("get_profile", "recommend_content", "get_stories"):
        assert (await call("POST", f"{tools.url}/tools/{name}", key=key, json={})).status in {403, 404}


async def test_an_account_with_few_followers_says_why_it_is_not_told(make_tools: MakeTools) -> None:
    """Meta tells nothing of so few people; that is no error and no zero."""
    tools = await make_tools("instagram", **AMPLE)
    await tools.stage.connect(MARA, frozenset({FERN, FERN_PAGE}))
    people = await tools.both("get_audience_demographics")
    online = await tools.both("get_online_followers")

    assert people["parts"] == []
    assert "100" in people["reason"]
    assert (online["days_known"], online["hours"]) == (0, [])


FAULTS: list[tuple[dict[str, Any], str, int]] = [
    ({"code": 4, "message": "Application request limit reached"}, "provider_throttled", 429),
    ({"code": 190, "subcode": 460, "message": "password changed"}, "credential_revoked", 409),
]


@pytest.mark.parametrize(("fault", "code", "status"), FAULTS, ids=["throttled", "revoked"])
async def test_what_goes_wrong_at_meta_has_a_code(tools: Tools, fault: dict[str, Any], code: str, status: int) -> None:
    """The same over both interfaces; what is computed from the store is answered all the same."""
    tools.stage.meta.fault("error", **fault)
    told = await tools.error("get_content_publishing_limit")

    assert told["code"] == code
    assert (told.get("wait_seconds", 0) >= 60) is (status == 429)
    if status == 429:
        again = await tools.rest("get_content_publishing_limit")
        assert again.refusal == (status, code)
        assert await tools.ask("recommend_content")


async def test_prompts_and_the_metrics_can_be_read(tools: Tools) -> None:
    """Each prompt names only tools that there are; the glossary tells what replaced retired metrics."""
    async with tools.client() as client:
        prompts = (await client.list_prompts()).prompts
        texts = [(await client.get_prompt(each.name)).messages[0].content for each in prompts]
        (glossary,) = (await client.read_resource("freehold://instagram/metrics")).contents
        listed = {tool.name for tool in (await client.list_tools()).tools}

    assert len(prompts) == 4
    assert all(isinstance(each, TextContent) and "untrusted_text" in each.text for each in texts)
    assert isinstance(glossary, TextResourceContents)
    assert "| impressions | views | 2025-04-21 |" in glossary.text
    assert {"get_account_insights", "recommend_content", "list_media"} <= listed


def test_the_worlds_days_are_those_of_the_tests() -> None:
    """The sandbox's time stands on the day that is expected."""
    assert datetime.fromtimestamp(AT, UTC).date() == TODAY == date(2026, 11, 23)


async def test_a_window_longer_than_meta_keeps_is_refused(tools: Tools) -> None:
    """Before every day of it is looked at."""
    told = await tools.error("get_account_insights", since="2004-01-01", metric_type="total_value", metrics=["reach"])
    assert told["code"] == "window_too_long"


async def test_days_that_have_not_come_are_refused(tools: Tools) -> None:
    """Without asking Meta for them."""
    told = await tools.error("get_account_insights", since="2099-01-01", until="2099-01-02")
    assert told["code"] == "window_in_future"
    assert not tools.stage.meta.sandbox.calls
