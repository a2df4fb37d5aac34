"""The report says what the store holds, says what it does not hold, and remembers what it said."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from tests.integration.collection.checks import connected
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MetaSandbox

from freehold.node.assets import ticked_assets
from freehold.node.reports import content, queries
from freehold.node.reports.editions import (
    EMAIL,
    EMAIL_TEXT,
    FIGURES,
    LATEST,
    REPORT,
    NothingToReportError,
    folder_of,
    write_edition,
)
from freehold.node.reports.figures import change
from freehold.node.reports.periods import period_of
from freehold.node.reports.printing import Brand, open_press
from freehold.node.reports.queries import Edition
from freehold.node.reports.restatements import Earlier
from freehold.node.store.ads.tables import ad_campaigns, ad_insights
from freehold.node.store.facebook.tables import facebook_page_insights
from freehold.node.store.instagram.tables import instagram_accounts, instagram_insights
from freehold.node.vault import credentials

DAYS = 16
WEEK = (date(2026, 11, 16), date(2026, 11, 22))
A_DAY = date(2026, 11, 18)
MOST_MEGABYTES = 200
"""Of a process that prints six sections; the benchmark `answers` holds ten, over two years, below 300."""


async def collected(make_node: MakeNode, meta: MetaSandbox) -> OpenNode:
    """A node with more than two weeks of the ceramics company."""
    opened = await connected(make_node, meta)
    await collect(opened.node, DAYS)
    return opened


async def week(opened: OpenNode, *, for_readers: bool = False) -> tuple[Edition, dict[str, Any]]:
    """A weekly edition without its PDF and e-mail, and its figures."""
    made = await write_edition(opened.node, "week", "en", formats=(), for_readers=for_readers)
    return made, json.loads((folder_of(opened.node, made) / FIGURES).read_text())


def section(document: dict[str, Any], account: str) -> dict[str, Any]:
    """What a document has of an account."""
    (found,) = [each for each in document["sections"] if each["account_id"] == account]
    return dict(found)


def now(document: dict[str, Any], account: str) -> dict[str, float | None]:
    """The figures of the report's own days."""
    return {each["key"]: each["now"] for each in section(document, account)["figures"]}


