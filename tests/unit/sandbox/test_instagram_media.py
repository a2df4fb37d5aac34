"""The IG User and Media nodes as callers read them: profiles, posts, stories, insights, others, hashtags."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from freehold.kernel.clock import MovableClock
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.graph import JSON, Call, Caller, Found, read_edge, read_node
from freehold.sandbox.meta.instagram.media_metrics import METRICS
from freehold.sandbox.meta.instagram.surface import surface
from freehold.sandbox.meta.state import Sandbox, new_sandbox
from freehold.sandbox.meta.world.instagram_feed import Feed, count_until, feed_of, followers_at
from freehold.sandbox.meta.world.instagram_lists import posts
from freehold.sandbox.meta.world.instagram_posts import lifetime, post_of, views_at
from freehold.sandbox.meta.world.people import instagram_id
from freehold.sandbox.settings import SandboxSettings

EPOCH = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NOW = int(EPOCH.timestamp())
CERAMICS, BOOKS, OUTDOOR, PERSONAL = (instagram_id(number) for number in (1, 5, 6, 7))
STRANGERS = "ember.oak"
SCOPES = frozenset({"instagram_basic", "instagram_manage_insights", "pages_read_engagement"})
Get = Callable[..., JSON]


def calling(
    sandbox: Sandbox, scopes: frozenset[str] = SCOPES, granted: frozenset[str] | None = None
) -> Callable[[str, dict[str, object]], Call]:
    """A maker of calls whose grant covers these objects; without naming any, the whole cast."""
    everybody = frozenset(account.id for account in sandbox.world.instagram_accounts)
    caller = Caller("USER", "1", "2", scopes, everybody if granted is None else granted)

    def make(path: str, params: dict[str, object]) -> Call:
        texts = {name: str(value) for name, value in params.items()}
        return Call(sandbox, caller, "GET", "v26.0", f"/v26.0/{path}", texts, sandbox.now(), "http://127.0.0.1:1")

    return make


def getting(sandbox: Sandbox, scopes: frozenset[str] = SCOPES, granted: frozenset[str] | None = None) -> Get:
    """GET a node, an edge or a root."""
    make = calling(sandbox, scopes, granted)

    def get(path: str, **params: object) -> JSON:
        call = make(path, params)
        name, _, edge = path.partition("/")
        roots = surface().roots
        if name in roots:
            return roots[name](call)
        found = surface().find(call, name)
        if found is None:
            raise LookupError(name)
        return read_edge(call, found.node.edges[edge], found.value) if edge else read_node(call, found)

    return get


@pytest.fixture
def sandbox() -> Sandbox:
    return new_sandbox(SandboxSettings(epoch=EPOCH), MovableClock(EPOCH))


@pytest.fixture
def get(sandbox: Sandbox) -> Get:
    return getting(sandbox)


def feed(sandbox: Sandbox, account_id: str = CERAMICS) -> Feed:
    account = sandbox.world.instagram(account_id)
    assert account is not None
    return feed_of(sandbox.world.seed, sandbox.world.epoch, account)


def advance(sandbox: Sandbox, by: timedelta) -> None:
    assert isinstance(sandbox.clock, MovableClock)
    sandbox.clock.advance(by)


def first(get: Get, account_id: str, **wanted: object) -> JSON:
    """The newest medium of an account with these values."""
    fields = ",".join({"id", *wanted})
    rows = get(f"{account_id}/media", fields=fields, limit=100)["data"]
    found: JSON = next(row for row in rows if all(row[name] == value for name, value in wanted.items()))
    return found


def test_a_profile_without_fields_is_its_id(get: Get) -> None:
    """Nothing else is given by default."""
    assert get(CERAMICS) == {"id": CERAMICS}


def test_a_profile_shows_running_totals(get: Get, sandbox: Sandbox) -> None:
    """Followers and posts as they stand now."""
    shown = get(CERAMICS, fields="username,followers_count,media_count,ig_id,website")
    assert shown["username"] == "lumen.ceramics"
    assert shown["followers_count"] == followers_at(feed(sandbox), NOW)
    assert shown["media_count"] == 260
    assert isinstance(shown["ig_id"], int)


def test_an_account_outside_the_grant_is_not_found(sandbox: Sandbox) -> None:
    """Nor is a medium of it, nor a personal account in any case."""
    medium = first(getting(sandbox), CERAMICS)["id"]
    get = getting(sandbox, granted=frozenset({BOOKS, PERSONAL}))
    for path in (CERAMICS, medium, PERSONAL):
        with pytest.raises(LookupError):
            get(path)


@pytest.mark.parametrize("path", [CERAMICS, f"{CERAMICS}/media", f"{CERAMICS}/stories"])
def test_reading_needs_instagram_basic(sandbox: Sandbox, path: str) -> None:
    """Without it the answer is error 10."""
    with pytest.raises(GraphError) as refused:
        getting(sandbox, SCOPES - {"instagram_basic"})(path)
    assert refused.value.code == 10


def test_ten_thousand_posts_are_paged_once_each(get: Get) -> None:
    """By cursors, newest first, without a gap or a repeat."""
    seen: list[str] = []
    params: dict[str, object] = {"limit": 100, "fields": "id,timestamp"}
    times: list[str] = []
    while True:
        page = get(f"{OUTDOOR}/media", **params)
        seen += [row["id"] for row in page["data"]]
        times += [row["timestamp"] for row in page["data"]]
        if "next" not in page["paging"]:
            break
        params["after"] = page["paging"]["cursors"]["after"]
    assert len(seen) == len(set(seen)) == 10_000
    assert times == sorted(times, reverse=True)


def test_media_can_be_cut_by_time(get: Get, sandbox: Sandbox) -> None:
    """`since` and `until`, in Unix seconds."""
    since, until = NOW - 60 * 86_400, NOW - 20 * 86_400
    rows = get(f"{CERAMICS}/media", since=since, until=until, limit=100, fields="timestamp")["data"]
    assert len(rows) == len([post for post in posts(feed(sandbox), NOW) if since <= post.at <= until])


def test_a_reel_is_a_video_with_its_own_product_type(get: Get) -> None:
    """Only media_product_type tells a reel."""
    reel = first(get, CERAMICS, media_product_type="REELS")["id"]
    shown = get(reel, fields="media_type,permalink,shortcode,thumbnail_url,is_shared_to_feed,username,owner")
    assert shown["media_type"] == "VIDEO"
    assert shown["permalink"] == f"https://www.instagram.com/reel/{shown['shortcode']}/"
    assert shown["owner"] == {"id": CERAMICS}


def test_children_have_neither_caption_nor_insights(get: Get) -> None:
    """What is inside a carousel has an id, a type and an address."""
    album = first(get, CERAMICS, media_type="CAROUSEL_ALBUM")["id"]
    children = get(f"{album}/children", fields="id,media_type,caption,like_count")["data"]
    assert len(children) >= 2
    assert all(set(child) == {"id", "media_type"} for child in children)
    with pytest.raises(GraphError) as refused:
        get(f"{children[0]['id']}/insights", metric="reach")
    assert refused.value.code == 100


def test_comments_are_those_counted(get: Get) -> None:
    """As many as comments_count, with the texts' times, 50 on a page, and only an `after` cursor."""
    rows = get(f"{OUTDOOR}/media", fields="id,comments_count", limit=20)["data"]
    medium = next(row for row in rows if row["comments_count"] > 50)
    page = get(f"{medium['id']}/comments", limit=500)
    assert len(page["data"]) == 50
    assert list(page["paging"]["cursors"]) == ["after"]
    comment = page["data"][0]
    assert set(comment) == {"id", "text", "timestamp"}
    assert get(comment["id"], fields="text")["text"] == comment["text"]


