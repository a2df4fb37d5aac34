"""The wide views: the newest number of each post, names beside ids, amounts in whole units, and no notes."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from tests.integration.confirming import confirm

from freehold.kernel import migrations
from freehold.kernel.database import Database, open_database
from freehold.node.assets.tables import connected_assets
from freehold.node.store import tables
from freehold.node.store.views import WIDE

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
DAY = date(2026, 3, 8)
POST = {
    "account_id": "a", "caption": "Glaze", "media_type": "IMAGE", "product_type": "FEED", "published_at": NOW,
    "likes": 3, "permalink": "https://example.com/p", "shortcode": "s", "thumbnail_url": "", "read_at": NOW,
}  # fmt: skip
COUNTS = {"impressions": 100, "reach": 80, "clicks": 9, "link_clicks": 5}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A node's database, empty."""
    opened = open_database(database_url)
    await migrations.upgrade(opened, "freehold.node")
    await confirm(opened, "a", "act_1", "g")
    yield opened
    await opened.close()


async def write(database: Database, table: Any, *rows: dict[str, Any]) -> None:
    """Put rows into a table."""
    async with database.writing() as session:
        await session.execute(table.insert(), list(rows))


async def shown(database: Database, view: str) -> list[dict[str, Any]]:
    """The rows of a view."""
    async with database.reading() as session:
        return [dict(row) for row in (await session.execute(text(f"SELECT * FROM {view}"))).mappings()]


def reading(metric: str, value: float, **other: Any) -> dict[str, Any]:
    """A reading of an Instagram account's day."""
    found = {"account_id": "a", "subject_kind": "account", "subject_id": "a", "metric": metric, "period": "day"}
    return {**found, "breakdown": "", "part": "", "day": DAY, "value": value, "read_at": NOW, **other}


def ad_day(ad: str, spend: int, **other: Any) -> dict[str, Any]:
    """What an ad did on the day."""
    of = {"ad_account_id": "act_1", "campaign_id": "c", "ad_set_id": "s", "ad_id": ad, "day": DAY, "currency": "EUR"}
    found = {**of, **COUNTS, "spend_minor": spend, "results": 2, "actions": "{}", "action_values_minor": "{}"}
    return {**found, "read_at": NOW, **other}


@pytest.mark.parametrize("name", WIDE)
async def test_the_columns_are_those_that_are_told(database: Database, name: str) -> None:
    """In the same order, also without a row."""
    async with database.reading() as session:
        there = list((await session.execute(text(f"SELECT * FROM {name}"))).keys())
    assert there == WIDE[name].source.c.keys()


async def test_a_day_of_an_account_is_one_row(database: Database) -> None:
    """Parts of a breakdown, windows and other subjects are no part of it; what was not read is empty."""
    await write(
        database,
        tables.instagram_insights,
        reading("reach", 40),
        reading("follower_count", -3),
        reading("reach", 30, breakdown="follow_type", part="FOLLOWER"),
        reading("reach", 90, period="week"),
        reading("reach", 7, subject_kind="post", subject_id="p"),
    )
    (row,) = await shown(database, "bi_account_days")
    assert (row["account_id"], row["reach"], row["follower_change"], row["views"]) == ("a", 40, -3, None)
    assert row["username"] is None


async def test_a_post_is_one_row_with_its_newest_numbers(database: Database) -> None:
    """However often it was read."""
    await write(database, tables.instagram_posts, {**POST, "post_id": "p"})
    of = {"subject_kind": "post", "subject_id": "p", "period": "lifetime"}
    await write(
        database,
        tables.instagram_insights,
        reading("saved", 5, **of),
        reading("saved", 8, **of | {"day": DAY + timedelta(days=1)}),
    )
    (row,) = await shown(database, "bi_posts")
    assert (row["post_id"], row["caption"], row["likes"], row["saved"], row["reach"]) == ("p", "Glaze", 3, 8, None)


async def test_amounts_are_told_in_both_units_and_campaigns_are_summed(database: Database) -> None:
    """Cents of EUR, whole JPY; an ad and campaign that were not read themselves have no name."""
    await write(database, tables.ad_insights, ad_day("x", 1234), ad_day("y", 66))
    await write(database, tables.ad_insights, ad_day("z", 500, campaign_id="j", currency="JPY"))
    spent = {row["ad_id"]: (row["spend_minor"], float(row["spend"])) for row in await shown(database, "bi_ad_days")}
    assert spent == {"x": (1234, 12.34), "y": (66, 0.66), "z": (500, 500.0)}
    campaigns = {row["campaign_id"]: row for row in await shown(database, "bi_campaign_days")}
    euros = campaigns["c"]
    assert (euros["spend_minor"], float(euros["spend"]), euros["impressions"]) == (1300, 13.0, 200)
    assert (euros["results"], euros["campaign_name"], float(campaigns["j"]["spend"])) == (4, None, 500.0)


async def test_pages_and_audiences_are_told_by_day(database: Database) -> None:
    """A page's own days and not its posts'; an audience by kind, breakdown and part."""
    page = {"page_id": "g", "subject_id": "g", "metric": "page_media_view", "period": "day", "day": DAY}
    await write(
        database,
        tables.facebook_page_insights,
        {**page, "value": 70, "read_at": NOW},
        {**page, "subject_id": "post", "value": 9, "read_at": NOW},
    )
    await write(
        database,
        tables.instagram_insights,
        reading("follower_demographics", 21, period="lifetime", breakdown="age", part="25-34"),
        reading("engaged_audience_demographics", 4, period="lifetime", breakdown="age", part="25-34"),
    )
    (day,) = await shown(database, "bi_page_days")
    assert (day["page_id"], day["views"], day["viewers"]) == ("g", 70, None)
    people = {(row["audience"], row["part"]): row["people"] for row in await shown(database, "bi_audience")}
    assert people == {("followers", "25-34"): 21, ("engaged", "25-34"): 4}


async def test_what_nobody_ticked_is_not_told(database: Database) -> None:
    """As no tool tells of it; what was collected of it stays where it is, and is told again once it is ticked."""
    await write(
        database, tables.instagram_insights, reading("reach", 40), reading("reach", 2, subject_id="b", account_id="b")
    )
    audience = {"period": "lifetime", "breakdown": "age", "part": "25-34"}
    await write(database, tables.instagram_insights, reading("follower_demographics", 21, **audience))
    await write(database, tables.instagram_posts, {**POST, "post_id": "p"})
    await write(database, tables.ad_insights, ad_day("x", 1234))
    page = {"page_id": "g", "subject_id": "g", "metric": "page_media_view", "period": "day", "day": DAY}
    await write(database, tables.facebook_page_insights, {**page, "value": 70, "read_at": NOW})
    views = ("bi_account_days", "bi_audience", "bi_posts", "bi_ad_days", "bi_campaign_days", "bi_page_days")
    for confirmed_at, rows in ((NOW, 1), (None, 0)):
        async with database.writing() as session:
            await session.execute(update(connected_assets).values(confirmed_at=confirmed_at))
        assert {name: len(await shown(database, name)) for name in views} == dict.fromkeys(views, rows)


async def test_a_story_is_no_post(database: Database) -> None:
    """As the metric `posts` counts."""
    await write(
        database, tables.instagram_posts, {**POST, "post_id": "p"}, {**POST, "post_id": "s", "product_type": "STORY"}
    )
    assert [row["post_id"] for row in await shown(database, "bi_posts")] == ["p"]


def test_nobodys_notes_are_shown() -> None:
    """What people wrote for themselves leaves neither as a file nor in an answer."""
    assert not [name for name, view in WIDE.items() if "note" in view.source.c]
