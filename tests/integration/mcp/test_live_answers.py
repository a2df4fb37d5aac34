"""What Meta said a moment ago is not asked again: for one client, one connection, one reach of keys, until a write."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, FULL_ACCESS
from tests.integration.conftest import MakeNode
from tests.integration.mcp.conftest import Tools, tools_of
from tests.integration.node.conftest import call
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS

from freehold.kernel.clock import MovableClock
from freehold.node.live_answers import LARGEST, MOST_BYTES, LiveAnswers, question_of
from freehold.providers.calls import ApiCall

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
async def ads(make_node: MakeNode, serve: Serve) -> Tools:
    """Meta Ads over a connected node, with a key that reads and writes."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    tools = await tools_of(make_node, meta, serve, "meta_ads", "tools:read", "tools:write", **AMPLE)
    await tools.stage.connect()
    return tools


async def calls_of(tools: Tools, tool: str, key: str | None = None, **arguments: Any) -> tuple[int, dict[str, Any]]:
    """How many calls a tool costs, and its answer."""
    tools.stage.meta.sandbox.calls.clear()
    answer = await call("POST", f"{tools.url}/tools/{tool}", key=key or tools.key, json=arguments)
    assert answer.status == 200, answer.text
    return sum(tools.stage.meta.sandbox.calls.values()), answer.body


async def test_the_same_question_is_asked_once(ads: Tools) -> None:
    """Within a minute; `as_of` says when Meta was asked, and then it is asked again."""
    count, first = await calls_of(ads, "get_account_info")
    assert count == 1
    ads.stage.clock.advance(timedelta(seconds=59))
    assert await calls_of(ads, "get_account_info") == (0, first)
    assert first["source"] == "live"
    ads.stage.clock.advance(timedelta(seconds=2))
    count, later = await calls_of(ads, "get_account_info")
    assert count == 1
    assert later["as_of"] > first["as_of"]


async def test_a_caller_says_how_old_an_answer_may_be(ads: Tools) -> None:
    """Nought asks Meta always; more than five minutes none lasts, whatever is allowed."""
    assert (await calls_of(ads, "get_insights", time_range="today"))[0] == 1
    ads.stage.clock.advance(timedelta(minutes=4))
    assert (await calls_of(ads, "get_insights", time_range="today"))[0] == 0
    assert (await calls_of(ads, "get_insights", time_range="today", max_age_minutes=0))[0] == 1
    ads.stage.clock.advance(timedelta(minutes=6))
    assert (await calls_of(ads, "get_insights", time_range="today", max_age_minutes=600))[0] == 1


async def test_a_change_through_the_gate_is_seen_at_once(ads: Tools) -> None:
    """What was read of the account before is forgotten."""
    wanted = {"name": "Spring", "objective": "OUTCOME_TRAFFIC"}
    made = (await ads.rest("create_campaign", **wanted)).body
    assert made["status"] == "applied"
    for name in ("Summer", "Autumn"):
        await ads.rest("update_campaign", campaign_id=made["object_id"], name=name)
        _, shown = await calls_of(ads, "get_campaign_details", campaign_id=made["object_id"])
        assert shown["campaign"]["name"] == {"untrusted_text": name}


async def test_keys_for_other_assets_share_no_answer(ads: Tools) -> None:
    """A key for one account alone asks for itself; one that may not use the account is refused as before."""
    await calls_of(ads, "get_account_info")
    narrow = await ads.other_key("tools:read", assets=[CERAMICS_ADS])
    assert (await calls_of(ads, "get_account_info", narrow))[0] == 1
    stranger = await ads.other_key("tools:read", assets=["act_1"])
    answer = await call("POST", f"{ads.url}/tools/get_account_info", key=stranger, json={"account_id": CERAMICS_ADS})
    assert answer.status == 403


async def test_a_new_connection_asks_anew(ads: Tools) -> None:
    """What another token saw is not what this one may see."""
    await calls_of(ads, "get_account_info")
    await ads.stage.connect()
    assert (await calls_of(ads, "get_account_info"))[0] == 1


async def test_how_far_a_report_is_is_always_asked(ads: Tools) -> None:
    """Waiting for it would never end otherwise."""
    ordered = (await ads.rest("request_insights_report", time_range="last_7d")).body
    again = (await ads.rest("request_insights_report", time_range="last_7d")).body
    assert ordered["report"] != again["report"]
    for _ in range(2):
        assert (await calls_of(ads, "get_insights_report", report=ordered["report"]))[0] >= 1


async def test_no_token_is_kept(ads: Tools) -> None:
    """Nor the links of pages, which hold one; the list goes on all the same."""
    _, first = await calls_of(ads, "get_ads", limit=1)
    count, again = await calls_of(ads, "get_ads", limit=1)
    assert count == 0
    _, second = await calls_of(ads, "get_ads", limit=1, after=again["next_cursor"])
    assert second["ads"][0]["id"] != first["ads"][0]["id"]
    kept = str(vars(ads.stage.node.live_answers))
    assert first["ads"][0]["id"] in kept
    assert "access_token" not in kept
    assert "https://graph" not in kept
    assert ads.stage.meta.url not in kept


async def test_instagram_answers_alike(make_node: MakeNode, serve: Serve) -> None:
    """The same cache serves both services."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    tools = await tools_of(make_node, meta, serve, "instagram", **AMPLE)
    await tools.stage.connect()
    count, first = await calls_of(tools, "get_content_publishing_limit", account_id=CERAMICS)
    assert count == 1
    assert await calls_of(tools, "get_content_publishing_limit", account_id=CERAMICS) == (0, first)


def kept_in(answers: LiveAnswers, name: str, size: int, changes: int = 0) -> bool:
    """Keep an answer of so many bytes under a name, and say whether it is there."""
    question = question_of(ApiCall("GET", f"/{name}", asset_id="act_1"), "credential", None)
    answers.keep(question, {"text": "x" * size}, NOW, changes)
    return answers.get(question, timedelta(minutes=1)) is not None


def test_what_is_kept_is_bounded() -> None:
    """By bytes in all, the oldest going first; one that is too large is not kept at all."""
    answers = LiveAnswers(MovableClock(NOW))
    first = question_of(ApiCall("GET", "/0", asset_id="act_1"), "credential", None)
    assert not kept_in(answers, "large", LARGEST)
    count = MOST_BYTES // LARGEST
    assert all(kept_in(answers, str(number), LARGEST - 100) for number in range(count))
    assert answers.get(first, timedelta(minutes=1)) is not None
    assert kept_in(answers, "one more", LARGEST - 100)
    assert answers.get(first, timedelta(minutes=1)) is None


def test_an_answer_from_before_a_change_is_not_kept_after_it() -> None:
    """A slow read does not bring back what a change has made untrue."""
    answers = LiveAnswers(MovableClock(NOW))
    before = answers.changes
    answers.drop()
    assert not kept_in(answers, "campaigns", 10, before)
    assert kept_in(answers, "campaigns", 10, answers.changes)