def test_nested_insights_equal_the_truth(get: Get, sandbox: Sandbox) -> None:
    """Metrics that posts and reels share can be read with the list of posts."""
    wanted = "views,reach,total_interactions,likes,comments,saved,shares,reposts,total_views"
    rows = get(f"{CERAMICS}/media", fields=f"id,insights.metric({wanted})", limit=30)["data"]
    for row, post in zip(rows, posts(feed(sandbox), NOW)[:30], strict=True):
        shown = {one["name"]: one["values"][0]["value"] for one in row["insights"]["data"]}
        truth = lifetime(post, NOW)
        assert shown == {name: truth[name] for name in wanted.split(",")}


def test_one_metric_that_a_post_lacks_fails_the_page(get: Get) -> None:
    """A metric of reels in a list that holds images."""
    with pytest.raises(GraphError) as refused:
        get(f"{CERAMICS}/media", fields="id,insights.metric(views,ig_reels_avg_watch_time)", limit=50)
    assert refused.value.code == 100


def test_posts_from_before_the_account_was_professional_fail_the_page(get: Get, sandbox: Sandbox) -> None:
    """Subcode 2108006, for one of them or for any page that holds one."""
    since = feed(sandbox, BOOKS).professional_since
    rows = get(f"{BOOKS}/media", fields="id", until=since, limit=1)["data"]
    for path, params in (
        (f"{rows[0]['id']}/insights", {"metric": "views"}),
        (f"{BOOKS}/media", {"fields": "id,insights.metric(views)", "until": since + 40 * 86_400}),
    ):
        with pytest.raises(GraphError) as refused:
            get(path, **params)
        assert (refused.value.code, refused.value.subcode) == (100, 2108006)


