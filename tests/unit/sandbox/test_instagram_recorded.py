"""The sandbox's answers have the keys and types of answers recorded from the real API, where those recordings are."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from freehold.kernel.clock import MovableClock
from freehold.sandbox.meta.graph import JSON, Call, Caller, read_edge, read_node
from freehold.sandbox.meta.instagram.surface import surface
from freehold.sandbox.meta.state import Sandbox, new_sandbox
from freehold.sandbox.meta.world.instagram_feed import feed_of
from freehold.sandbox.meta.world.instagram_lists import live_stories, posts
from freehold.sandbox.meta.world.people import instagram_id
from freehold.sandbox.settings import SandboxSettings

RECORDED = Path(__file__).parents[3].parent / "shared" / "data" / "python-facebook"
EPOCH = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
OUTDOOR = instagram_id(6)
SCOPES = frozenset({"instagram_basic", "instagram_manage_insights", "pages_read_engagement"})
CHILD_FIELDS = "id,media_type,media_url,permalink,shortcode,thumbnail_url,timestamp"
POST_FIELDS = (
    f"id,caption,comments_count,children{{{CHILD_FIELDS}}},like_count,media_type,media_url,permalink,timestamp"
)
STORY_FIELDS = "id,caption,media_type,media_url,owner,permalink,shortcode,timestamp,username,ig_id"
PROFILE_FIELDS = "id,biography,name,username,profile_picture_url,followers_count,media_count"
OPTIONAL = frozenset({"caption", "thumbnail_url", "children", "before", "after", "next", "previous", "paging"})
"""Keys that depend on the object or on where in a list one is."""
RETIRED = {"impressions": "2025-04-21"}
"""Metrics in the recordings that are no longer offered, and since when."""


@pytest.fixture
def sandbox() -> Sandbox:
    if not RECORDED.is_dir():
        pytest.skip(f"no recorded answers in {RECORDED}")
    return new_sandbox(SandboxSettings(epoch=EPOCH), MovableClock(EPOCH))


def recorded(name: str) -> JSON:
    found: JSON = json.loads((RECORDED / f"instagram_apidata_{name}.json").read_text())
    return found


def get(sandbox: Sandbox, path: str, **params: str) -> JSON:
    granted = frozenset(account.id for account in sandbox.world.instagram_accounts)
    caller = Caller("USER", "1", "2", SCOPES, granted)
    call = Call(sandbox, caller, "GET", "v26.0", f"/v26.0/{path}", params, sandbox.now(), "http://127.0.0.1:1")
    name, _, edge = path.partition("/")
    found = surface().find(call, name)
    assert found is not None
    return read_edge(call, found.node.edges[edge], found.value) if edge else read_node(call, found)


def same_shape(shown: Any, real: Any, where: str = "") -> None:
    """Every key of the real answer is there with a value of its type, and no key that the real one never has."""
    assert type(shown) is type(real), where
    if isinstance(real, dict):
        assert set(shown) ^ set(real) <= OPTIONAL, where
        for key in shown.keys() & real.keys():
            same_shape(shown[key], real[key], f"{where}.{key}")
    elif isinstance(real, list) and real and shown:
        same_shape(shown[0], real[0], f"{where}[0]")


def carousel(sandbox: Sandbox) -> str:
    rows = get(sandbox, f"{OUTDOOR}/media", fields="id,media_type", limit="50")["data"]
    return str(next(row["id"] for row in rows if row["media_type"] == "CAROUSEL_ALBUM"))


def story_sandbox(sandbox: Sandbox) -> Sandbox:
    """A sandbox at whose moment a story is live."""
    account = sandbox.world.instagram(OUTDOOR)
    assert account is not None
    assert live_stories(feed_of(sandbox.world.seed, sandbox.world.epoch, account), int(EPOCH.timestamp()))
    return sandbox


def test_profile(sandbox: Sandbox) -> None:
    """The fields of an account."""
    same_shape(get(sandbox, OUTDOOR, fields=PROFILE_FIELDS), recorded("users_user_fields"))


def test_discovery(sandbox: Sandbox) -> None:
    """Another account inside one's own."""
    shown = get(sandbox, OUTDOOR, fields=f"business_discovery.username(ember.oak){{{PROFILE_FIELDS}}}")
    same_shape(shown, recorded("discovery_user_fields"))


def test_posts(sandbox: Sandbox) -> None:
    """A page of posts with its cursors."""
    same_shape(get(sandbox, f"{OUTDOOR}/media", fields=POST_FIELDS, limit="2"), recorded("users_medias_p1"))


def test_one_post(sandbox: Sandbox) -> None:
    """A carousel with what is inside it."""
    same_shape(get(sandbox, carousel(sandbox), fields=POST_FIELDS), recorded("medias_media_default"))


def test_children(sandbox: Sandbox) -> None:
    """What is inside a carousel."""
    same_shape(get(sandbox, f"{carousel(sandbox)}/children", fields=CHILD_FIELDS), recorded("medias_children"))


def test_comments(sandbox: Sandbox) -> None:
    """The comments under a post, as they come without fields."""
    same_shape(get(sandbox, f"{carousel(sandbox)}/comments", limit="2"), recorded("medias_comments_p1"))


def test_stories(sandbox: Sandbox) -> None:
    """Live stories, and one of them."""
    shown = get(story_sandbox(sandbox), f"{OUTDOOR}/stories", fields=STORY_FIELDS)
    same_shape(shown, recorded("stories_stories_default"))
    same_shape(get(sandbox, shown["data"][0]["id"], fields=STORY_FIELDS), recorded("stories_story_info"))


def test_post_insights(sandbox: Sandbox) -> None:
    """Every metric of the recording that is still offered."""
    real = recorded("medias_insights")
    real["data"] = [row for row in real["data"] if row["name"] not in RETIRED]
    metric = ",".join(row["name"] for row in real["data"])
    shown = get(sandbox, f"{carousel(sandbox)}/insights", metric=metric)
    same_shape(shown, real)
    assert [row["name"] for row in shown["data"]] == [row["name"] for row in real["data"]]


def test_post_insights_with_a_breakdown(sandbox: Sandbox) -> None:
    """Both `values` and `total_value`."""
    shown = get(sandbox, f"{carousel(sandbox)}/insights", metric="profile_activity", breakdown="action_type")
    same_shape(shown, recorded("medias_insights_new"))


def test_account_series(sandbox: Sandbox) -> None:
    """Values by day."""
    real = recorded("users_user_insights")
    real["data"] = [row for row in real["data"] if row["name"] == "reach"]
    same_shape(get(sandbox, f"{OUTDOOR}/insights", metric="reach", period="day"), real)


def test_account_totals(sandbox: Sandbox) -> None:
    """A total with two breakdowns and links to other windows."""
    shown = get(
        sandbox,
        f"{OUTDOOR}/insights",
        metric="reach",
        period="day",
        metric_type="total_value",
        breakdown="media_product_type,follow_type",
    )
    same_shape(shown, recorded("users_user_insights_new"))


def test_the_posts_of_the_shape_test_are_the_world_s(sandbox: Sandbox) -> None:
    """The newest post in the answer is the newest one in the world."""
    account = sandbox.world.instagram(OUTDOOR)
    assert account is not None
    newest = posts(feed_of(sandbox.world.seed, sandbox.world.epoch, account), int(EPOCH.timestamp()))[0]
    shown = get(sandbox, f"{OUTDOOR}/media", fields="media_product_type", limit="1")["data"][0]
    assert shown["media_product_type"] == newest.product_type
