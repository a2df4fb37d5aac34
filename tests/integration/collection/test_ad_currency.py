"""The currency of ads is the one that Meta tells: of a row, else of the account as it was read; never a guess."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from tests.conftest import Serve
from tests.integration.collection import altered
from tests.integration.collection.altered import Answer, refusal
from tests.integration.collection.checks import TODAY, connected, rows, source
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS_ADS

from freehold.node.assets import ticked_assets
from freehold.node.assets.tables import connected_assets
from freehold.node.collection import ads
from freehold.node.collection.collect import open_source, read_streams
from freehold.node.collection.source import Source, Window
from freehold.node.store import tables
from freehold.providers.calls import Rejected
from freehold.providers.meta.ad_insights import NO_CURRENCY

DAY = TODAY - timedelta(days=40)
ACCOUNT = {"id": CERAMICS_ADS, "name": "One", "currency": "JPY", "timezone_name": "Asia/Tokyo"}
ROW = {"campaign_id": "1", "adset_id": "2", "ad_id": "3", "date_start": str(DAY), "date_stop": str(DAY), "spend": "700"}
CAMPAIGN = {"id": "1", "name": "One", "objective": "OUTCOME_SALES", "daily_budget": "5000"}
WITH_MONEY = (tables.ad_insights, tables.ad_breakdowns, tables.ad_campaigns)


def answers(account: Answer) -> altered.Rule:
    """A provider whose rows of insights do not name their currency."""

    def rule(path: str, params: Mapping[str, str]) -> Answer | None:
        if path.endswith(f"/{CERAMICS_ADS}"):
            return account
        if path.endswith("/campaigns"):
            return 200, json.dumps({"data": [CAMPAIGN]})
        if not path.endswith("/insights"):
            return 200, json.dumps({"data": []})
        cut = dict.fromkeys(json.loads(params.get("breakdowns", "[]")), "DE")
        return 200, json.dumps({"data": [ROW | cut] if "time_increment" in params else []})

    return rule


async def unconfirmed_currency(opened: OpenNode) -> Source:
    """The ad account, of which the grant did not tell the currency."""
    async with opened.node.database.writing() as session:
        await session.execute(
            update(connected_assets).where(connected_assets.c.asset_id == CERAMICS_ADS).values(currency=None)
        )
    async with opened.node.database.reading() as session:
        (asset,) = [each for each in await ticked_assets(session) if each.asset_id == CERAMICS_ADS]
    return open_source(opened.node, asset, source(opened, CERAMICS_ADS).run)


async def test_the_account_tells_it(make_node: MakeNode, serve: Serve) -> None:
    """Amounts are in its minor units, of which yen have none."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    before.rule = answers((200, json.dumps(ACCOUNT)))
    await read_streams(await unconfirmed_currency(opened), Window(DAY, DAY, TODAY), ads.STREAMS)
    found = {table.name: await rows(opened, table) for table in WITH_MONEY}
    assert {row["currency"] for each in found.values() for row in each} == {"JPY"}
    assert {row["spend_minor"] for name in ("ad_insights", "ad_breakdowns") for row in found[name]} == {700}
    assert all(found.values())


async def test_nothing_tells_it(make_node: MakeNode, serve: Serve) -> None:
    """No amount is kept, and coverage says why; once the account can be read, all is there."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    before.rule = answers(refusal("(#100) not now"))
    reading, window = await unconfirmed_currency(opened), Window(DAY, DAY, TODAY)
    with pytest.raises(Rejected):
        await read_streams(reading, window, ads.STREAMS)
    assert [await rows(opened, table) for table in WITH_MONEY] == [[], [], []]
    lost = {row["metric"]: row["reason"] for row in await rows(opened, tables.coverage) if row["state"] == "missing"}
    assert lost.pop("ad_account") == "(#100) not now"
    assert set(lost.values()) == {NO_CURRENCY}
    assert {"ad_campaigns", "ad_sets", "ad_insights", "ad_breakdowns:country"} <= lost.keys()
    before.rule = answers((200, json.dumps(ACCOUNT)))
    await read_streams(replace(reading, run=source(opened, CERAMICS_ADS).run), window, ads.STREAMS)
    assert {row["currency"] for table in WITH_MONEY for row in await rows(opened, table)} == {"JPY"}
    assert [row for row in await rows(opened, tables.coverage) if row["state"] == "missing"] == []