def test_insights_of_posts_are_kept_for_two_years(get: Get, sandbox: Sandbox) -> None:
    """An older one is refused."""
    medium = first(get, CERAMICS)["id"]
    advance(sandbox, timedelta(days=729))
    assert get(f"{medium}/insights", metric="views")["data"]
    advance(sandbox, timedelta(days=3))
    with pytest.raises(GraphError) as refused:
        get(f"{medium}/insights", metric="views")
    assert refused.value.code == 100


def test_what_is_not_on_facebook_has_no_facebook_views(get: Get) -> None:
    """Subcode 2207086; where it was shared, the views are there."""
    answers = []
    for row in get(f"{CERAMICS}/media", limit=40)["data"]:
        try:
            answers.append(get(f"{row['id']}/insights", metric="facebook_views")["data"][0]["values"][0]["value"])
        except GraphError as error:
            answers.append(error.subcode)
    assert 2207086 in answers
    assert any(isinstance(answer, int) and answer != 2207086 for answer in answers)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (
            {"media_type": "IMAGE"},
            "Starting from version v22.0 and above, the impressions metric is no longer supported",
        ),
        ({"media_product_type": "REELS"}, "does not support the impressions metric for this media product type"),
    ],
)
def test_impressions_are_gone(get: Get, kind: dict[str, object], message: str) -> None:
    """With one message for pictures and another for reels."""
    with pytest.raises(GraphError) as refused:
        get(f"{first(get, CERAMICS, **kind)['id']}/insights", metric="impressions")
    assert (refused.value.code, message in refused.value.message) == (100, True)


@pytest.mark.parametrize("metric", ["plays", "engagement", "video_views", "taps_forward", "carousel_album_reach"])
def test_retired_media_metrics_are_unknown(get: Get, metric: str) -> None:
    """The refusal lists the 23 names that are known."""
    with pytest.raises(GraphError) as refused:
        get(f"{first(get, CERAMICS)['id']}/insights", metric=metric)
    assert refused.value.code == 100
    assert len(METRICS) == 23
    assert refused.value.message.endswith(", ".join(METRICS))


@pytest.mark.parametrize(
    ("kind", "metric", "allowed"),
    [
        ("REELS", "reels_skip_rate", True),
        ("REELS", "follows", False),
        ("REELS", "navigation", False),
        ("FEED", "follows", True),
        ("FEED", "profile_activity", True),
        ("FEED", "reels_skip_rate", False),
        ("FEED", "link_clicks", False),
        ("FEED", "replies", False),
    ],
)
def test_metrics_belong_to_kinds_of_media(get: Get, kind: str, metric: str, allowed: bool) -> None:
    """A metric of another product type is error 100."""
    path = f"{first(get, CERAMICS, media_product_type=kind)['id']}/insights"
    if allowed:
        assert get(path, metric=metric)["data"][0]["period"] == "lifetime"
        return
    with pytest.raises(GraphError) as refused:
        get(path, metric=metric)
    assert refused.value.code == 100