async def test_its_sums_are_the_store_s(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Spend, results and views are what a person gets who adds up the tables, of this week and of the one before."""
    opened = await collected(make_node, meta)
    made, document = await week(opened)
    assert (made.first, made.last) == WEEK
    spent = select(func.sum(ad_insights.c.spend_minor))
    results = (
        select(ad_campaigns.c.objective, func.sum(ad_insights.c.results))
        .join(ad_campaigns, ad_campaigns.c.campaign_id == ad_insights.c.campaign_id)
        .where(ad_insights.c.day.between(*WEEK))
        .group_by(ad_campaigns.c.objective)
    )
    of = instagram_insights.c
    viewed = select(func.sum(of.value)).where(
        of.metric == "views",
        of.period == "day",
        of.breakdown == "",
        of.subject_kind == "account",
        of.day.between(*WEEK),
    )
    earlier = (date(2026, 11, 9), date(2026, 11, 15))
    async with opened.node.database.reading() as session:
        spend = (await session.execute(spent.where(ad_insights.c.day.between(*WEEK)))).scalar_one()
        before = (await session.execute(spent.where(ad_insights.c.day.between(*earlier)))).scalar_one()
        counted = {row[0]: row[1] for row in (await session.execute(results)).all() if row[1] is not None}
        views = (await session.execute(viewed)).scalar_one()
    ads, instagram = now(document, CERAMICS_ADS), now(document, CERAMICS)
    assert (ads["spend_minor"], instagram["account_views"]) == (spend, views)
    assert {key.partition(":")[0]: value for key, value in ads.items() if key.endswith(":results")} == counted
    assert len(counted) > 1
    figures = {each["key"]: each for each in section(document, CERAMICS_ADS)["figures"]}
    assert (figures["spend_minor"]["before"], figures["spend_minor"]["year"]) == (before, None)


async def test_every_figure_has_its_query(make_node: MakeNode, meta: MetaSandbox) -> None:
    """The metric, the account, the days, how many rows, when the oldest was read; attribution where results count."""
    _, document = await week(await collected(make_node, meta))
    for each in document["sections"]:
        for figure in each["figures"]:
            source = each["sources"][figure["place"]]
            assert source["account_id"] == each["account_id"]
            assert source["rows"] > 0
            assert source["read_at"] <= document["edition"]["made_at"]
            assert source["span"] == {"first": "2026-11-16", "last": "2026-11-22"}
            counted = figure["key"].endswith(("results", "cost_per_result_minor"))
            assert source["attributed"] is counted, figure["key"]


async def test_a_missing_day_makes_no_sum_smaller(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A sum over days of which one is missing is left out, and the day is named, in the figures and on the page."""
    opened = await collected(make_node, meta)
    gone = (instagram_insights.c.day == A_DAY) & (instagram_insights.c.metric == "views")
    async with opened.node.database.writing() as session:
        await session.execute(delete(instagram_insights).where(gone))
    made, document = await week(opened)
    assert now(document, CERAMICS)["account_views"] is None
    assert now(document, CERAMICS)["account_interactions"]
    assert {"metric": "account_views", "days": ["2026-11-18"]} in section(document, CERAMICS)["gaps"]
    assert "Not known: Views on Nov 18" in (folder_of(opened.node, made) / REPORT).read_text()


async def test_what_moved_since_it_was_told_is_told_once(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A result that was attributed late is told as what it was and is, by the next edition of this kind: one that
    somebody had made meanwhile has told the others nothing. After that there is nothing to tell.
    """
    opened = await collected(make_node, meta)
    _, first = await week(opened)
    assert section(first, CERAMICS_ADS)["restated"] == []
    told = first["told"][CERAMICS_ADS]["OUTCOME_SALES:results"][A_DAY.isoformat()]
    await sold(opened, 6)
    meta.clock.advance(timedelta(minutes=1))
    await write_edition(opened.node, "days", "en", days=7, formats=())
    made, again = await week(opened)
    moved = {"key": "OUTCOME_SALES:results", "day": "2026-11-18", "told": told, "now": told + 6}
    assert section(again, CERAMICS_ADS)["restated"] == [moved]
    assert "late attribution" in (folder_of(opened.node, made) / REPORT).read_text()
    meta.clock.advance(timedelta(days=7))
    await collect(opened.node, 8)
    await sold(opened, 60)
    _, second = await week(opened)
    (of_the_day,) = [each for each in section(second, CERAMICS_ADS)["restated"] if each["now"] >= 60]
    assert (of_the_day["day"], of_the_day["told"]) == ("2026-11-18", told)
    fresh_results_stand_beside_fresh_ones(first, second)
    meta.clock.advance(timedelta(minutes=1))
    _, third = await week(opened)
    assert section(third, CERAMICS_ADS)["restated"] == []


async def test_what_somebody_had_made_first_has_told_readers_nothing(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Readers are told what moved since the edition that was made for them, not since one by hand that came before."""
    opened = await collected(make_node, meta)
    await week(opened)
    await sold(opened, 6)
    meta.clock.advance(timedelta(minutes=1))
    _, sent = await week(opened, for_readers=True)
    assert section(sent, CERAMICS_ADS)["restated"] == []
    told = sent["told"][CERAMICS_ADS]["OUTCOME_SALES:results"][A_DAY.isoformat()]
    await sold(opened, 9)
    meta.clock.advance(timedelta(minutes=1))
    moved = {"key": "OUTCOME_SALES:results", "day": "2026-11-18", "told": told, "now": told + 9}
    for for_readers in (False, True):
        _, again = await week(opened, for_readers=for_readers)
        assert section(again, CERAMICS_ADS)["restated"] == [moved]


def fresh_results_stand_beside_fresh_ones(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Results still arrive, so they are set beside what the week before was told as, not beside what it is by now; the
    first edition has nothing to set them beside. Spend is what it is.
    """
    found = [{each["key"]: each for each in section(document, CERAMICS_ADS)["figures"]} for document in (first, second)]
    told, sales = (each["OUTCOME_SALES:results"] for each in found)
    assert (told["fresh"], told["since_before"], sales["since_year"]) == (True, None, None)
    assert sales["before"] > told["now"]
    assert sales["since_before"] == pytest.approx(change(sales["now"], told["now"]))
    spend = found[0]["spend_minor"]
    assert (spend["fresh"], spend["since_before"]) == (
        False,
        pytest.approx(change(spend["now"], spend["before"])),
    )


async def sold(opened: OpenNode, more: int) -> None:
    """An ad's results of a day grow."""
    async with opened.node.database.writing() as session:
        of = ad_insights.c
        sales = select(ad_campaigns.c.campaign_id).where(ad_campaigns.c.objective == "OUTCOME_SALES")
        mine = select(of.id).where(of.day == A_DAY, of.campaign_id.in_(sales)).limit(1).scalar_subquery()
        grown = func.coalesce(of.results, 0) + more
        await session.execute(update(ad_insights).where(of.id == mine).values(results=grown))


async def test_months_are_compared_by_the_day(make_node: MakeNode, meta: MetaSandbox) -> None:
    """The same number of views on every day is no growth in March, which has three days more than February; page and
    e-mail say how they compare.
    """
    opened = await connected(make_node, meta)
    await collect(opened.node, 2)
    meta.clock.advance(datetime(2027, 4, 1, 15, tzinfo=UTC) - meta.clock.now())
    row = {
        "account_id": CERAMICS, "subject_kind": "account", "subject_id": CERAMICS, "metric": "views", "period": "day",
        "breakdown": "", "part": "", "value": 100.0, "read_at": meta.clock.now(),
    }  # fmt: skip
    days = [date(2027, 2, 1) + timedelta(days=number) for number in range(28 + 31)]
    async with opened.node.database.writing() as session:
        await session.execute(insert(instagram_insights), [row | {"day": day} for day in days])
    made = await write_edition(opened.node, "month", "en", formats=("email",))
    document = json.loads((folder_of(opened.node, made) / FIGURES).read_text())
    (views,) = [each for each in section(document, CERAMICS)["figures"] if each["key"] == "account_views"]
    assert (views["now"], views["before"], views["since_before"]) == (3100, 2800, 0)
    for name in (REPORT, EMAIL, EMAIL_TEXT):
        assert "compared per day" in (folder_of(opened.node, made) / name).read_text(), name


async def test_it_outlives_the_connection(make_node: MakeNode, meta: MetaSandbox) -> None:
    """After the person has removed the app the numbers stay, and page and e-mail say that the connection has ended."""
    opened = await collected(make_node, meta)
    async with opened.node.database.writing() as session:
        for credential in await credentials(session, "active"):
            await opened.node.vault.revoke(session, credential.id, "deauthorize")
    made = await write_edition(opened.node, "week", "de", formats=("email",))
    folder = folder_of(opened.node, made)
    assert now(json.loads((folder / FIGURES).read_text()), CERAMICS)["account_views"]
    for name in (REPORT, EMAIL):
        assert "Die Verbindung ist beendet" in (folder / name).read_text()


async def test_an_empty_report_replaces_nothing(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Without a number there is no edition: those before stay, and the newest is still the newest."""
    opened = await collected(make_node, meta)
    made, _ = await week(opened)
    page = (folder_of(opened.node, made) / REPORT).read_text()
    async with opened.node.database.writing() as session:
        await session.execute(delete(instagram_insights))
        await session.execute(delete(ad_insights))
        await session.execute(delete(facebook_page_insights))
    with pytest.raises(NothingToReportError, match="collect"):
        await write_edition(opened.node, "week", "en", formats=())
    async with opened.node.database.reading() as session:
        assert await queries.listed(session, 10) == [made]
    reports = opened.node.settings.reports_dir()
    assert {path.name for path in reports.iterdir()} == {made.folder, LATEST}
    assert (reports / LATEST).read_text() == page


async def test_many_accounts_take_little_memory(make_node: MakeNode, meta: MetaSandbox, lines: io.StringIO) -> None:
    """The child that prints three accounts of each kind, their PDF too, stays as small as its libraries let it be."""
    opened = await collected(make_node, meta)
    now = opened.node.clock.now()
    async with opened.node.database.reading() as session:
        assets = await ticked_assets(session)
        report = await content.gather(session, "Rosa", assets, period_of("week", now, 0), now, Earlier())
    assert [each.kind for each in report.sections] == ["instagram", "facebook", "ads"]
    many = replace(report, sections=report.sections * 2)
    async with open_press() as press:
        files = await press.print_files(many, "en", Brand("#1f6f5c"), ("html", "pdf"))
    (printed,) = [json.loads(line) for line in lines.getvalue().splitlines() if "report.printed" in line]
    assert files["report.pdf"].startswith(b"%PDF-")
    assert printed["peak_mib"] < MOST_MEGABYTES


async def test_a_page_is_reported(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A client that has a page alone gets a report: its views are the store's sum, its posts and charts are there."""
    opened = await connected(make_node, meta)
    await collect(opened.node, DAYS)
    async with opened.node.database.writing() as session:
        await session.execute(delete(instagram_insights))
        await session.execute(delete(instagram_accounts))
        await session.execute(delete(ad_insights))
    made, document = await week(opened)
    of = facebook_page_insights.c
    mine = (of.subject_id == CERAMICS_PAGE) & (of.metric == "page_media_view") & (of.period == "day")
    async with opened.node.database.reading() as session:
        viewed = await session.execute(select(func.sum(of.value)).where(mine, of.day.between(*WEEK)))
    assert now(document, CERAMICS_PAGE)["page_media_view"] == viewed.scalar_one()
    page = (folder_of(opened.node, made) / REPORT).read_text()
    for words in ("Facebook &middot;", "Visits of the page", "Views by day", "Best posts by interactions"):
        assert words in page
