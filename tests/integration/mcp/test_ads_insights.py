"""What results mean: by which attribution, of which parts, in which currency and time zone; and of what they are."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, FULL_ACCESS
from tests.integration.conftest import MakeNode
from tests.integration.mcp.conftest import Tools, tools_of
from tests.meta_sandbox import CERAMICS_ADS, MARA

from freehold.node.assets.tables import connected_assets as assets

TODAY = date(2026, 11, 23)
SPAN = {"since": (TODAY - timedelta(days=28)).isoformat(), "until": (TODAY - timedelta(days=1)).isoformat()}
Row = dict[str, Any]


@pytest.fixture
async def ads(make_node: MakeNode, serve: Serve) -> Tools:
    """Meta Ads over a node that has collected nothing yet."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    tools = await tools_of(make_node, meta, serve, "meta_ads", **AMPLE)
    await tools.stage.connect()
    return tools


async def real(ads: Tools, **asked: Any) -> list[Row]:
    """The rows that Meta has by campaign, asked past the node."""
    wanted = {"level": "campaign", "time_range": SPAN, "fields": "campaign_id,spend,clicks,actions,action_values"}
    answer = await ads.stage.meta.get(f"{CERAMICS_ADS}/insights", ads.stage.meta.token(MARA), **wanted, **asked)
    found: list[Row] = answer.body["data"]
    return found


async def told(ads: Tools, **asked: Any) -> Row:
    """The tool's answer by campaign, with every action."""
    return await ads.ask("get_insights", level="campaign", compact=False, limit=100, **asked)


def by_type(row: Row, list_name: str = "actions", window: str = "value") -> dict[str, int]:
    """Whole amounts of a list of Meta's, by action type."""
    return {item["action_type"]: round(float(item.get(window, 0))) for item in row[list_name]}


def in_windows(items: Iterable[Row], windows: Collection[str], factor: int) -> dict[str, dict[str, int]]:
    """What Meta has of each action type in each window, times a factor."""
    found = {
        item["action_type"]: {window: round(float(item[window]) * factor) for window in windows if window in item}
        for item in items
    }
    return {kind: amounts for kind, amounts in found.items() if amounts}


def names(parts: list[dict[str, Any]]) -> set[str]:
    """What the parts of an action are called."""
    return {each["part"]["untrusted_text"] for each in parts}


async def test_parts_of_actions_leave_the_results_as_they_are(ads: Tools) -> None:
    """By device, and by nothing but the type: the same actions and results, and the parts add up to them."""
    whole = await told(ads)
    assert any(row["results"] for row in whole["rows"])
    for parts in (["action_device"], ["action_type", "action_device"]):
        cut = await told(ads, action_breakdowns=parts)
        for row, same in zip(cut["rows"], whole["rows"], strict=True):
            assert (row["actions"], row["results"]) == (same["actions"], same["results"])
            added = {
                kind: sum(part["count"] for part in of_device) for kind, of_device in row["actions_by_part"].items()
            }
            assert added == row["actions"]
            assert {"iphone", "desktop"} <= set().union(*map(names, row["actions_by_part"].values()))
    reactions = await told(ads, action_breakdowns=["action_reaction"])
    assert [row["actions"] for row in reactions["rows"]] == [row["actions"] for row in whole["rows"]]
    assert names(reactions["rows"][0]["actions_by_part"]["post_reaction"]) <= {"like", "love"}


async def test_windows_are_told_beside_what_meta_counts_by(ads: Tools) -> None:
    """Actions stay by Meta's own attribution, and are labelled so; each window asked for comes, with values."""
    windows = ["1d_click", "28d_click", "1d_ev"]
    answer = await told(ads, action_attribution_windows=windows)
    assert (answer["attribution"], answer["windows"]) == (["7d_click", "1d_view"], windows)
    rows = await real(ads, action_attribution_windows=windows)
    for row, at_meta in zip(answer["rows"], rows, strict=True):
        assert row["actions"] == {kind: count for kind, count in by_type(at_meta).items() if count}
        assert row["actions_by_window"] == in_windows(at_meta["actions"], windows, 1)
        assert row.get("action_values_by_window_minor", {}) == in_windows(
            at_meta.get("action_values", ()), windows, 100
        )
    assert any("1d_ev" in windows for row in answer["rows"] for windows in row["actions_by_window"].values())


async def test_what_one_thing_costs_has_fractions(ads: Tools) -> None:
    """To a hundredth of a minor unit: a click of 43.27 cents is not one of 43."""
    rows = (await told(ads))["rows"]
    for row, at_meta in zip(rows, await real(ads), strict=True):
        exact = float(at_meta["spend"]) * 100 / int(at_meta["clicks"])
        assert row["cpc_minor"] == pytest.approx(exact, abs=0.006)
    assert any(row["cpc_minor"] % 1 for row in rows)


async def test_the_kind_of_an_unknown_object_is_asked_of_meta(ads: Tools) -> None:
    """A node that has listed nothing yet tells campaigns, ad sets and ads apart."""
    answer = await ads.stage.meta.get(
        f"{CERAMICS_ADS}/ads", ads.stage.meta.token(MARA), fields="id,adset_id,campaign_id", limit=1
    )
    (ad,) = answer.body["data"]
    for level, object_id in (("ad", ad["id"]), ("adset", ad["adset_id"]), ("campaign", ad["campaign_id"])):
        found = await ads.ask("get_insights", object_id=object_id)
        assert found["level"] == level
        assert {row["id"] for row in found["rows"]} <= {object_id}
    assert (await ads.error("get_insights", object_id="12"))["code"] == "object_unknown"


async def test_no_currency_and_no_zone_is_assumed(ads: Tools) -> None:
    """Where the grant names none, Meta says which it is."""
    granted = await ads.ask("get_insights")
    async with ads.stage.node.database.writing() as session:
        await session.execute(update(assets).values(currency=None, timezone=None))
    found = await ads.ask("get_insights")
    assert (found["currency"], found["timezone"]) == (granted["currency"], granted["timezone"])
    assert found["timezone"] == "America/Los_Angeles"
    assert (found["since"], found["until"]) == (SPAN["since"], SPAN["until"])
    assert (await ads.ask("get_campaigns"))["currency"] == "USD"


async def test_accounts_are_listed_page_by_page(ads: Tools) -> None:
    """No list ends without saying so."""
    async with ads.stage.node.database.writing() as session:
        row = (await session.execute(assets.select().where(assets.c.asset_id == CERAMICS_ADS))).mappings().one()
        for number in range(2):
            await session.execute(assets.insert().values({**row, "id": f"other:{number}", "asset_id": f"act_{number}"}))
    ids: list[str] = []
    after = None
    while not ids or after:
        page = await ads.ask("get_ad_accounts", limit=1, **({"after": after} if after else {}))
        ids += [account["id"] for account in page["accounts"]]
        after = page.get("next_cursor")
    assert sorted(ids) == sorted(["act_0", "act_1", CERAMICS_ADS])