def test_profile_activity_is_broken_down_by_action(get: Get) -> None:
    """The parts add up to the value; another metric's breakdown is error 1."""
    path = f"{first(get, OUTDOOR, media_product_type='FEED')['id']}/insights"
    (row,) = get(path, metric="profile_activity", breakdown="action_type")["data"]
    (breakdown,) = row["total_value"]["breakdowns"]
    assert breakdown["dimension_keys"] == ["action_type"]
    assert sum(part["value"] for part in breakdown["results"]) == row["values"][0]["value"] > 0
    with pytest.raises(GraphError) as refused:
        get(path, metric="views", breakdown="action_type")
    assert refused.value.code == 1


def story_moment(sandbox: Sandbox, account_id: str) -> Any:
    """Move to a moment an hour after a story came; gives the story."""
    one = feed(sandbox, account_id)
    story = post_of(one, "story", count_until(one, "story", NOW))
    advance(sandbox, timedelta(seconds=story.at + 3600 - NOW))
    return story


def test_a_live_story_has_its_own_metrics(get: Get, sandbox: Sandbox) -> None:
    """Navigation with its parts; likes are not among them."""
    story_moment(sandbox, OUTDOOR)
    row = get(f"{OUTDOOR}/stories", fields="id,media_product_type,permalink")["data"][0]
    assert row["media_product_type"] == "STORY"
    (navigation,) = get(f"{row['id']}/insights", metric="navigation", breakdown="story_navigation_action_type")["data"]
    parts = navigation["total_value"]["breakdowns"][0]["results"]
    assert sum(part["value"] for part in parts) == navigation["values"][0]["value"]
    with pytest.raises(GraphError):
        get(f"{row['id']}/insights", metric="likes")


def test_a_story_is_listed_and_measured_for_a_day(get: Get, sandbox: Sandbox) -> None:
    """Afterwards it is not in the list, and its insights are refused."""
    story_moment(sandbox, CERAMICS)
    story_id = get(f"{CERAMICS}/stories")["data"][0]["id"]
    assert get(f"{story_id}/insights", metric="views,reach,replies,link_clicks")["data"]
    advance(sandbox, timedelta(hours=24))
    assert story_id not in {row["id"] for row in get(f"{CERAMICS}/stories")["data"]}
    with pytest.raises(GraphError) as refused:
        get(f"{story_id}/insights", metric="views")
    assert refused.value.code == 100


def test_a_story_with_few_viewers_shows_nothing(get: Get, sandbox: Sandbox) -> None:
    """Fewer than five: error 10 with its message."""
    story = story_moment(sandbox, BOOKS)
    story_id = get(f"{BOOKS}/stories")["data"][0]["id"]
    assert views_at(story, story.at + 3600) < 5
    with pytest.raises(GraphError) as refused:
        get(f"{story_id}/insights", metric="views")
    assert (refused.value.code, refused.value.message) == (
        10,
        "(#10) Not enough viewers for the media to show insights",
    )


def test_stories_need_pages_read_engagement(sandbox: Sandbox) -> None:
    """Besides instagram_basic."""
    with pytest.raises(GraphError) as refused:
        getting(sandbox, SCOPES - {"pages_read_engagement"})(f"{CERAMICS}/stories")
    assert refused.value.code == 10


def test_another_account_is_discovered_by_name(get: Get) -> None:
    """Its totals and posts, with an `after` cursor for the next ones and no insights."""
    inner = "id,caption,like_count,comments_count,view_count,timestamp"
    asked = f"business_discovery.username({STRANGERS}){{followers_count,media_count,media.limit(3){{{inner}}}}}"
    found = get(CERAMICS, fields=asked)["business_discovery"]
    assert found["media_count"] == 300
    assert list(found["media"]["paging"]) == ["cursors"]
    after = found["media"]["paging"]["cursors"]["after"]
    more = get(CERAMICS, fields=asked.replace("media.limit(3)", f"media.after({after}).limit(3)"))["business_discovery"]
    assert not {row["id"] for row in found["media"]["data"]} & {row["id"] for row in more["media"]["data"]}
    with pytest.raises(GraphError):
        get(CERAMICS, fields=f"business_discovery.username({STRANGERS}){{media{{insights.metric(views)}}}}")


@pytest.mark.parametrize("name", ["nobody.at.all", "quietharbour"])
def test_no_account_or_a_personal_one_is_not_discovered(get: Get, name: str) -> None:
    """Error 110 with subcode 2207013."""
    with pytest.raises(GraphError) as refused:
        get(CERAMICS, fields=f"business_discovery.username({name}){{id}}")
    error = refused.value
    assert (error.code, error.subcode, error.message) == (110, 2207013, "Invalid user id")


