"""Answers recorded from Meta: the client reads them, and the sandbox answers the same requests in the same shape."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.meta_sandbox import OLIVE, MetaSandbox

from freehold.kernel.replies import ApiReply
from freehold.providers.calls import ApiCall, Rejected
from freehold.providers.meta import graph, instagram
from freehold.sandbox.meta.world.people import instagram_id

RECORDED = Path(__file__).parents[3].parent / "shared" / "data" / "python-facebook"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded answers in {RECORDED}")

OUTDOOR = instagram_id(6)
INSIDE = "id,media_type,media_url,permalink,shortcode,thumbnail_url,timestamp"
POST = f"id,caption,comments_count,children{{{INSIDE}}},like_count,media_type,media_url,permalink,timestamp"
STORY = "id,caption,media_type,media_url,owner,permalink,shortcode,timestamp,username,ig_id"
LISTED_STORY = "id,media_type,media_url,username"
COUNTED_STORY = "id,comments_count,like_count,media_type,media_url,permalink,timestamp"
PROFILE = "id,biography,name,username,profile_picture_url,followers_count,media_count"
SITUATIONAL = frozenset({"caption", "thumbnail_url", "children"})
"""Fields that some posts have and others have not."""
PLACE = frozenset({"paging", "next", "previous", "before", "after"})
"""Links and cursors, which depend on where in a list a page stands."""
RETIRED_METRICS = {
    "impressions": date(2025, 4, 21),
    "profile_views": date(2025, 1, 8),
    "email_contacts": date(2025, 1, 8),
    "phone_call_clicks": date(2025, 1, 8),
    "text_message_clicks": date(2025, 1, 8),
    "get_directions_clicks": date(2025, 1, 8),
    "get_direction_clicks": date(2025, 1, 8),
    "website_clicks": date(2025, 1, 8),
}
"""Metrics that the recordings have and Meta no longer gives, or (profile_views, website_clicks) not as a series."""
RETIRED_REQUESTS = {"medias_medias_fields": date(2026, 10, 27), "stories_stories_info": date(2026, 10, 27)}
"""Recordings of several objects at once, through `ids`, which no version takes any more."""


def recorded(name: str) -> Any:
    """One recorded answer."""
    return json.loads((RECORDED / f"instagram_apidata_{name}.json").read_text())


def same_shape(shown: Any, real: Any, where: str = "") -> None:
    """Every key of the real answer with a value of its type, and no other keys; the same for what is inside."""
    assert type(shown) is type(real), where
    if isinstance(real, dict):
        assert set(shown) ^ set(real) <= SITUATIONAL | PLACE, where
        for key in shown.keys() & real.keys():
            same_shape(shown[key], real[key], f"{where}.{key}")
    elif isinstance(real, list) and real and shown:
        same_shape(shown[0], real[0], f"{where}[0]")


def living(name: str) -> Any:
    """A recording of insights without the metrics that are no longer given."""
    real = recorded(name)
    real["data"] = [row for row in real["data"] if row["name"] not in RETIRED_METRICS]
    assert real["data"], "every metric of the recording is retired"
    return real


# What the client reads.


@pytest.mark.parametrize("name", ["users_user_fields", "discovery_user_fields"])
def test_profiles_are_read(name: str) -> None:
    """The numbers of a profile, one's own and one inside business_discovery."""
    real = recorded(name)
    real = real.get("business_discovery", real)
    profile = instagram.read_profile(real)
    assert (profile.username, profile.followers, profile.posts) == (
        real["username"],
        real["followers_count"],
        real["media_count"],
    )


@pytest.mark.parametrize("name", ["users_medias_p1", "users_medias_p2", "users_stories"])
def test_posts_are_read(name: str) -> None:
    """Every post of a page with its counts and its instant in UTC, and the cursor where there is another page."""
    real = recorded(name)
    posts = [post for post, _ in instagram.read_posts(real)]
    assert [(post.post_id, post.likes, post.comments) for post in posts] == [
        (row["id"], row["like_count"], row["comments_count"]) for row in real["data"]
    ]
    assert all(post.published_at.tzinfo is UTC and post.published_at.year < 2022 for post in posts)
    more = "next" in real.get("paging", {})
    assert graph.next_cursor(real) == (real["paging"]["cursors"]["after"] if more else None)


