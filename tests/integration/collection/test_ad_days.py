"""Which days of ads are read when: until they settle, in the account's own zone, and what was restated is kept."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import ads_oracle, oracle
from tests.integration.collection.checks import (
    DELIVERY,
    EVERYTHING,
    FULL_ACCESS,
    connected,
    coverage,
    figures,
    rows,
    source,
)
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS_ADS, NOW, MetaSandbox

from freehold.node.assets import ticked_assets
from freehold.node.collection.ad_breakdowns import PARTS, read_ad_breakdowns
from freehold.node.collection.ad_days import UNFINISHED, read_ad_days, read_ad_today
from freehold.node.collection.ad_structure import read_ad_account
from freehold.node.collection.source import Window, window, zone_of
from freehold.node.runs.tables import collection_places
from freehold.node.store import tables
from freehold.sandbox.settings import Scale


async def due(opened: OpenNode, days: int) -> Window:
    """The last days as the account counts them."""
    async with opened.node.database.reading() as session:
        (asset,) = [each for each in await ticked_assets(session) if each.asset_id == CERAMICS_ADS]
    return window(opened.node.clock.now(), days, zone_of(asset))


async def read_days(opened: OpenNode, days: int) -> Window:
    """Read the account and its days as a run does."""
    reading, chosen = source(opened, CERAMICS_ADS), await due(opened, days)
    await read_ad_account(reading, chosen)
    await read_ad_days(reading, chosen)
    return chosen


def truth(meta: MetaSandbox, days: Sequence[date], at: datetime | None = None) -> dict[ads_oracle.Day, dict[str, Any]]:
    """What each ad did on the days, as known at an instant (now)."""
    plan, now = oracle.plan_of(meta.sandbox, CERAMICS_ADS), at or meta.clock.now()
    found = ads_oracle.delivered(plan, ads_oracle.seeded_sets(plan), days, now)
    return {key: ads_oracle.day_row(of) for key, of in found.items()}


async def stored(opened: OpenNode) -> dict[ads_oracle.Day, dict[str, Any]]:
    """Every ad's day in the store."""
    return {(row["ad_id"], row["day"]): figures(row, EVERYTHING) for row in await rows(opened, tables.ad_insights)}


async def test_late_conversions_land_and_what_was_said_before_is_kept(
    make_node: MakeNode, meta: MetaSandbox, database_url: str
) -> None:
    """A later run restates days that had not settled; the history has each earlier value, and when it was read."""
    opened = await connected(make_node, meta, database_url=database_url)
    first = (await read_days(opened, 20)).days()
    before = truth(meta, first)
    assert await stored(opened) == before
    meta.clock.advance(timedelta(days=9))
    days = [*(await read_days(opened, 9)).days(), *first]
    after = truth(meta, days)
    assert await stored(opened) == after
    history = await rows(opened, tables.ad_insight_restatements)
    changed = {key: row for key, row in before.items() if row != after[key]}
    assert {(row["ad_id"], row["day"]): figures(row, DELIVERY) for row in history} == {
        key: {name: row[name] for name in DELIVERY} for key, row in changed.items()
    }
    assert {(row["read_at"], row["replaced_at"]) for row in history} == {(NOW, meta.clock.now())}
    assert 10 < len(changed) < len(before)
    unchanged = {row["read_at"] for row in await rows(opened, tables.ad_insights) if row["day"] in first}
    assert unchanged == {NOW, meta.clock.now()}


async def test_days_settle_however_long_nothing_was_read(make_node: MakeNode, meta: MetaSandbox) -> None:
    """After seven weeks a run of a few days reads what it had left unsettled once more, and then no more."""
    opened = await connected(make_node, meta)
    first = (await read_days(opened, 20)).days()
    meta.clock.advance(timedelta(days=50))
    last = (await read_days(opened, 3)).days()
    assert await stored(opened) == truth(meta, [*last, *first])
    calls = sum(meta.sandbox.calls.values())
    await read_days(opened, 3)
    asked = sum(meta.sandbox.calls.values()) - calls
    assert asked == 2