def test_discovery_counts_towards_the_platform_limit(sandbox: Sandbox) -> None:
    """Everything else on the node counts towards the account's own."""
    make = calling(sandbox)
    found = [
        surface().find(make(CERAMICS, {"fields": fields}), CERAMICS)
        for fields in ("username", f"business_discovery.username({STRANGERS}){{id}}")
    ]
    assert [one.system for one in found if isinstance(one, Found)] == ["instagram", "platform"]


def test_hidden_like_counts_are_left_out_for_others(get: Get, sandbox: Sandbox) -> None:
    """The owner sees them."""
    other = sandbox.world.instagram_by_name(STRANGERS)
    assert other is not None
    hidden = [post.hides_counts for post in posts(feed(sandbox, other.id), NOW)[:300]]
    rows: list[JSON] = []
    cursor = ""
    while len(rows) < len(hidden):
        asked = f"business_discovery.username({STRANGERS}){{media{cursor}.limit(50){{id,like_count}}}}"
        shown = get(CERAMICS, fields=asked)["business_discovery"]["media"]
        rows += shown["data"]
        cursor = f".after({shown['paging']['cursors']['after']})"
    assert ["like_count" not in row for row in rows] == hidden
    assert all("like_count" in row for row in get(f"{other.id}/media", fields="like_count", limit=100)["data"])


def test_a_hashtag_has_one_id_and_media_without_names(get: Get) -> None:
    """Recent and top media of everybody with the hashtag, 50 a page, no user names."""
    (found,) = get("ig_hashtag_search", user_id=CERAMICS, q="coffee")["data"]
    assert get("ig_hashtag_search", user_id=OUTDOOR, q="#Coffee")["data"] == [found]
    page = get(f"{found['id']}/top_media", user_id=CERAMICS, fields="id,caption,timestamp", limit=80)
    assert 0 < len(page["data"]) <= 50
    assert all("#coffee" in row["caption"] for row in page["data"])
    with pytest.raises(GraphError):
        get(f"{found['id']}/top_media", user_id=CERAMICS, fields="username")


def test_thirty_hashtags_a_week(get: Get, sandbox: Sandbox) -> None:
    """A repeat is free and does not restart its week; after seven days there is room again."""
    for number in range(30):
        get("ig_hashtag_search", user_id=CERAMICS, q=f"tag{number}")
    advance(sandbox, timedelta(days=6, hours=23))
    get("ig_hashtag_search", user_id=CERAMICS, q="tag0")
    with pytest.raises(GraphError) as refused:
        get("ig_hashtag_search", user_id=CERAMICS, q="another")
    assert refused.value.code == 18
    assert get("ig_hashtag_search", user_id=OUTDOOR, q="another")["data"]
    advance(sandbox, timedelta(hours=1))
    get("ig_hashtag_search", user_id=CERAMICS, q="another")
    assert [row["name"] for row in get(f"{CERAMICS}/recently_searched_hashtags", fields="name")["data"]] == ["another"]


def test_the_publishing_quota_is_told(get: Get) -> None:
    """What is used, of how much, in how long."""
    (row,) = get(f"{CERAMICS}/content_publishing_limit")["data"]
    assert row == {"quota_usage": 0, "config": {"quota_total": 100, "quota_duration": 86_400}}


def test_a_post_that_tags_the_account_is_found_by_its_id(get: Get) -> None:
    """`mentioned_media.media_id()` shows it with its owner's name; any other post, and no id, are refused."""
    tagged = get(f"{CERAMICS}/tags", fields="id,username", limit=3)["data"]
    asked = f"mentioned_media.media_id({tagged[1]['id']}){{id,username}}"
    assert get(CERAMICS, fields=asked)["mentioned_media"] == tagged[1]
    (own,) = get(f"{CERAMICS}/media", fields="id", limit=1)["data"]
    for argument in (f".media_id({own['id']})", ""):
        with pytest.raises(GraphError) as refused:
            get(CERAMICS, fields=f"mentioned_media{argument}{{id}}")
        assert refused.value.code == 100
