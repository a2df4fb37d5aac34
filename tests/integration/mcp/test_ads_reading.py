"""Every reading tool of Meta Ads, over the protocol and over REST, against what the world says."""

import html
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, FULL_ACCESS
from tests.integration.conftest import MakeNode
from tests.integration.mcp.conftest import Tools, tools_of
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MARA

from freehold.node.mcp.meta_ads.labels import unlabelled
from freehold.node.mcp.meta_ads.tools import META_ADS

TODAY = date(2026, 11, 23)
Row = dict[str, Any]
A_TOKEN = re.compile("EAA[0-9a-f]{96}")
"""As the sandbox makes them; a sealed cursor may begin like one by chance."""


class World:
    """What the sandbox says, asked directly."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self._token = tools.stage.meta.token(MARA)

    async def read(self, path: str, **params: object) -> Row:
        """An answer of the sandbox's."""
        answer = await self.tools.stage.meta.get(path, self._token, **params)
        assert answer.status == 200, answer.text
        found: Row = answer.body
        return found

    async def rows(self, path: str, **params: object) -> list[Row]:
        """The rows of a list."""
        found: list[Row] = (await self.read(path, **{"limit": 200, **params}))["data"]
        return found

    async def an_ad(self, kind: str = "") -> Row:
        """An ad that delivers, with its creative; of a kind of creative where one is named."""
        ads = await self.rows(
            f"{CERAMICS_ADS}/ads", fields="id,name,adset_id,campaign_id,creative{id,object_type,video_id,image_hash}"
        )
        return next(ad for ad in ads if not kind or ad["creative"]["object_type"] == kind)


