"""Facebook pages: the node and its token, posts, and insights under the names of v26.0."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from freehold.kernel.clock import MovableClock
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.graph import JSON, Call, Caller, read_edge, read_node
from freehold.sandbox.meta.pages.surface import surface
from freehold.sandbox.meta.state import Sandbox, new_sandbox
from freehold.sandbox.meta.world.instagram_account import account_day
from freehold.sandbox.meta.world.instagram_days import DAY_SECONDS, day_end, day_of, day_start, written
from freehold.sandbox.meta.world.instagram_feed import followers_at, followers_at_start
from freehold.sandbox.meta.world.instagram_lists import posts
from freehold.sandbox.meta.world.pages import page_feed, page_totals, post_totals, reactions
from freehold.sandbox.meta.world.people import instagram_id, page_id, person_id
from freehold.sandbox.settings import SandboxSettings

EPOCH = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NOW = int(EPOCH.timestamp())
TODAY = day_of(NOW)
CERAMICS, BOOKS, BAKERY = page_id(1), page_id(5), page_id(8)
MARA, STRANGER = person_id(1), person_id(7)
SCOPES = frozenset({"pages_show_list", "pages_read_engagement", "read_insights", "instagram_basic"})
Get = Callable[..., JSON]


def getting(
    sandbox: Sandbox,
    *,
    scopes: frozenset[str] = SCOPES,
    granted: frozenset[str] = frozenset({CERAMICS, BOOKS, BAKERY, instagram_id(1)}),
    user_id: str = MARA,
    own_page: str | None = None,
) -> Get:
    """GET a node or an edge."""
    caller = Caller("PAGE" if own_page else "USER", "1", user_id, scopes, granted, own_page)

    def get(path: str, **params: object) -> JSON:
        texts = {name: str(value) for name, value in params.items()}
        call = Call(sandbox, caller, "GET", "v26.0", f"/v26.0/{path}", texts, sandbox.now(), "http://127.0.0.1:1")
        name, _, edge = path.partition("/")
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


def test_a_page_leads_to_its_instagram_account(get: Get) -> None:
    """With the fields asked for inside it."""
    shown = get(CERAMICS, fields="name,category,tasks,instagram_business_account{id,username}")
    assert shown["instagram_business_account"] == {"id": instagram_id(1), "username": "lumen.ceramics"}
    assert "ANALYZE" in shown["tasks"]


@pytest.mark.parametrize(
    ("scopes", "granted"),
    [
        (SCOPES - {"instagram_basic"}, frozenset({CERAMICS, instagram_id(1)})),
        (SCOPES, frozenset({CERAMICS})),
    ],
)
def test_an_account_that_was_not_granted_is_left_out(
    sandbox: Sandbox, scopes: frozenset[str], granted: frozenset[str]
) -> None:
    """Without the permission, or without the account in the grant, the key is absent."""
    shown = getting(sandbox, scopes=scopes, granted=granted)(CERAMICS, fields="name,instagram_business_account")
    assert "instagram_business_account" not in shown


def test_a_page_without_instagram_has_no_account(get: Get) -> None:
    """The key is absent."""
    assert set(get(BAKERY, fields="name,instagram_business_account")) == {"id", "name"}


def test_a_page_token_is_shown_to_those_who_work_there(sandbox: Sandbox, get: Get) -> None:
    """It works as that page's token; somebody without a role sees none."""
    text = get(CERAMICS, fields="access_token")["access_token"]
    token = sandbox.grants.token(text)
    assert token is not None
    assert (token.kind, token.page_id, token.user_id) == ("PAGE", CERAMICS, MARA)
    assert "access_token" not in getting(sandbox, user_id=STRANGER)(CERAMICS, fields="access_token,tasks")


def test_a_page_outside_the_grant_is_not_found(sandbox: Sandbox) -> None:
    """Nor are its posts."""
    post_id = getting(sandbox)(f"{CERAMICS}/posts", limit=1)["data"][0]["id"]
    get = getting(sandbox, granted=frozenset({BOOKS}))
    for path in (CERAMICS, post_id):
        with pytest.raises(LookupError):
            get(path)


def test_a_page_token_speaks_for_its_page(sandbox: Sandbox) -> None:
    """`me` is the page."""
    assert getting(sandbox, own_page=CERAMICS)("me")["id"] == CERAMICS


def test_followers_stand_as_in_the_world(sandbox: Sandbox, get: Get) -> None:
    """Those who like the page are fewer than those who follow it."""
    page = sandbox.world.page(CERAMICS)
    assert page is not None
    shown = get(CERAMICS, fields="fan_count,followers_count")
    assert shown["followers_count"] == followers_at(page_feed(sandbox.world, page), NOW) > shown["fan_count"]


@pytest.mark.parametrize("edge", ["posts", "feed", "published_posts"])
def test_posts_are_listed_newest_first(sandbox: Sandbox, get: Get, edge: str) -> None:
    """All of them through cursors, none twice."""
    page = sandbox.world.page(CERAMICS)
    assert page is not None
    params: dict[str, object] = {"limit": 50}
    seen: list[JSON] = []
    while True:
        answer = get(f"{CERAMICS}/{edge}", **params)
        seen += answer["data"]
        if "next" not in answer["paging"]:
            break
        params["after"] = answer["paging"]["cursors"]["after"]
    assert len({row["id"] for row in seen}) == len(posts(page_feed(sandbox.world, page), NOW)) == len(seen)
    assert [row["created_time"] for row in seen] == sorted((row["created_time"] for row in seen), reverse=True)


