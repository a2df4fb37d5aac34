"""What counts as a result of ads: told by their campaign's objective, in whatever order the two are written."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from freehold.kernel import migrations
from freehold.kernel.database import Database, open_database
from freehold.node.store.ads import upserts
from freehold.node.store.ads.tables import ad_breakdowns, ad_insight_restatements, ad_insights
from freehold.providers.meta import ad_insights as insights
from freehold.providers.meta import ads

ACCOUNT = "act_1"
AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = date(2026, 10, 1)
ACTIONS = {
    "link_click": 9,
    "post_engagement": 31,
    "purchase": 2,
    "omni_purchase": 3,
    "onsite_conversion.lead_grouped": 5,
}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with the node's tables."""
    opened = open_database(database_url)
    await migrations.upgrade(opened, "freehold.node")
    yield opened
    await opened.close()


def delivered(spend: str) -> dict[str, object]:
    """What Meta says of an ad's day, or of a part of it."""
    actions = [{"action_type": name, "value": str(count)} for name, count in ACTIONS.items()]
    of = {"campaign_id": "7", "adset_id": "6", "ad_id": "5", "date_start": DAY.isoformat(), "spend": spend}
    return of | {"actions": actions, "country": "DE"}


async def save_days(database: Database) -> None:
    """Write a day, the same day restated, and a part of it."""
    async with database.writing() as session:
        for spend in ("1.00", "2.00"):
            days = insights.read_days({"data": [delivered(spend)]}, "EUR")
            await upserts.save_ad_days(session, ACCOUNT, days, {DAY}, AT)
        parts = insights.read_parts({"data": [delivered("2.00")]}, "EUR", ("country",))
        await upserts.save_ad_parts(session, ACCOUNT, "country", parts, AT)


async def save_campaign(database: Database, objective: str) -> None:
    """Write the campaign with an objective."""
    async with database.writing() as session:
        found = ads.read_campaigns({"data": [{"id": "7", "name": "One", "objective": objective}]})
        await upserts.save_campaigns(session, ACCOUNT, "EUR", found, AT)


async def results(database: Database) -> list[int | None]:
    """The results of the day, of what was said of it before, and of its part."""
    async with database.reading() as session:
        return [
            (await session.execute(select(table.c.results))).scalar_one()
            for table in (ad_insights, ad_insight_restatements, ad_breakdowns)
        ]


@pytest.mark.parametrize(
    ("objective", "result"), [("OUTCOME_LEADS", 5), ("OUTCOME_APP_PROMOTION", 0), ("OUTCOME_AWARENESS", None)]
)
async def test_the_campaign_may_come_after_its_ads(database: Database, objective: str, result: int | None) -> None:
    """Until then there is no result; from then on it is the one that the objective is after, and awareness has none."""
    await save_days(database)
    assert await results(database) == [None] * 3
    await save_campaign(database, objective)
    assert await results(database) == [result] * 3


async def test_an_objective_that_is_another_tells_anew(database: Database) -> None:
    """What was counted by the former one is not kept, also where the new one counts nothing."""
    await save_campaign(database, "OUTCOME_SALES")
    await save_days(database)
    assert await results(database) == [3] * 3
    await save_campaign(database, "OUTCOME_TRAFFIC")
    assert await results(database) == [9] * 3
    await save_campaign(database, "OUTCOME_AWARENESS")
    assert await results(database) == [None] * 3
