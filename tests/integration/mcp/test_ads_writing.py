"""Changes that tools want: made where the rules ask nobody, else left for a person, and never past the gate."""

import base64
from pathlib import Path
from typing import Any

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, FULL_ACCESS
from tests.integration.conftest import MakeNode
from tests.integration.mcp.conftest import Tools, tools_of
from tests.integration.node.conftest import call
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE

from freehold.node.access import create_key
from freehold.node.mcp.meta_ads.tools import META_ADS
from freehold.node.spending.approvals import Word, approver_of, decide
from freehold.node.spending.choosing import choose_rules
from freehold.node.spending.queries import plan_row
from freehold.node.spending.tables import spending_plans

PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 64).decode()


@pytest.fixture
async def ads(make_node: MakeNode, serve: Serve) -> Tools:
    """Meta Ads over a connected node, with a key that reads and writes."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    tools = await tools_of(make_node, meta, serve, "meta_ads", "tools:read", "tools:write", **AMPLE)
    await tools.stage.connect()
    return tools


async def truth(ads: Tools, object_id: str, fields: str) -> dict[str, Any]:
    """What an object is at Meta, read past the node."""
    found: dict[str, Any] = (await ads.stage.meta.get(object_id, ads.stage.meta.token(), fields=fields)).body
    return found


async def approve(ads: Tools, plan_id: str) -> None:
    """Have a person approve a plan, with a key of their own, outside of the tools."""
    node = ads.stage.node
    async with node.database.writing() as session:
        made = await create_key(session, f"owner {plan_id}", ["approve"], node.clock.now())
    async with node.database.reading() as session:
        row = await plan_row(session, plan_id)
    assert row is not None
    await decide(node, await approver_of(node, made.secret), plan_id, Word("approved", row["hash"], "page"))


async def done(ads: Tools, tool: str, **arguments: Any) -> dict[str, Any]:
    """A change that is made: at once, or after a person has approved it."""
    told = await ads.ask(tool, **arguments)
    assert told["status"] in {"applied", "waiting"}, told
    if told["status"] == "waiting":
        assert (await ads.error("apply_plan", plan_id=told["plan_id"]))["code"] == "approval_needed"
        await approve(ads, told["plan_id"])
        told = await ads.ask("apply_plan", plan_id=told["plan_id"])
    assert told["status"] == "applied"
    return told


async def a_campaign(ads: Tools, **given: Any) -> str:
    """A campaign made by the tool."""
    wanted = {"name": "Spring", "objective": "OUTCOME_TRAFFIC", "daily_budget": 5_000, **given}
    made: str = (await done(ads, "create_campaign", **wanted))["object_id"]
    return made


async def an_ad_set(ads: Tools, campaign_id: str) -> str:
    """An ad set made by the tool."""
    wanted = {
        "campaign_id": campaign_id, "name": "Everybody", "optimization_goal": "LINK_CLICKS",
        "billing_event": "IMPRESSIONS", "targeting": {"geo_locations": {"countries": ["US"]}},
    }  # fmt: skip
    made: str = (await done(ads, "create_adset", **wanted))["object_id"]
    return made


async def test_a_whole_campaign_is_made_paused(ads: Tools) -> None:
    """Campaign, ad set, picture, creative and ad, each as it was asked for, and nothing of it runs."""
    campaign_id = await a_campaign(ads)
    set_id = await an_ad_set(ads, campaign_id)
    image = await done(ads, "upload_ad_image", file=PICTURE, name="vase")
    creative = await done(
        ads, "create_ad_creative", name="Vase", image_hash=image["object_id"], link_url="https://shop.example/",
        message="Made by hand", headline="A vase", call_to_action_type="SHOP_NOW",
    )  # fmt: skip
    ad = await done(ads, "create_ad", name="Vase ad", adset_id=set_id, creative_id=creative["object_id"])
    real = await truth(ads, ad["object_id"], "name,status,adset_id,campaign{daily_budget,status},creative{id}")
    assert (real["name"], real["status"], real["adset_id"]) == ("Vase ad", "PAUSED", set_id)
    assert real["campaign"]["daily_budget"] == "5000"
    assert real["campaign"]["status"] == "PAUSED"
    story = (await truth(ads, creative["object_id"], "object_story_spec"))["object_story_spec"]
    assert story["page_id"] == CERAMICS_PAGE
    assert story["link_data"]["call_to_action"]["type"] == "SHOP_NOW"


async def test_nothing_is_made_running(ads: Tools) -> None:
    """A status other than PAUSED is no argument of what is new."""
    told = await ads.error("create_campaign", name="Now", objective="OUTCOME_TRAFFIC", status="ACTIVE")
    assert told["code"] == "invalid_arguments"


async def test_starting_waits_for_a_person_and_pausing_for_nobody(ads: Tools) -> None:
    """What may spend waits; the plan says how much at the worst. What stops is done at once."""
    campaign_id = await a_campaign(ads)
    await an_ad_set(ads, campaign_id)
    started = await ads.ask("update_campaign", campaign_id=campaign_id, status="ACTIVE")
    assert started["status"] == "waiting"
    assert started["reasons"]
    assert "USD" in started["spend_after"]
    assert (await truth(ads, campaign_id, "status"))["status"] == "PAUSED"
    listed = await ads.ask("list_plans")
    assert [plan["plan_id"] for plan in listed["plans"]] == [started["plan_id"]]
    shown = (await ads.both("get_plan", plan_id=started["plan_id"]))["plan"]
    assert (shown["status"], shown["object_id"], shown["reasons"]) == ("waiting", campaign_id, started["reasons"])
    await approve(ads, started["plan_id"])
    applied = await ads.ask("apply_plan", plan_id=started["plan_id"])
    assert (await truth(ads, campaign_id, "status"))["status"] == "ACTIVE"
    again = await ads.ask("apply_plan", plan_id=started["plan_id"])
    assert again["change_id"] == applied["change_id"]
    paused = await ads.ask("update_campaign", campaign_id=campaign_id, status="PAUSED")
    assert paused["status"] == "applied"
    assert (await truth(ads, campaign_id, "status"))["status"] == "PAUSED"


async def test_a_key_that_writes_approves_nothing(ads: Tools) -> None:
    """There is no tool for it, whatever the key's scopes: approval is out of the model's reach."""
    key = await ads.other_key("tools:read", "tools:write", "approve")
    async with ads.client(path="/mcp/all", key=key) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
    assert not {name for name in names if "approv" in name}


async def test_a_change_is_taken_back(ads: Tools) -> None:
    """By its id: the object is as it was before."""
    campaign_id = await a_campaign(ads)
    changed = await done(ads, "update_campaign", campaign_id=campaign_id, name="Summer")
    assert changed["changes"] == [
        {"field": "name", "before": {"untrusted_text": "Spring"}, "after": {"untrusted_text": "Summer"}}
    ]
    back = await ads.ask("undo_change", change_id=changed["change_id"])
    assert back["status"] == "applied"
    assert (await truth(ads, campaign_id, "name"))["name"] == "Spring"


async def test_the_same_key_does_it_once(ads: Tools) -> None:
    """A repeated call with its idempotency key makes nothing new."""
    first = await ads.ask("upload_ad_image", file=PICTURE, idempotency_key="picture-of-a-vase")
    second = await ads.ask("upload_ad_image", file=PICTURE, idempotency_key="picture-of-a-vase")
    assert (first["plan_id"], first["change_id"]) == (second["plan_id"], second["change_id"])


async def test_long_keys_that_differ_at_their_end_are_two(ads: Tools) -> None:
    """What a caller tells apart is not taken for the same change."""
    keys = ["k" * 127 + last for last in "ab"]
    plans = [(await ads.ask("upload_ad_image", file=PICTURE, idempotency_key=key))["plan_id"] for key in keys]
    assert len(set(plans)) == 2


async def test_the_rest_of_the_changing_tools(ads: Tools) -> None:
    """Each does at Meta what it says."""
    campaign_id = await a_campaign(ads)
    set_id = await an_ad_set(ads, campaign_id)
    image = await done(ads, "upload_ad_image", file=f"data:image/png;base64,{PICTURE}")
    creative = await done(
        ads, "create_ad_creative", name="One", image_hash=image["object_id"], link_url="https://shop.example/"
    )
    renamed = await done(ads, "update_ad_creative", creative_id=creative["object_id"], name="Two")
    assert (await truth(ads, renamed["object_id"], "name"))["name"] == "Two"
    await done(ads, "update_adset", adset_id=set_id, name="Some")
    assert (await truth(ads, set_id, "name"))["name"] == "Some"
    ad = await done(ads, "create_ad", name="Ad", adset_id=set_id, creative_id=creative["object_id"])
    await done(ads, "update_ad", ad_id=ad["object_id"], name="Another")
    assert (await truth(ads, ad["object_id"], "name"))["name"] == "Another"
    copy = await done(ads, "duplicate_campaign", campaign_id=campaign_id)
    assert (await truth(ads, copy["object_id"], "status"))["status"] == "PAUSED"
    media = (await ads.stage.meta.get(f"{CERAMICS}/media", ads.stage.meta.token(), limit=1)).body["data"][0]["id"]
    promoted = await done(ads, "promote_instagram_post", adset_id=set_id, instagram_media_id=media, name="Post")
    real = await truth(ads, promoted["object_id"], "source_instagram_media_id,instagram_user_id")
    assert (real["source_instagram_media_id"], real["instagram_user_id"]) == (media, CERAMICS)
    for tool, names in (("duplicate_adset", {"adset_id": set_id}), ("duplicate_ad", {"ad_id": ad["object_id"]})):
        copied = await done(ads, tool, **names, name_suffix=" (2)")
        real = await truth(ads, copied["object_id"], "name,status")
        assert real["name"].endswith(" (2)")
        assert real["status"] == "PAUSED"
    gone = await done(ads, "delete_object", kind="ad", object_id=ad["object_id"])
    assert gone["changes"] == [
        {"field": "status", "before": {"untrusted_text": "PAUSED"}, "after": {"untrusted_text": "DELETED"}}
    ]


async def test_audiences_are_made_and_deleted(ads: Tools) -> None:
    """A custom one, and one of people like those of another."""
    made = await done(ads, "create_custom_audience", name="Buyers", customer_file_source="USER_PROVIDED_ONLY")
    listed = (await ads.ask("get_custom_audiences"))["audiences"]
    assert listed[0]["id"] == made["object_id"]
    alike = await done(
        ads,
        "create_lookalike_audience",
        name="Alike",
        origin_audience_id=listed[-1]["id"],
        country="US",
        ratio_percent=2,
    )
    assert (await truth(ads, alike["object_id"], "subtype"))["subtype"] == "LOOKALIKE"
    await done(ads, "delete_object", kind="audience", object_id=made["object_id"])
    assert made["object_id"] not in {each["id"] for each in (await ads.ask("get_custom_audiences"))["audiences"]}


async def test_an_account_is_capped_in_minor_units(ads: Tools) -> None:
    """500 dollars are 50 000 cents; without an amount the cap goes."""
    await done(ads, "set_account_spend_cap", spend_cap=50_000_000)
    assert (await ads.ask("get_account_info"))["spend_cap_minor"] == 50_000_000
    await done(ads, "set_account_spend_cap")
    assert "spend_cap_minor" not in await ads.ask("get_account_info")


async def test_a_budget_is_raised_for_a_time(ads: Tools) -> None:
    """By a schedule of the campaign's, which a person approves."""
    campaign_id = await a_campaign(ads)
    wanted = {"budget_value": 1_000, "budget_value_type": "ABSOLUTE"}
    times = {"time_start": "2026-11-25T00:00:00", "time_end": "2026-11-27T00:00:00"}
    made = await done(ads, "create_budget_schedule", campaign_id=campaign_id, **wanted, **times)
    real = await truth(ads, made["object_id"], "ad_object_id,budget_value")
    assert (real["ad_object_id"], real["budget_value"]) == (campaign_id, 1_000)