async def test_settled_days_are_not_read_again(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Of ninety days the last 29 are asked for at the next run, the others never."""
    opened = await connected(make_node, meta)
    await read_days(opened, 90)
    meta.sandbox.exact_calls.clear()
    meta.clock.advance(timedelta(days=1))
    await read_days(opened, 90)
    days = {day for (_, address), _ in meta.sandbox.exact_calls.items() for day in since_of(address)}
    assert days == {date(2026, 10, 26)}


def since_of(address: str) -> list[date]:
    """The first day that a call to insights asks for."""
    _, mark, rest = address.partition("since%22%3A+%22")
    return [date.fromisoformat(rest[:10])] if mark else []


async def test_today_is_unfinished(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Today's spend so far is there and grows; coverage calls the day missing until it is over; no history of it."""
    opened = await connected(make_node, meta)
    today = (await due(opened, 1)).today
    await read_ad_account(source(opened, CERAMICS_ADS), await due(opened, 1))
    spent = []
    for _ in range(2):
        await read_ad_today(source(opened, CERAMICS_ADS), await due(opened, 1))
        found = await stored(opened)
        assert found == truth(meta, [today])
        spent.append(sum(row["spend_minor"] for row in found.values()))
        meta.clock.advance(timedelta(hours=3))
    assert 0 < spent[0] < spent[1]
    (mark,) = [row for row in await rows(opened, tables.coverage) if row["metric"] == "ad_insights"]
    assert (mark["day"], mark["state"], mark["reason"]) == (today, "missing", UNFINISHED)
    meta.clock.advance(timedelta(days=1))
    await read_days(opened, 1)
    assert await stored(opened) == truth(meta, [today])
    assert (await coverage(opened))[CERAMICS_ADS, "ad_insights", today] == "complete"
    assert await rows(opened, tables.ad_insight_restatements) == []


CHANGES = {
    "America/Los_Angeles": datetime(2026, 11, 4, 5, 30, tzinfo=UTC),
    "Asia/Kolkata": datetime(2026, 11, 4, 18, 40, tzinfo=UTC),
    "Pacific/Auckland": datetime(2026, 9, 29, 11, 10, tzinfo=UTC),
}
"""Zone -> a moment near its midnight, days after its clocks changed (India's do not)."""


@pytest.mark.parametrize("zone", CHANGES)
async def test_days_are_those_of_the_account(make_node: MakeNode, serve: Serve, zone: str) -> None:
    """Also near midnight, and where a day has 23 or 25 hours: yesterday is whole, and today is what it is there."""
    meta = await meta_sandbox.start(serve, CHANGES[zone], scale={1: Scale(timezone_name=zone)})
    opened = await connected(make_node, meta)
    chosen = await read_days(opened, 7)
    local = {"America/Los_Angeles": (11, 3), "Asia/Kolkata": (11, 5), "Pacific/Auckland": (9, 30)}[zone]
    assert chosen.today == date(2026, *local)
    await read_ad_today(source(opened, CERAMICS_ADS), chosen)
    assert await stored(opened) == truth(meta, [chosen.today, *chosen.days()])
    (account,) = await rows(opened, tables.ad_accounts)
    assert account["timezone"] == zone


async def test_days_from_before_what_meta_keeps(make_node: MakeNode, meta: MetaSandbox) -> None:
    """They are not asked for, and coverage says why they are empty; the oldest that Meta keeps is there."""
    opened = await connected(make_node, meta)
    oldest = date(2023, 10, 23)
    today = (await due(opened, 1)).today
    await read_ad_days(
        source(opened, CERAMICS_ADS), Window(oldest - timedelta(days=5), oldest + timedelta(days=4), today)
    )
    marks = {row["day"]: (row["state"], row["reason"]) for row in await rows(opened, tables.coverage)}
    assert {marks[oldest - timedelta(days=back)] for back in range(1, 6)} == {
        ("empty", "Meta keeps what ads did for 37 months")
    }
    assert {marks[oldest + timedelta(days=ahead)] for ahead in range(5)} == {("complete", "")}


async def test_a_breakdown_s_day_is_read_twice(make_node: MakeNode, serve: Serve) -> None:
    """When it is new, and once more when it has settled."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    opened = await connected(make_node, meta, ceiling_per_hour=10_000, app_share_per_user=10_000)
    first = await due(opened, 1)
    asked: list[set[date]] = []
    for _ in range(31):
        meta.sandbox.exact_calls.clear()
        await read_ad_breakdowns(source(opened, CERAMICS_ADS), await due(opened, 1))
        asked.append({since for _, address in meta.sandbox.exact_calls for since in since_of(address)})
        meta.clock.advance(timedelta(days=1))
    assert [len(days) for days in asked] == [1] * 28 + [2] * 3
    assert [first.last in days for days in asked].count(True) == 2
    assert asked[28] == {first.last, first.last + timedelta(days=28)}


async def test_breakdowns_of_many_ads_are_reports_of_few_days(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Each day of an account with 600 ads is a report of its own by age, so that a run that stops keeps whole days."""
    opened = await connected(make_node, meta)
    async with opened.node.database.writing() as session:
        await session.execute(insert(tables.ads).values([_ad(number) for number in range(600)]))
    today = (await due(opened, 1)).today
    days = Window(today - timedelta(days=13), today - timedelta(days=11), today)
    await read_ad_breakdowns(source(opened, CERAMICS_ADS), days)
    orders = {row["place"] for row in await rows(opened, collection_places) if "order:" in row["place"]}
    by_age = {f"order:ad_breakdowns:age_gender:{day}:{day}" for day in days.days()}
    by_device = {f"order:ad_breakdowns:device:{days.first}:{days.last}"}
    assert by_age | by_device <= orders
    states = await coverage(opened)
    assert {states[CERAMICS_ADS, f"ad_breakdowns:{name}", day] for name in PARTS for day in days.days()} == {"complete"}


def _ad(number: int) -> dict[str, Any]:
    of = dict.fromkeys(("ad_set_id", "campaign_id", "name", "creative_id"), "1")
    active = {"status": "ACTIVE", "effective_status": "ACTIVE"}
    return {"ad_id": str(number), "ad_account_id": CERAMICS_ADS, "read_at": NOW} | of | active


async def test_people_by_breakdown_of_long_ago(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Beyond 13 months Meta gives everything but people, and coverage says so."""
    opened = await connected(make_node, meta)
    today = (await due(opened, 1)).today
    day = date(2025, 9, 1)
    await read_ad_breakdowns(source(opened, CERAMICS_ADS), Window(day, day, today))
    found = await rows(opened, tables.ad_breakdowns)
    assert {row["reach"] for row in found} == {None}
    assert sum(row["impressions"] for row in found) > 0
    states = await coverage(opened)
    assert states[CERAMICS_ADS, "ad_breakdowns:country", day] == "complete"
    assert states[CERAMICS_ADS, "ad_breakdowns:country:reach", day] == "empty"
