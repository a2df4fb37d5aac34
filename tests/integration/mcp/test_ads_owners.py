"""A person's token may reach several companies: what comes back through it has to be this client's own."""

import dataclasses
from typing import Any

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, FULL_ACCESS
from tests.integration.conftest import MakeNode
from tests.integration.mcp.conftest import Tools, tools_of
from tests.integration.node.conftest import call
from tests.meta_sandbox import CERAMICS_ADS, MARA

from freehold.sandbox.meta.world.people import ad_account_id

BOOKS_ADS = f"act_{ad_account_id(5)}"
"""An ad account of another company, to which the same person has access."""


@pytest.fixture
async def ads(make_node: MakeNode, serve: Serve) -> Tools:
    """Meta Ads on a node whose person granted two companies' ad accounts, of which one was ticked."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    tools = await tools_of(make_node, meta, serve, "meta_ads", **AMPLE)
    grant = tools.stage.grant(MARA, frozenset({CERAMICS_ADS, BOOKS_ADS}))
    assert await tools.stage.opened.deliver(grant, confirm=False) == 201
    await tools.stage.opened.confirm([CERAMICS_ADS])
    return tools


async def others(ads: Tools) -> dict[str, str]:
    """Ids of the other company's campaign, ad set, ad and creative."""
    meta = ads.stage.meta
    token = meta.token(MARA)
    fields = "id,adset_id,campaign_id,creative{id}"
    (ad, *_) = (await meta.get(f"{BOOKS_ADS}/ads", token, fields=fields)).body["data"]
    return {"ad": ad["id"], "adset": ad["adset_id"], "campaign": ad["campaign_id"], "creative": ad["creative"]["id"]}


@pytest.mark.parametrize(
    ("tool", "argument", "kind"),
    [
        ("get_campaign_details", "campaign_id", "campaign"),
        ("get_adset_details", "adset_id", "adset"),
        ("get_ad_details", "ad_id", "ad"),
        ("get_creative_details", "creative_id", "creative"),
        ("get_ad_creatives", "ad_id", "ad"),
        ("get_ad_image", "ad_id", "ad"),
        ("get_ad_video", "ad_id", "ad"),
        ("get_ad_preview", "ad_id", "ad"),
        ("get_insights", "campaign_id", "campaign"),
        ("request_insights_report", "ad_id", "ad"),
    ],
)
async def test_an_object_of_another_company_is_not_shown(ads: Tools, tool: str, argument: str, kind: str) -> None:
    """Although the token would read it."""
    object_id = (await others(ads))[kind]
    told = await ads.error(tool, **{argument: object_id})
    assert told["code"] == "asset_not_confirmed"
    assert not [path for _, path in ads.stage.meta.sandbox.exact_calls if f"/{object_id}/" in path]


@pytest.mark.parametrize(("tool", "filter_name"), [("get_adsets", "campaign_id"), ("get_ads", "adset_id")])
async def test_a_list_holds_nothing_of_another_company(ads: Tools, tool: str, filter_name: str) -> None:
    """A list is the account's own, whatever it is narrowed by."""
    ids = await others(ads)
    answer = await ads.rest(tool, **{filter_name: ids[filter_name.removesuffix("_id")]})
    assert answer.body.get("adsets", answer.body.get("ads")) == []


async def test_an_id_that_nobody_has_is_unknown(ads: Tools) -> None:
    """404, and the same over both interfaces."""
    told = await ads.error("get_ad_details", ad_id="1202399999999999")
    assert told["code"] == "object_unknown"
    assert (await ads.rest("get_ad_details", ad_id="1202399999999999")).refusal == (404, "object_unknown")


async def test_a_key_for_one_account_reads_no_object_of_another(ads: Tools) -> None:
    """Also where both are ticked."""
    await ads.stage.opened.confirm([CERAMICS_ADS, BOOKS_ADS])
    key = await ads.other_key("tools:read", assets=[CERAMICS_ADS])
    asked: dict[str, Any] = {"campaign_id": (await others(ads))["campaign"]}
    refused = await call("POST", f"{ads.url}/tools/get_campaign_details", key=key, json=asked)
    assert refused.refusal == (403, "asset_not_confirmed")
    assert (await ads.rest("get_campaign_details", **asked)).status == 200
    limited = dataclasses.replace(ads, key=key)
    assert (await limited.error("get_campaign_details", **asked))["code"] == "asset_not_confirmed"