def test_every_changing_tool_is_called() -> None:
    """The cases of this file leave none out."""
    text = Path(__file__).read_text(encoding="utf-8")
    changing = [tool.name for tool in META_ADS.tools if not tool.reads_only or tool.toolset == "changes"]
    assert not [name for name in changing if f'"{name}"' not in text]


async def test_many_are_changed_one_by_one(ads: Tools) -> None:
    """Each under the same rules; one that fails stops none of the others."""
    first, second = await a_campaign(ads), await a_campaign(ads, name="Autumn")
    items = [
        {"kind": "campaign", "object_id": first, "daily_budget": 4_000},
        {"kind": "campaign", "object_id": "1202599999999999", "daily_budget": 4_000},
        {"kind": "campaign", "object_id": second, "daily_budget": 900_000_000},
    ]
    told = await ads.ask("bulk_update_budgets", items=items)
    assert [each["status"] for each in told["results"]][:2] == ["applied", "object_unknown"]
    assert told["results"][2]["status"] in {"waiting", "forbidden"}
    assert (told["results"][1]["hint"], told["results"][1]["retryable"]) == (
        "Take the id from one of the listing tools.", False,
    )  # fmt: skip
    assert "hint" not in told["results"][0]
    assert (await truth(ads, second, "daily_budget"))["daily_budget"] == "5000"
    archived = [{"kind": "campaign", "object_id": each, "status": "ARCHIVED"} for each in (first, second)]
    assert {each["status"] for each in (await ads.ask("bulk_update_status", items=archived))["results"]} == {"applied"}
    assert (await truth(ads, first, "status"))["status"] == "ARCHIVED"