@pytest.mark.parametrize("name", ["medias_insights", "medias_insights_new"])
def test_post_insights_are_read(name: str) -> None:
    """A value for each metric, whichever form it has."""
    real = recorded(name)
    found = {insight.metric: insight.value for insight in instagram.read_post_insights(real)}
    assert found == {row["name"]: row["values"][0]["value"] for row in real["data"]}


def test_account_series_are_read() -> None:
    """A value belongs to the day that ends at its `end_time`: 07:00 UTC is midnight in Los Angeles in summer."""
    reach = [insight for insight in instagram.read_series(recorded("users_user_insights")) if insight.metric == "reach"]
    assert [(insight.day, insight.value) for insight in reach] == [(date(2017, 5, 3), 3), (date(2017, 5, 4), 36)]


def test_account_totals_are_read() -> None:
    """The total, not its parts."""
    (total,) = instagram.read_totals(recorded("users_user_insights_new"), date(2023, 1, 1))
    assert (total.metric, total.value, total.breakdown) == ("reach", 14_516_883, "")


def test_totals_by_several_dimensions_are_read() -> None:
    """The parts of a breakdown with several keys are told apart."""
    real = recorded("users_user_insights_new")
    parts = instagram.read_demographics(real, date(2023, 1, 1))
    results = real["data"][0]["total_value"]["breakdowns"][0]["results"]
    assert [(part.part, part.value) for part in parts] == [
        (",".join(row["dimension_values"]), row["value"]) for row in results
    ]


@pytest.mark.parametrize("name", ["error.json", "base_error_data.json"])
def test_errors_are_read(name: str) -> None:
    """Errors without a subcode are refusals with their code."""
    with pytest.raises(Rejected) as caught:
        graph.parse(ApiCall("GET", "/v26.0/1"), ApiReply(400, {}, (RECORDED / name).read_bytes()))
    assert (caught.value.code, caught.value.subcode) == (100, None)


# What the sandbox answers.


@pytest.fixture
async def outdoor(serve: Serve) -> MetaSandbox:
    """A sandbox at a moment at which a story of the outdoor company is live."""
    return await meta_sandbox.start(serve, datetime(2026, 11, 23, 15, 0, tzinfo=UTC))


async def first_id(meta: MetaSandbox, token: str, edge: str, wanted: Callable[[Any], bool]) -> str:
    """The first of a list that fits."""
    answer = await meta.get(f"{OUTDOOR}/{edge}", token, fields="id,media_type", limit="50")
    return str(next(row["id"] for row in answer.body["data"] if wanted(row)))


