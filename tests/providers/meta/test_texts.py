"""Texts of others: what no database keeps is taken out, wherever in an answer it stands, and no more than that."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from functools import partial
from typing import Any

import pytest

from freehold.kernel.replies import ApiReply
from freehold.providers.calls import ApiCall, Rejected
from freehold.providers.meta import ad_insights, ad_library, ads, assets, discovery, graph, instagram, pages

BAD = "\x00\ud83d"
CALL = ApiCall("GET", "/v26.0/1", {})
DAY = date(2026, 11, 1)
TIME = "2026-11-01T10:00:00+0000"


def bad(*names: str) -> dict[str, str]:
    """Fields whose texts no database takes."""
    return {name: f"said {name}{BAD}" for name in names}


STORY = bad("message", "name", "link", "picture") | {"call_to_action": bad("type")}
DELIVERY = {"campaign_id": "1", "ad_id": "2", "date_start": "2026-11-01", "date_stop": "2026-11-01", "spend": "1"}
ACTIONS = {"actions": [{"action_type": f"custom{BAD}", "value": "3", "1d_click": "3"}]}
GROUPS = [{"dimension_keys": [f"city{BAD}"], "results": [{"dimension_values": [f"Köln{BAD}"], "value": 3}]}]
POST = {"id": "1_2", "created_time": TIME, "timestamp": TIME}
READ: dict[str, tuple[Callable[[Any], object], Any]] = {
    "account of ads": (ads.read_account, {"currency": "EUR", **bad("name", "timezone_name")}),
    "campaigns": (ads.read_campaigns, {"data": [{"id": "1", **bad("name", "objective", "bid_strategy")}]}),
    "ad sets": (ads.read_ad_sets, {"data": [{"id": "1", **bad("name", "optimization_goal")}]}),
    "ads": (
        ads.read_ads,
        {"data": [{"id": "1", **bad("name"), "creative": {"id": "2", "object_story_spec": {"link_data": STORY}}}]},
    ),
    "ads with words of their own": (
        ads.read_ads,
        {"data": [{"id": "1", "creative": {"id": "2", **bad("name", "title", "body", "link_url", "image_url")}}]},
    ),
    "days of ads": (partial(ad_insights.read_days, currency="EUR"), {"data": [DELIVERY | ACTIONS]}),
    "parts of days": (
        partial(ad_insights.read_parts, currency="EUR", breakdowns=("country", "device")),
        {"data": [DELIVERY | bad("country", "device")]},
    ),
    "a report": (ad_insights.read_report, {"async_status": "Job Failed", **bad("error_user_msg")}),
    "archived ads": (
        ad_library.read_ads,
        {"data": [{"id": "1", **bad("page_name"), "ad_creative_bodies": [f"said{BAD}"]}]},
    ),
    "an account seen": (
        discovery.read_account,
        {
            "business_discovery": {
                "id": "1", **bad("username", "name", "biography"), "followers_count": 1, "media_count": 1,
                "media": {"data": [POST | bad("caption")]},
            }
        },
    ),
    "posts of Instagram": (
        instagram.read_posts,
        {"data": [POST | bad("caption", "permalink", "thumbnail_url") | {"children": {"data": [{"id": "3"}]}}]},
    ),
    "values by part": (
        partial(instagram.read_breakdown, first=DAY, last=DAY),
        {"data": [{"name": "views", "period": "day", "total_value": {"breakdowns": GROUPS}}]},
    ),
    "who follows": (
        partial(instagram.read_demographics, day=DAY),
        {"data": [{"name": "follower_demographics", "period": "lifetime", "total_value": {"breakdowns": GROUPS}}]},
    ),
    "posts of a page": (pages.read_posts, {"data": [POST | bad("message", "story")]}),
    "a page of a grant": (
        assets.parse_page,
        {"id": "1", **bad("name"), "instagram_business_account": {"id": "2", **bad("username")}},
    ),
    "an ad account of a grant": (assets.parse_ad_account, {"id": "1", **bad("name")}),
}  # fmt: skip


def texts(value: object) -> list[str]:
    """Every text in what was made of an answer."""
    if is_dataclass(value) and not isinstance(value, type):
        return texts(asdict(value))
    if hasattr(value, "model_dump"):
        return texts(value.model_dump())
    if isinstance(value, Mapping):
        return [text for pair in value.items() for item in pair for text in texts(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


def storable(text: str) -> bool:
    """Whether a database takes it."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


@pytest.mark.parametrize("what", READ)
def test_every_text_that_is_kept(what: str) -> None:
    """Whatever is read of an answer, its texts can be stored, and what was said is there."""
    read, answer = READ[what]
    found = texts(read(answer))
    assert [text for text in found if not storable(text)] == []
    assert any(text.startswith(("said", "custom", "Köln")) for text in found)


def test_an_answer_as_a_whole() -> None:
    """Texts, names of fields and error messages are cleaned of just that; characters of two halves stay."""
    body = rb'{"a\u0000": [{"b": "\uD83D\ude00 \ud83d. \u0000\\u0000", "c": 7}], "d": "\\ud83d", "e": null}'
    answer = graph.parse(CALL, ApiReply(200, {}, body))
    assert answer == {"a": [{"b": "😀 ?. \\u0000", "c": 7}], "d": "\\ud83d", "e": None}
    error = json.dumps({"error": {"code": 100, "message": f"said{BAD}"}}).encode()
    with pytest.raises(Rejected, match=r"^said\?$"):
        graph.parse(CALL, ApiReply(400, {}, error))


@pytest.mark.parametrize("name", ["message", "error_user_msg"])
def test_the_words_of_an_error(name: str) -> None:
    """They become the reason in coverage, which has to be stored."""
    assert graph.failure({"code": 100, name: f"said{BAD}"}, ApiReply(400, {}, b"")).message == "said?"