async def test_everything_is_paused_at_once(ads: Tools) -> None:
    """Every campaign that runs, without anybody's approval."""
    told = await ads.ask("pause_everything", account_id=CERAMICS_ADS)
    assert told["results"]
    assert {each["status"] for each in told["results"]} == {"applied"}
    listed = (await ads.rest("get_campaigns", status_filter="ACTIVE", max_age_minutes=0)).body
    assert listed["campaigns"] == []


async def test_a_key_that_reads_sees_no_tool_that_writes(ads: Tools) -> None:
    """Over the protocol they are absent; over REST the scope that is missing is named."""
    key = await ads.other_key("tools:read")
    async with ads.client(path="/mcp/all", key=key) as client:
        tools = (await client.list_tools()).tools
    assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in tools)
    async with ads.client(path="/mcp/all") as client:
        assert len((await client.list_tools()).tools) > len(tools)
    node = ads.stage.node
    assert not [row for row in await ads.stage.rows(spending_plans) if row["proposed_by"] != node.settings.client_id]


async def test_a_creative_may_leave_meta_a_choice(ads: Tools) -> None:
    """Several texts and pictures are what Meta picks from; lists of one are an ordinary story, with its crops."""
    image = (await done(ads, "upload_ad_image", file=PICTURE))["object_id"]
    common = {"image_hash": image, "link_url": "https://shop.example/", "call_to_action_type": "SHOP_NOW"}
    choice = await done(
        ads, "create_ad_creative", name="Choice", messages=["By hand", "From clay"], headlines=["A vase"],
        optimization_type="DEGREES_OF_FREEDOM", disable_all_enhancements=True, **common,
    )  # fmt: skip
    real = await truth(ads, choice["object_id"], "object_story_spec,asset_feed_spec,degrees_of_freedom_spec")
    assert real["object_story_spec"] == {"page_id": CERAMICS_PAGE}
    feed = real["asset_feed_spec"]
    assert [body["text"] for body in feed["bodies"]] == ["By hand", "From clay"]
    assert (feed["images"], feed["titles"]) == ([{"hash": image}], [{"text": "A vase"}])
    assert (feed["link_urls"], feed["call_to_action_types"]) == ([{"website_url": common["link_url"]}], ["SHOP_NOW"])
    features = real["degrees_of_freedom_spec"]["creative_features_spec"]
    assert features["image_touchups"] == {"enroll_status": "OPT_OUT"}
    crops = {"100x100": [[0, 0], [100, 100]]}
    plain = await done(ads, "create_ad_creative", name="Plain", messages=["By hand"], image_crops=crops, **common)
    told = await truth(ads, plain["object_id"], "object_story_spec,asset_feed_spec")
    assert "asset_feed_spec" not in told
    story = told["object_story_spec"]["link_data"]
    assert (story["message"], story["image_crops"]) == ("By hand", crops)