REQUESTS = {
    "users_user_fields": ("", {"fields": PROFILE}),
    "discovery_user_fields": ("", {"fields": f"business_discovery.username(ember.oak){{{PROFILE}}}"}),
    "users_medias_p1": ("/media", {"fields": POST, "limit": "2"}),
    "users_medias_p2": ("/media", {"fields": POST, "limit": "2"}),
    "users_stories": ("/stories", {"fields": COUNTED_STORY}),
    "stories_stories_default": ("/stories", {"fields": STORY}),
    "stories_stories_fields_p1": ("/stories", {"fields": LISTED_STORY, "limit": "2"}),
    "stories_stories_fields_p2": ("/stories", {"fields": LISTED_STORY, "limit": "2"}),
    "users_user_insights": ("/insights", {"metric": "reach", "period": "day"}),
    "users_user_insights_new": (
        "/insights",
        {
            "metric": "reach",
            "period": "day",
            "metric_type": "total_value",
            "breakdown": "media_product_type,follow_type",
        },
    ),
}
ON_A_CAROUSEL = {
    "medias_media_default": ("", {"fields": POST}),
    "medias_children": ("/children", {"fields": INSIDE}),
    "medias_comments_p1": ("/comments", {"limit": "2"}),
    "medias_insights_new": ("/insights", {"metric": "profile_activity", "breakdown": "action_type"}),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_the_sandbox_answers_about_accounts(outdoor: MetaSandbox, name: str) -> None:
    """Keys and types of the account's own recorded answers."""
    edge, params = REQUESTS[name]
    answer = await outdoor.get(f"{OUTDOOR}{edge}", outdoor.token(OLIVE), **params)
    real = living(name) if name == "users_user_insights" else recorded(name)
    if edge in {"/media", "/stories"}:
        assert answer.body["data"]
    same_shape(answer.body, real)


@pytest.mark.parametrize("name", ON_A_CAROUSEL)
async def test_the_sandbox_answers_about_posts(outdoor: MetaSandbox, name: str) -> None:
    """Keys and types of what was recorded of a carousel."""
    edge, params = ON_A_CAROUSEL[name]
    token = outdoor.token(OLIVE)
    carousel = await first_id(outdoor, token, "media", lambda row: row["media_type"] == "CAROUSEL_ALBUM")
    answer = await outdoor.get(f"{carousel}{edge}", token, **params)
    same_shape(answer.body, recorded(name))
    assert ("paging" in answer.body) == ("paging" in recorded(name))


async def test_the_last_page_of_comments(outdoor: MetaSandbox) -> None:
    """Like the recorded one, it has no link to a next page."""
    token = outdoor.token(OLIVE)
    carousel = await first_id(outdoor, token, "media", lambda row: row["media_type"] == "CAROUSEL_ALBUM")
    answer = await outdoor.get(f"{carousel}/comments", token)
    while (after := graph.next_cursor(answer.body)) is not None:
        answer = await outdoor.get(f"{carousel}/comments", token, after=after)
    same_shape(answer.body, recorded("medias_comments_p2"))


async def test_the_sandbox_answers_about_a_story(outdoor: MetaSandbox) -> None:
    """Keys and types of a single story."""
    token = outdoor.token(OLIVE)
    story = await first_id(outdoor, token, "stories", lambda _row: True)
    same_shape((await outdoor.get(story, token, fields=STORY)).body, recorded("stories_story_info"))


async def test_the_sandbox_answers_about_insights_of_a_post(outdoor: MetaSandbox) -> None:
    """Every recorded metric that is still given, in the order in which it was asked for."""
    real, token = living("medias_insights"), outdoor.token(OLIVE)
    photo = await first_id(outdoor, token, "media", lambda row: row["media_type"] != "VIDEO")
    metrics = [row["name"] for row in real["data"]]
    answer = await outdoor.get(f"{photo}/insights", token, metric=",".join(metrics))
    same_shape(answer.body, real)
    assert [row["name"] for row in answer.body["data"]] == metrics


async def test_retired_metrics_are_refused(outdoor: MetaSandbox) -> None:
    """The sandbox gives none of the recorded metrics that Meta has retired."""
    token = outdoor.token(OLIVE)
    asked = {row["name"] for row in recorded("users_user_insights")["data"]} & RETIRED_METRICS.keys()
    assert asked
    for metric in asked:
        answer = await outdoor.get(f"{OUTDOOR}/insights", token, metric=metric, period="day", metric_type="time_series")
        assert answer.error[0] == 100, metric


@pytest.mark.parametrize("name", RETIRED_REQUESTS)
async def test_retired_requests_are_refused(outdoor: MetaSandbox, name: str) -> None:
    """Several objects at once through `ids`; each of them is still answered for itself."""
    real = recorded(name)
    answer = await outdoor.get("/v26.0/", outdoor.token(OLIVE), ids=",".join(real), fields="id")
    assert (answer.status, answer.error) == (500, (100, None))


def test_no_recording_is_left_out() -> None:
    """Each recorded Instagram answer is either asked for again, or among those retired."""
    names = {path.stem.removeprefix("instagram_apidata_") for path in RECORDED.glob("instagram_apidata_*.json")}
    single = {"medias_comments_p2", "stories_story_info", "medias_insights"}
    assert names == REQUESTS.keys() | ON_A_CAROUSEL.keys() | RETIRED_REQUESTS.keys() | single