def test_a_post_tells_how_many_reacted(sandbox: Sandbox, get: Get) -> None:
    """Counts through summaries; the post is found by its id."""
    page = sandbox.world.page(CERAMICS)
    assert page is not None
    post = posts(page_feed(sandbox.world, page), NOW)[3]
    row = get(f"{CERAMICS}/posts", limit=4)["data"][3]
    shown = get(row["id"], fields="message,shares,reactions.summary(true),comments.limit(1).summary(true)")
    totals = post_totals(post, NOW)
    assert shown["message"] == row["message"]
    assert shown["reactions"]["summary"]["total_count"] == totals["reactions"]
    assert shown["comments"]["summary"]["total_count"] == totals["comments"]


def test_post_insights_equal_the_truth(sandbox: Sandbox, get: Get) -> None:
    """Lifetime values; reactions by kind add up to them all."""
    page = sandbox.world.page(CERAMICS)
    assert page is not None
    totals = post_totals(posts(page_feed(sandbox.world, page), NOW)[2], NOW)
    post_id = get(f"{CERAMICS}/posts", limit=3)["data"][2]["id"]
    names = "post_media_view,post_total_media_view_unique,post_clicks,post_reactions_by_type_total"
    found = {row["name"]: row["values"][0]["value"] for row in get(f"{post_id}/insights", metric=names)["data"]}
    assert found["post_media_view"] == totals["views"]
    assert found["post_total_media_view_unique"] == totals["reach"] <= totals["views"]
    assert sum(found["post_reactions_by_type_total"].values()) == totals["reactions"]


def test_page_insights_equal_the_truth(sandbox: Sandbox, get: Get) -> None:
    """Day by day, each value with the midnight that ends its day."""
    page = sandbox.world.page(CERAMICS)
    assert page is not None
    feed = page_feed(sandbox.world, page)
    names = "page_media_view,page_total_media_view_unique,page_follows,page_post_engagements,page_views_total"
    answer = get(
        f"{CERAMICS}/insights", metric=names, period="day", since=day_start(TODAY - 9), until=day_end(TODAY - 4)
    )
    rows = {row["name"]: row["values"] for row in answer["data"]}
    for place, day in enumerate(range(TODAY - 9, TODAY - 3)):
        totals = page_totals(feed, [account_day(feed, day)])
        assert rows["page_media_view"][place] == {"value": totals["views"], "end_time": written(day_end(day))}
        assert rows["page_total_media_view_unique"][place]["value"] == totals["reach"]
        assert rows["page_follows"][place]["value"] == followers_at_start(feed, day + 1)
        assert rows["page_post_engagements"][place]["value"] == totals["engagements"]
    assert list(answer["paging"]) == ["previous", "next"]


def test_without_a_period_every_period_is_answered(get: Get) -> None:
    """Day, week and 28 days for a metric that has them."""
    answer = get(f"{CERAMICS}/insights", metric="page_media_view")
    assert [row["period"] for row in answer["data"]] == ["day", "week", "days_28"]


@pytest.mark.parametrize(
    ("metric", "code"),
    [
        ("page_impressions", 100),
        ("page_impressions_unique", 100),
        ("page_fans", 100),
        ("page_media_view,page_engaged_users", 100),
        ("", 3001),
    ],
)
def test_retired_and_missing_metrics_are_refused(get: Get, metric: str, code: int) -> None:
    """One bad name fails the whole call."""
    with pytest.raises(GraphError) as refused:
        get(f"{CERAMICS}/insights", metric=metric, period="day")
    assert refused.value.code == code


def test_retired_post_metrics_are_refused(get: Get) -> None:
    """Impressions of posts are gone too."""
    post_id = get(f"{CERAMICS}/posts", limit=1)["data"][0]["id"]
    with pytest.raises(GraphError) as refused:
        get(f"{post_id}/insights", metric="post_impressions_unique")
    assert refused.value.code == 100


def test_a_window_is_at_most_ninety_days(get: Get) -> None:
    """A longer one is error 100."""
    with pytest.raises(GraphError) as refused:
        get(f"{CERAMICS}/insights", metric="page_media_view", period="day", since=NOW - 90 * DAY_SECONDS - 1, until=NOW)
    assert refused.value.code == 100


def test_a_small_page_has_no_insights(get: Get) -> None:
    """Below 100 likes the list is empty."""
    assert get(f"{BOOKS}/insights", metric="page_media_view", period="day")["data"] == []


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        (f"{CERAMICS}/posts", "pages_read_engagement"),
        (f"{CERAMICS}/insights", "pages_read_engagement"),
        (f"{CERAMICS}/insights", "read_insights"),
    ],
)
def test_posts_and_insights_need_their_permissions(sandbox: Sandbox, path: str, missing: str) -> None:
    """Error 10 names what is missing."""
    with pytest.raises(GraphError) as refused:
        getting(sandbox, scopes=SCOPES - {missing})(path, metric="page_media_view", period="day")
    assert refused.value.code == 10
    assert missing in refused.value.message


def test_reactions_by_kind_add_up() -> None:
    """For any number of them."""
    assert all(sum(reactions(count).values()) == count for count in range(500))