async def test_a_copy_gets_its_own_budget_by_a_plan_of_its_own(ads: Tools) -> None:
    """Lowered at once; raised, it waits for a person, and until then the copy has what it was copied from."""
    campaign_id = await a_campaign(ads)
    for budget, status in ((4_000, "applied"), (900_000, "waiting")):
        told = await ads.ask("duplicate_campaign", campaign_id=campaign_id, new_daily_budget=budget)
        assert told["status"] == status, told
        assert f"The copy {told['object_id']} is made, and paused." in told["next"]
        expected = str(budget) if status == "applied" else "5000"
        assert await truth(ads, told["object_id"], "daily_budget,status") == {
            "id": told["object_id"], "daily_budget": expected, "status": "PAUSED",
        }  # fmt: skip
    node = ads.stage.node
    rule = '[{"action": "create_campaign", "condition": "always", "effect": "ask"}]'
    await choose_rules(node, await approver_of(node, await ads.other_key("approve")), CERAMICS_ADS, rule)
    held = await ads.ask("duplicate_campaign", campaign_id=campaign_id, new_daily_budget=4_000)
    assert held["status"] == "waiting"
    assert "Then call update_campaign for the copy, with daily_budget" in held["next"]


async def test_a_copy_takes_only_what_meta_can_copy(ads: Tools) -> None:
    """Ad sets with their ads or neither, creatives as they are, and never running."""
    for wrong in ({"include_ads": False}, {"include_creatives": False}, {"new_status": "ACTIVE"}):
        told = await ads.error("duplicate_campaign", campaign_id="1202100000000001", **wrong)
        assert told["code"] == "invalid_arguments"
        assert next(iter(wrong)) in told["message"]


async def test_a_list_of_plans_ends_where_it_says(ads: Tools) -> None:
    """Page by page each waiting plan once; those of other accounts take no place of a key for one account."""
    campaign_id = await a_campaign(ads)
    waiting = [
        (await ads.ask("update_campaign", campaign_id=campaign_id, daily_budget=budget))["plan_id"]
        for budget in (90_000, 91_000, 92_000)
    ]
    found: list[str] = []
    after = None
    while not found or after:
        page = await ads.ask("list_plans", limit=1, **({"after": after} if after else {}))
        found += [plan["plan_id"] for plan in page["plans"]]
        after = page.get("next_cursor")
    assert sorted(found) == sorted(waiting)
    narrow = await ads.other_key("tools:read", assets=["act_1"])
    assert (await call("POST", f"{ads.url}/tools/list_plans", key=narrow, json={})).body["plans"] == []
