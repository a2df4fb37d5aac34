"""The views in plain words: the newest number of each post, amounts in whole units, thirty days, notes."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from freehold.kernel import migrations
from freehold.kernel.database import Database, open_database
from freehold.node.store import tables
from freehold.providers.meta import money

NOW = datetime.now(UTC)
TODAY = NOW.date()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A node's database, empty."""
    opened = open_database(database_url)
    await migrations.upgrade(opened, "freehold.node")
    yield opened
    await opened.close()


async def shown(database: Database, view: str) -> list[dict[str, Any]]:
    """The rows of a view."""
    async with database.reading() as session:
        return [dict(row) for row in (await session.execute(text(f'SELECT * FROM "{view}"'))).mappings()]


async def write(database: Database, table: Any, *rows: dict[str, Any]) -> None:
    """Put rows into a table."""
    async with database.writing() as session:
        await session.execute(table.insert(), list(rows))


def insight(value: float, day: date, **other: str) -> dict[str, Any]:
    """A reading of a post's reach."""
    found = {"account_id": "a", "subject_kind": "post", "subject_id": "p", "metric": "reach", "period": "lifetime"}
    return {**found, "breakdown": "", "part": "", "day": day, "value": value, "read_at": NOW, **other}


async def test_a_post_shows_its_newest_numbers_and_note(database: Database) -> None:
    """Of several readings the last one counts, of a breakdown's parts none; posts that are gone do not show."""
    post = {
        "post_id": "p",
        "account_id": "a",
        "caption": "Glaze",
        "media_type": "IMAGE",
        "product_type": "FEED",
        "permalink": "https://example.com/p",
        "shortcode": "s",
        "thumbnail_url": "",
        "published_at": NOW,
        "likes": 3,
        "comments": 1,
        "read_at": NOW,
        "note": "Again",
        "gone_at": None,
    }
    await write(database, tables.instagram_posts, post, post | {"post_id": "gone", "gone_at": NOW})
    yesterday = TODAY - timedelta(days=1)
    await write(
        database,
        tables.instagram_insights,
        insight(40, yesterday),
        insight(55, TODAY),
        insight(99, TODAY, breakdown="follow_type", part="FOLLOWER"),
        insight(7, TODAY, metric="saved"),
        insight(800, TODAY, subject_id="other"),
    )
    (row,) = await shown(database, "Instagram results")

    assert (row["Caption"], row["Reach"], row["Saves"], row["Likes"], row["Note"]) == ("Glaze", 55, 7, 3, "Again")
    assert row["Views"] is None


def ad_day(ad_id: str, campaign_id: str, day: date, currency: str, spend: int, results: int | None) -> dict[str, Any]:
    """What an ad did on a day."""
    return {
        "ad_account_id": "act_1",
        "campaign_id": campaign_id,
        "ad_set_id": "s",
        "ad_id": ad_id,
        "day": day,
        "currency": currency,
        "impressions": 1000,
        "reach": 900,
        "clicks": 20,
        "link_clicks": 10,
        "spend_minor": spend,
        "results": results,
        "actions": "{}",
        "action_values_minor": "{}",
        "read_at": NOW,
    }


async def test_campaigns_spend_in_whole_units(database: Database) -> None:
    """Cents are divided by a hundred and yen are not; days before the last thirty do not count; no result, no cost."""
    await write(
        database,
        tables.ad_insights,
        ad_day("1", "euro", TODAY, "EUR", 1250, 3),
        ad_day("2", "euro", TODAY - timedelta(days=29), "EUR", 405, 2),
        ad_day("1", "euro", TODAY - timedelta(days=32), "EUR", 99_999, 90),
        ad_day("3", "yen", TODAY, "JPY", 1250, None),
    )
    found = {row["Campaign id"]: row for row in await shown(database, "Campaigns of 30 days")}
    euro, yen = found["euro"], found["yen"]

    assert (float(euro["Spend"]), euro["Results"], float(euro["Cost per result"])) == (16.55, 5, 3.31)
    assert (euro["Impressions"], euro["Link clicks"], float(euro["Cost per link click"])) == (2000, 20, 0.83)
    assert (float(yen["Spend"]), yen["Results"], yen["Cost per result"]) == (1250, None, None)
    assert len(await shown(database, "Campaign days")) == 4
    assert {row["Ad id"] for row in await shown(database, "Ads of 30 days")} == {"1", "2", "3"}


async def test_every_currency_without_decimals_is_whole(database: Database) -> None:
    """The views know the same currencies as the provider's reader of amounts."""
    rows = [ad_day(name, name, TODAY, name, 7, None) for name in money.ZERO_DECIMAL]
    await write(database, tables.ad_insights, *rows)

    assert {float(row["Spend"]) for row in await shown(database, "Campaigns of 30 days")} == {7.0}
