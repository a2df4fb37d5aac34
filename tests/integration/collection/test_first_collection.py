"""The first collection: what is stored is what the sandbox's world says, no more and no less, again and again."""

import json
from datetime import timedelta

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import ads_oracle, oracle
from tests.integration.collection.checks import (
    AMPLE,
    DAYS,
    EVERYTHING,
    FULL_ACCESS,
    RECENT_FROM,
    check_ads,
    check_instagram,
    connected,
    coverage,
    figures,
    keyed,
    rows,
)
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, KENJI, MARA, NOW, MetaSandbox

from freehold.node.store import tables
from freehold.providers.meta import spec
from freehold.sandbox.meta.world.people import ad_account_id


async def test_every_number_is_the_world_s(make_node: MakeNode, meta: MetaSandbox, database_url: str) -> None:
    """90 days of Instagram, a page and ads, day by day, post by post and ad by ad; at most 200 calls of one person."""
    opened = await connected(make_node, meta, database_url=database_url)
    done = await collect(opened.node)
    assert done.failures == {}
    await check_instagram(opened, meta)
    await check_ads(opened, meta, CERAMICS_ADS)
    assert done.graph_calls == sum(meta.sandbox.calls.values())
    assert done.graph_calls <= 200
    assert {token for token, _, _ in meta.sandbox.calls} == {f"user:{MARA}", f"page:{CERAMICS_PAGE}"}


async def test_money_without_decimals(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Yen have no minor units; and the days are Tokyo's, where it is tomorrow already: what is stored was spent."""
    account = f"act_{ad_account_id(4)}"
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock)
    assert await opened.deliver(grant_of(meta, "rosa", KENJI, frozenset({account}))) == 201
    assert (await collect(opened.node)).failures == {}
    await check_ads(opened, meta, account, [day + timedelta(days=1) for day in DAYS])


async def everything(opened: OpenNode) -> dict[str, list[str]]:
    """All collected rows without the time at which they were read."""
    return {
        table.name: sorted(
            json.dumps({name: value for name, value in row.items() if name != "read_at"}, default=str)
            for row in await rows(opened, table)
        )
        for table in tables.TABLES
    }


@pytest.mark.parametrize("assets", [{CERAMICS_PAGE, CERAMICS}, {CERAMICS_ADS}], ids=["instagram", "ads"])
async def test_a_second_run_changes_nothing(
    make_node: MakeNode, serve: Serve, database_url: str, assets: set[str]
) -> None:
    """Rows stay as they are but for `read_at`, and days that are final are not asked for again."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock, database_url=database_url, **AMPLE)
    assert await opened.deliver(grant_of(meta, "rosa", MARA, frozenset(assets))) == 201
    first = await collect(opened.node)
    before = await everything(opened)
    second = await collect(opened.node)
    assert second.failures == {}
    assert await everything(opened) == before
    assert second.graph_calls < first.graph_calls - (80 if CERAMICS in assets else 5)


async def test_what_is_not_offered_is_told(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Coverage says complete for days that are there, and empty for follower changes older than Meta keeps."""
    opened = await connected(make_node, meta)
    await collect(opened.node)
    states = await coverage(opened)
    for day in DAYS:
        assert {states[CERAMICS, metric, day] for metric in ("reach", *spec.ACCOUNT_TOTALS)} == {"complete"}
        assert states[CERAMICS_ADS, "ad_insights", day] == "complete"
        assert states[CERAMICS, "follower_count", day] == ("complete" if day >= RECENT_FROM else "empty")


async def test_a_later_run_brings_what_has_settled(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Three days on, days that were not final then have their final numbers, and late conversions have arrived."""
    opened = await connected(make_node, meta)
    await collect(opened.node)
    meta.clock.advance(timedelta(days=3))
    later, days = NOW + timedelta(days=3), [day + timedelta(days=3) for day in DAYS]
    assert (await collect(opened.node)).failures == {}
    wanted = oracle.account_insights(oracle.feed_of(meta.sandbox, CERAMICS), days, later)
    values = keyed(await rows(opened, tables.instagram_insights))
    assert {key: values.get(key) for key in wanted} == wanted
    plan = oracle.plan_of(meta.sandbox, CERAMICS_ADS)
    spent = await rows(opened, tables.ad_insights)
    found = {(row["ad_id"], row["day"]): figures(row, EVERYTHING) for row in spent if row["day"] in days}
    truth = ads_oracle.delivered(plan, oracle.made(plan, later).ad_sets, days, later)
    assert found == {key: ads_oracle.day_row(of) for key, of in truth.items()}


async def test_a_failed_asset_leaves_the_other(make_node: MakeNode, meta: MetaSandbox) -> None:
    """An Instagram account that cannot be read at all is named with Meta's code; the ads are whole."""
    opened = await connected(make_node, meta)
    meta.fault("error", path=f"/{CERAMICS}", code=10, status=403, message="(#10) no permission", count=1000)
    done = await collect(opened.node)
    assert list(done.failures) == [CERAMICS]
    assert "Meta refuses it" in done.failures[CERAMICS]
    assert "(code 10)" in done.failures[CERAMICS]
    assert await rows(opened, tables.instagram_posts) == []
    await check_ads(opened, meta, CERAMICS_ADS)