@pytest.fixture
async def ads(make_node: MakeNode, serve: Serve) -> Tools:
    """Meta Ads over a node whose client is connected, with limits that are far away."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    tools = await tools_of(make_node, meta, serve, "meta_ads", **AMPLE)
    await tools.stage.connect()
    return tools


async def accounts(world: World) -> None:
    told = await world.tools.both("get_ad_accounts")
    (account,) = told["accounts"]
    real = await world.read(CERAMICS_ADS, fields="name,currency,timezone_name")
    assert account == {
        "id": CERAMICS_ADS, "name": {"untrusted_text": real["name"]}, "currency": real["currency"],
        "timezone": real["timezone_name"],
    }  # fmt: skip


async def account_info(world: World) -> None:
    told = await world.tools.both("get_account_info")
    real = await world.read(CERAMICS_ADS, fields="amount_spent,currency,account_status")
    assert told["source"] == "live"
    assert told["amount_spent_minor"] == int(real["amount_spent"])
    assert (told["currency"], told["status"]) == (real["currency"], "active")
    assert told["amount_spent"].endswith(real["currency"])


async def account_pages(world: World) -> None:
    told = await world.tools.both("get_account_pages", account_id=CERAMICS_ADS)
    assert [(page["id"], page["instagram_account_id"]) for page in told["pages"]] == [(CERAMICS_PAGE, CERAMICS)]


async def pages_by_name(world: World) -> None:
    name = (await world.read(CERAMICS_PAGE, fields="name"))["name"]
    for part, found in ((name[2:6].upper(), 1), ("no such page", 0)):
        told = await world.tools.both("search_pages_by_name", account_id=CERAMICS_ADS, search_term=part)
        assert len(told["pages"]) == found


async def activity_log(world: World) -> None:
    span = {"since": (TODAY - timedelta(days=40)).isoformat(), "until": TODAY.isoformat()}
    told = await world.tools.both("get_activity_log", **span, limit=3)
    real = await world.rows(f"{CERAMICS_ADS}/activities", since=1792000000, fields="object_id,event_type,event_time")
    assert told["activities"]
    assert [each["object_id"] for each in told["activities"]] == [row["object_id"] for row in real[:3]]
    assert told["activities"][0]["event"]


async def campaigns(world: World) -> None:
    told = await world.tools.both("get_campaigns", limit=100)
    real = await world.rows(f"{CERAMICS_ADS}/campaigns", fields="name,objective,effective_status,daily_budget")
    assert [each["id"] for each in told["campaigns"]] == [row["id"] for row in real]
    for shown, row in zip(told["campaigns"], real, strict=True):
        assert (shown["name"], shown["objective"]) == ({"untrusted_text": row["name"]}, row["objective"])
        assert str(shown.get("daily_budget_minor")) == row.get("daily_budget", "None")
    paused = await world.tools.both("get_campaigns", status_filter="PAUSED", limit=100)
    assert {each["effective_status"] for each in paused["campaigns"]} == {"PAUSED"}


async def campaign_details(world: World) -> None:
    campaign_id = (await world.an_ad())["campaign_id"]
    told = await world.tools.both("get_campaign_details", campaign_id=campaign_id)
    real = await world.read(campaign_id, fields="name,budget_remaining,objective")
    assert told["campaign"]["name"] == {"untrusted_text": real["name"]}
    assert told["campaign"]["objective"] == real["objective"]
    assert told["details"]["budget_remaining"] == real["budget_remaining"]


async def adsets(world: World) -> None:
    campaign_id = (await world.an_ad())["campaign_id"]
    told = await world.tools.both("get_adsets", campaign_id=campaign_id)
    real = await world.rows(f"{campaign_id}/adsets", fields="name,optimization_goal")
    shown = [(each["id"], each["name"]["untrusted_text"], each["optimization_goal"]) for each in told["adsets"]]
    assert shown == [(row["id"], row["name"], row["optimization_goal"]) for row in real]


async def adset_details(world: World) -> None:
    adset_id = (await world.an_ad())["adset_id"]
    told = await world.tools.both("get_adset_details", adset_id=adset_id)
    real = await world.read(adset_id, fields="name,targeting,attribution_spec")
    assert told["adset"]["name"] == {"untrusted_text": real["name"]}
    assert unlabelled(told["details"]["targeting"]) == real["targeting"]
    assert told["details"]["attribution_spec"] == real["attribution_spec"]


async def ads_listed(world: World) -> None:
    one = await world.an_ad()
    told = await world.tools.both("get_ads", adset_id=one["adset_id"])
    real = await world.rows(f"{one['adset_id']}/ads", fields="name,creative{id}")
    assert [(each["id"], each["creative_id"]) for each in told["ads"]] == [
        (row["id"], row["creative"]["id"]) for row in real
    ]


async def ad_details(world: World) -> None:
    one = await world.an_ad()
    told = await world.tools.both("get_ad_details", ad_id=one["id"])
    assert (told["ad"]["id"], told["ad"]["adset_id"]) == (one["id"], one["adset_id"])
    assert told["details"]["creative"]["id"] == one["creative"]["id"]


async def creative_details(world: World) -> None:
    creative_id = (await world.an_ad("SHARE"))["creative"]["id"]
    told = await world.tools.both("get_creative_details", creative_id=creative_id)
    real = (await world.read(creative_id, fields="object_story_spec,image_hash"))["object_story_spec"]["link_data"]
    creative = told["creative"]
    assert creative["title"] == {"untrusted_text": real["name"]}
    assert creative["body"] == {"untrusted_text": real["message"]}
    assert creative["link_url"] == {"untrusted_text": real["link"]}
    assert creative["call_to_action"] == real["call_to_action"]["type"]


async def ad_creatives(world: World) -> None:
    one = await world.an_ad()
    told = await world.tools.both("get_ad_creatives", ad_id=one["id"])
    assert [each["id"] for each in told["creatives"]] == [one["creative"]["id"]]


async def ad_image(world: World) -> None:
    one = await world.an_ad("SHARE")
    told = await world.tools.both("get_ad_image", ad_id=one["id"])
    real = await world.read(one["creative"]["id"], fields="image_url,image_hash,thumbnail_url")
    assert {name: told[name] for name in ("image_url", "image_hash", "thumbnail_url")} == {
        name: real[name] for name in ("image_url", "image_hash", "thumbnail_url")
    }


async def image_by_hash(world: World) -> None:
    image_hash = (await world.an_ad("SHARE"))["creative"]["image_hash"]
    told = await world.tools.both("get_image_by_hash", account_id=CERAMICS_ADS, image_hash=image_hash)
    (real,) = await world.rows(f"{CERAMICS_ADS}/adimages", hashes=[image_hash], fields="hash,url,width")
    assert {name: told["image"][name] for name in ("hash", "url", "width")} == {
        name: real[name] for name in ("hash", "url", "width")
    }
    missing = await world.tools.error("get_image_by_hash", image_hash="0" * 32)
    assert missing["code"] == "object_unknown"


async def ad_video(world: World) -> None:
    one = await world.an_ad("VIDEO")
    by_ad = await world.tools.both("get_ad_video", ad_id=one["id"])
    by_id = await world.tools.both("get_ad_video", video_id=one["creative"]["video_id"])
    assert by_ad["video"] == by_id["video"]
    real = await world.read(one["creative"]["video_id"], fields="title,length")
    assert by_ad["video"]["title"] == {"untrusted_text": real["title"]}
    assert by_ad["video"]["length"] == real["length"]
    assert (await world.tools.error("get_ad_video"))["code"] == "invalid_arguments"
    assert (await world.tools.error("get_ad_video", video_id="12"))["code"] == "object_unknown"


async def ad_preview(world: World) -> None:
    one = await world.an_ad()
    told = await world.tools.both("get_ad_preview", ad_id=one["id"], ad_format="INSTAGRAM_STANDARD")
    (real,) = await world.rows(f"{one['id']}/previews", ad_format="INSTAGRAM_STANDARD")
    assert html.escape(told["preview_url"]) in real["body"]


async def image_crops(world: World) -> None:
    told = await world.tools.both("compute_image_crops", image_width=1200, image_height=800)
    assert told["image_crops"]["100x100"] == [[200, 0], [1000, 800]]
    assert told["image_crops"]["90x160"] == [[375, 0], [825, 800]]
    one = await world.tools.both("compute_image_crops", image_width=191, image_height=500, crop_keys=["191x100"])
    assert one["image_crops"] == {"191x100": [[0, 200], [191, 300]]}
    for size in ({"image_width": 1, "image_height": 30_000}, {"image_width": 30_000, "image_height": 1}):
        thin = (await world.tools.both("compute_image_crops", **size))["image_crops"]
        assert all(left < right and top < bottom for (left, top), (right, bottom) in thin.values())


async def insights(world: World) -> None:
    told = await world.tools.both(
        "get_insights", level="campaign", time_range="last_7d", action_breakdowns=["action_type"]
    )
    span = {"since": (TODAY - timedelta(days=7)).isoformat(), "until": (TODAY - timedelta(days=1)).isoformat()}
    fields = "campaign_id,impressions,reach,clicks,spend,actions"
    real = await world.rows(f"{CERAMICS_ADS}/insights", level="campaign", time_range=span, fields=fields)
    assert [(row["id"], row["impressions"], row["reach"], row["clicks"]) for row in told["rows"]] == [
        (row["campaign_id"], int(row["impressions"]), int(row["reach"]), int(row["clicks"])) for row in real
    ]
    assert [row["spend_minor"] for row in told["rows"]] == [round(float(row["spend"]) * 100) for row in real]
    assert (told["since"], told["until"], told["attribution"]) == (
        span["since"],
        span["until"],
        ["7d_click", "1d_view"],
    )
    assert told["complete"]
    parts = await world.tools.both("get_insights", time_range="yesterday", breakdown="platform_position", limit=100)
    day = (TODAY - timedelta(days=1)).isoformat()
    cut = await world.rows(
        f"{CERAMICS_ADS}/insights", time_range={"since": day, "until": day}, fields="impressions",
        breakdowns=["publisher_platform", "platform_position"],
    )  # fmt: skip
    assert [(row["breakdown"]["platform_position"], row["impressions"]) for row in parts["rows"]] == [
        (row["platform_position"], int(row["impressions"])) for row in cut
    ]


async def insights_report(world: World) -> None:
    wanted = {"level": "ad", "time_range": "last_14d"}
    ordered = await world.tools.ask("request_insights_report", **wanted)
    first = await world.tools.ask("get_insights_report", report=ordered["report"])
    assert first["status"]
    for _ in range(20):
        world.tools.stage.clock.advance(timedelta(minutes=1))
        done = await world.tools.ask("get_insights_report", report=ordered["report"], limit=5)
        if "insights" in done:
            break
    direct = await world.tools.ask("get_insights", **wanted, limit=5)
    assert done["insights"]["rows"] == direct["rows"]
    report = await world.tools.ask("get_insights_report", report=ordered["report"], limit=5)
    following = await world.tools.ask(
        "get_insights_report", report=ordered["report"], limit=5, after=report["insights"]["next_cursor"]
    )
    ids = [row["id"] for row in (*report["insights"]["rows"], *following["insights"]["rows"])]
    assert len(set(ids)) == len(ids)


async def custom_audiences(world: World) -> None:
    told = await world.tools.both("get_custom_audiences")
    real = await world.rows(f"{CERAMICS_ADS}/customaudiences", fields="name,subtype,approximate_count_lower_bound")
    assert [(each["id"], each["name"]["untrusted_text"], each["people_from"]) for each in told["audiences"]] == [
        (row["id"], row["name"], row["approximate_count_lower_bound"]) for row in real
    ]


def searching(tool: str, arguments: Row, params: Row) -> Callable[[World], Awaitable[None]]:
    """A case of a tool that searches: the same ids in the same order as Meta gives."""

    async def case(world: World) -> None:
        told = await world.tools.both(tool, **arguments)
        real = (await world.read("search", **params))["data"]
        found = [each.get("id", each.get("key")) for each in told.get("options") or told["places"]]
        assert found
        assert found == [row.get("id", row.get("key")) for row in real][: len(found)]

    return case


async def audience_size(world: World) -> None:
    spec = {"geo_locations": {"countries": ["DE"]}, "age_min": 18, "age_max": 40}
    told = await world.tools.both("estimate_audience_size", targeting=spec)
    real = (await world.read(f"{CERAMICS_ADS}/reachestimate", targeting_spec=spec))["data"]
    assert (told["people_from"], told["people_to"]) == (real["users_lower_bound"], real["users_upper_bound"])
    goal = await world.tools.both("estimate_audience_size", targeting=spec, optimization_goal="REACH")
    assert goal["people_from"] == told["people_from"]
    name = (await world.read("search", type="adinterest", q="a"))["data"][0]["name"]
    valid = await world.tools.both("estimate_audience_size", interest_list=[name, "no such interest"])
    assert [each["valid"] for each in valid["interests"]] == [True, False]
    assert (await world.tools.error("estimate_audience_size"))["code"] == "invalid_arguments"


async def archive(world: World) -> None:
    words = {"search_terms": "made by hand", "ad_reached_countries": ["ALL"]}
    told = await world.tools.both("search_ads_archive", **words, limit=3)
    real = await world.read(
        "ads_archive", search_terms="made by hand", ad_reached_countries=["ALL"], ad_type="ALL", ad_active_status="ALL",
        fields="id,page_name,ad_creative_bodies", limit=3,
    )  # fmt: skip
    assert [ad["id"] for ad in told["ads"]] == [row["id"] for row in real["data"]]
    assert [ad["page_name"] for ad in told["ads"]] == [{"untrusted_text": row["page_name"]} for row in real["data"]]
    said = [text["untrusted_text"] for text in told["ads"][0]["texts"]]
    assert set(real["data"][0]["ad_creative_bodies"]) <= set(said)


CASES: Mapping[str, Callable[[World], Awaitable[None]]] = {
    "get_ad_accounts": accounts,
    "get_account_info": account_info,
    "get_account_pages": account_pages,
    "search_pages_by_name": pages_by_name,
    "get_activity_log": activity_log,
    "get_campaigns": campaigns,
    "get_campaign_details": campaign_details,
    "get_adsets": adsets,
    "get_adset_details": adset_details,
    "get_ads": ads_listed,
    "get_ad_details": ad_details,
    "get_insights": insights,
    "request_insights_report": insights_report,
    "get_insights_report": insights_report,
    "get_creative_details": creative_details,
    "get_ad_creatives": ad_creatives,
    "get_ad_image": ad_image,
    "get_image_by_hash": image_by_hash,
    "get_ad_video": ad_video,
    "get_ad_preview": ad_preview,
    "compute_image_crops": image_crops,
    "get_custom_audiences": custom_audiences,
    "search_interests": searching("search_interests", {"query": "a"}, {"type": "adinterest", "q": "a", "limit": 25}),
    "get_interest_suggestions": searching(
        "get_interest_suggestions",
        {"interest_list": ["Pottery"]},
        {"type": "adinterestsuggestion", "interest_list": ["Pottery"], "limit": 25},
    ),
    "search_behaviors": searching(
        "search_behaviors", {}, {"type": "adTargetingCategory", "class": "behaviors", "limit": 50}
    ),
    "search_demographics": searching(
        "search_demographics",
        {"demographic_class": "life_events"},
        {"type": "adTargetingCategory", "class": "life_events", "limit": 50},
    ),
    "search_geo_locations": searching(
        "search_geo_locations",
        {"query": "ber", "location_types": ["city"]},
        {"type": "adgeolocation", "q": "ber", "location_types": ["city"], "limit": 25},
    ),
    "estimate_audience_size": audience_size,
    "search_ads_archive": archive,
}


@pytest.mark.parametrize("case", dict.fromkeys(CASES.values()), ids=lambda case: case.__name__)
async def test_a_tool_answers_what_the_world_says(ads: Tools, case: Callable[[World], Awaitable[None]]) -> None:
    """Over both interfaces alike."""
    await case(World(ads))


def test_every_reading_tool_is_called() -> None:
    """The cases above leave none out; those about plans are called where plans are made."""
    assert set(CASES) == {tool.name for tool in META_ADS.tools if tool.reads_only and tool.toolset != "changes"}


async def test_no_answer_holds_a_token_or_an_address_of_the_graph(ads: Tools) -> None:
    """Neither in lists with cursors nor in what Meta says of objects."""
    world = World(ads)
    one = await world.an_ad()
    asked: list[tuple[str, Row]] = [
        ("get_campaigns", {"limit": 1}),
        ("get_ads", {"limit": 1}),
        ("get_insights", {"level": "ad", "limit": 1, "time_increment": "daily"}),
        ("get_ad_details", {"ad_id": one["id"]}),
        ("get_activity_log", {"limit": 1}),
        ("search_ads_archive", {"search_terms": "made", "ad_reached_countries": ["ALL"], "limit": 1}),
    ]
    for tool, arguments in asked:
        text = json.dumps(await ads.ask(tool, **arguments))
        assert "access_token" not in text
        assert "appsecret" not in text
        assert ads.stage.meta.url not in text
        assert not A_TOKEN.search(text)
