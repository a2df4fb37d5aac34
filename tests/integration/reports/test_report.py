"""The report says what the store holds, and says what it does not hold."""

import re
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from tests.integration.collection.checks import connected
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import MetaSandbox

from freehold.node.assets import ticked_assets
from freehold.node.reports import content
from freehold.node.reports.content import Report
from freehold.node.reports.write import NothingToReportError, write_report
from freehold.node.store.ads.tables import ad_insights
from freehold.node.store.instagram.tables import instagram_insights
from freehold.node.vault import credentials

DAYS = 60
A_MISSING_DAY = date(2026, 11, 5)


async def collected(make_node: MakeNode, meta: MetaSandbox) -> OpenNode:
    """A node with 60 days of the ceramics company."""
    opened = await connected(make_node, meta)
    await collect(opened.node, DAYS)
    return opened


async def gathered(opened: OpenNode) -> Report:
    """What the report would say."""
    async with opened.node.database.reading() as session:
        assets = await ticked_assets(session)
        return await content.gather(session, "Lumen", assets, DAYS, opened.node.clock.now())


async def test_its_sums_are_the_store_s(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Spend, results and views are what a person gets who adds up the tables."""
    opened = await collected(make_node, meta)
    report = await gathered(opened)
    (instagram,), (ads,) = report.instagram, report.ads
    async with opened.node.database.reading() as session:
        spend = (await session.execute(select(func.sum(ad_insights.c.spend_minor)))).scalar_one()
        results = (await session.execute(select(func.sum(ad_insights.c.results)))).scalar_one()
    assert ads.total_spend == spend == sum(campaign.spend_minor for campaign in ads.campaigns)
    assert sum(campaign.results or 0 for campaign in ads.campaigns) == results
    assert instagram.changes[0].now == sum(instagram.series["views"][day] for day in instagram.days[-30:])
    assert all(campaign.reach is not None for campaign in ads.campaigns)
    assert not report.ended
    assert not report.unread


async def test_a_missing_day_makes_no_sum_smaller(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A sum over days of which one is missing is left out, and the day is named."""
    opened = await collected(make_node, meta)
    async with opened.node.database.writing() as session:
        await session.execute(delete(instagram_insights).where(instagram_insights.c.day == A_MISSING_DAY))
    (instagram,) = (await gathered(opened)).instagram
    assert [change.now for change in instagram.changes] == [None, None, None]
    assert any("follower change" in text and str(A_MISSING_DAY) in text for text in instagram.missing)
    assert any("views" in text and str(A_MISSING_DAY) in text for text in instagram.missing)


async def test_it_outlives_the_connection(make_node: MakeNode, meta: MetaSandbox) -> None:
    """After the person has removed the app the numbers stay, and the report says that the connection has ended."""
    opened = await collected(make_node, meta)
    async with opened.node.database.writing() as session:
        for credential in await credentials(session, "active"):
            await opened.node.vault.revoke(session, credential.id, "deauthorize")
    report = await gathered(opened)
    assert report.instagram
    assert report.ads
    assert len(report.ended) == 3
    html = (await write_report(opened.node, DAYS)).read_text()
    assert "The connection has ended" in html


async def test_an_empty_report_replaces_nothing(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Without a number there is no report: the one before stays."""
    opened = await collected(make_node, meta)
    path = await write_report(opened.node, DAYS)
    before = path.read_text()
    async with opened.node.database.writing() as session:
        await session.execute(delete(instagram_insights))
        await session.execute(delete(ad_insights))
    with pytest.raises(NothingToReportError, match="collect"):
        await write_report(opened.node, DAYS)
    assert path.read_text() == before
    assert Path(path.parent / "latest.html").read_text() == before


async def test_results_are_compared_only_with_their_like(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Purchases and engagements stand in charts of their own, and the table says what counts."""
    opened = await collected(make_node, meta)
    html = (await write_report(opened.node, DAYS)).read_text()
    (ads,) = (await gathered(opened)).ads
    titles = set(re.findall(r"<h3>(Spend, [^<]+)</h3>", html))
    assert {
        f"Spend, {content.COUNTED[objective]} and their cost by campaign" for objective in ads.objectives()
    } <= titles
    assert len(ads.objectives()) > 1
    assert "What counts" in html
