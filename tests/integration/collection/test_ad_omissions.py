"""What Meta gives no more of a day of ads is not kept beside what it gives now: sums stay equal to Meta's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from tests.conftest import Serve
from tests.integration.collection import altered
from tests.integration.collection.altered import Answer, refusal
from tests.integration.collection.checks import TODAY, connected, rows, source
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS_ADS, NOW, MetaSandbox

from freehold.node.collection.ad_breakdowns import read_ad_breakdowns
from freehold.node.collection.ad_days import read_ad_days, read_ad_today
from freehold.node.collection.source import Source, Window
from freehold.node.runs.tables import collection_places
from freehold.node.store import tables
from freehold.providers.calls import Throttled

DAY = TODAY - timedelta(days=2)
RECENT = Window(DAY, TODAY - timedelta(days=1), TODAY)
"""Days that have not settled: every run reads them."""
A_PAGE = 2
Row = tuple[str, date, str, int]
"""Ad, day, country (empty for the day itself) and spend in cents."""


@dataclass
class Told:
    """What Meta tells, two rows a page: `days` and their parts; at the page `struck` it answers otherwise, once."""

    days: list[Row]
    parts: list[Row] = field(default_factory=list)
    struck: tuple[int, Answer] | None = None

    def answer(self, path: str, params: Mapping[str, str]) -> Answer | None:
        """Pages of insights."""
        if not path.endswith("/insights") or "time_increment" not in params:
            return None
        asked = json.loads(params["time_range"])
        first, last = date.fromisoformat(asked["since"]), date.fromisoformat(asked["until"])
        cut = {"": self.days, '["country"]': self.parts}.get(params.get("breakdowns", ""), [])
        found = [row for row in cut if first <= row[1] <= last]
        begin = int(params.get("after", "0"))
        if self.struck is not None and begin == self.struck[0]:
            answer, self.struck = self.struck[1], None
            return answer
        more = begin + A_PAGE < len(found)
        paging = {"next": "more", "cursors": {"after": str(begin + A_PAGE)}} if more else {}
        return 200, json.dumps({"data": [insight(row) for row in found[begin : begin + A_PAGE]], "paging": paging})


def insight(row: Row) -> dict[str, Any]:
    """A row as Meta writes it."""
    ad_id, day, country, spend = row
    said = {"campaign_id": "1", "adset_id": "2", "ad_id": ad_id, "date_start": str(day), "date_stop": str(day)}
    said |= {"account_currency": "EUR", "spend": f"{spend / 100:.2f}", "impressions": str(10 * spend)}
    return said | ({"country": country} if country else {})


async def told(serve: Serve, make_node: MakeNode, what: Told, **chosen: Any) -> tuple[MetaSandbox, OpenNode]:
    """A provider that tells so, and a node."""
    meta, before = await altered.start(serve)
    before.rule = what.answer
    return meta, await connected(make_node, meta, **chosen)


async def stored(opened: OpenNode) -> list[Row]:
    """The days in the store."""
    found = await rows(opened, tables.ad_insights)
    return sorted((row["ad_id"], row["day"], "", row["spend_minor"]) for row in found)


async def stored_parts(opened: OpenNode) -> list[Row]:
    """The parts in the store."""
    found = await rows(opened, tables.ad_breakdowns)
    return sorted((row["ad_id"], row["day"], row["first_part"], row["spend_minor"]) for row in found)


def days(ads: Sequence[int], day: date = DAY) -> list[Row]:
    """A day of each of these ads."""
    return [(str(ad), day, "", 100 + ad) for ad in ads]


async def test_a_day_that_is_left_out(make_node: MakeNode, serve: Serve, database_url: str) -> None:
    """It is gone, the history has what Meta said of it and when, and the others are as they were."""
    what = Told(days(range(7)))
    meta, opened = await told(serve, make_node, what, database_url=database_url)
    await read_ad_days(source(opened, CERAMICS_ADS), RECENT)
    assert await stored(opened) == days(range(7))
    meta.clock.advance(timedelta(hours=5))
    what.days = [*days([0, 2, 3, 5, 6]), *days([8], DAY + timedelta(days=1))]
    await read_ad_days(source(opened, CERAMICS_ADS), RECENT)
    assert await stored(opened) == sorted(what.days)
    history = await rows(opened, tables.ad_insight_restatements)
    assert [(row["ad_id"], row["day"], row["spend_minor"]) for row in history] == [("1", DAY, 101), ("4", DAY, 104)]
    assert {(row["read_at"], row["replaced_at"]) for row in history} == {(NOW, meta.clock.now())}
    assert {row["read_at"] for row in await rows(opened, tables.ad_insights) if row["ad_id"] != "8"} == {NOW}
    assert not [row for row in await rows(opened, collection_places) if "rows" in row["place"]]


async def test_a_part_that_is_left_out(make_node: MakeNode, serve: Serve, database_url: str) -> None:
    """What Meta adds to another part is not counted twice; other breakdowns and days are left alone."""
    what = Told([], [("1", DAY, "US", 800), ("1", DAY, "unknown", 200), ("2", DAY, "DE", 50)])
    meta, opened = await told(serve, make_node, what, database_url=database_url)
    older = Window(DAY, DAY, TODAY)
    await read_ad_breakdowns(source(opened, CERAMICS_ADS), older)
    assert await stored_parts(opened) == sorted(what.parts)
    meta.clock.advance(timedelta(days=40))
    what.parts = [("1", DAY, "US", 1000), ("2", DAY, "DE", 50)]
    other = {"breakdown": "device", "first_part": "facebook", "second_part": "iphone"}
    kept = {**(await rows(opened, tables.ad_breakdowns))[0], **other, "ad_id": "9"}
    del kept["id"]
    async with opened.node.database.writing() as session:
        await session.execute(insert(tables.ad_breakdowns).values(**kept | {"day": DAY - timedelta(days=1)}))
        await session.execute(insert(tables.ad_breakdowns).values(**kept | {"breakdown": "gone"}))
    await read_ad_breakdowns(source(opened, CERAMICS_ADS), replace(older, today=TODAY + timedelta(days=40)))
    assert [row for row in await stored_parts(opened) if row[0] != "9"] == what.parts
    assert len(await stored_parts(opened)) == 4


@pytest.mark.parametrize("gone", [0, 1, 5])
async def test_a_report_that_is_broken_off(make_node: MakeNode, serve: Serve, gone: int) -> None:
    """Whichever attempt of a run read which page: what none of them had is gone, and nothing else is."""
    what = Told(days(range(7)))
    meta, opened = await told(serve, make_node, what)
    await read_ad_days(source(opened, CERAMICS_ADS), RECENT)
    meta.clock.advance(timedelta(hours=5))
    what.days = [row for row in days(range(7)) if row[0] != str(gone)]
    what.days[1] = (what.days[1][0], DAY, "", 999)
    reading = source(opened, CERAMICS_ADS)
    for struck in (2, 4):
        what.struck = struck, refusal("slow down", 4)
        with pytest.raises(Throttled):
            await read_ad_days(reading, RECENT)
        assert str(gone) in {row[0] for row in await stored(opened)}
        meta.clock.advance(timedelta(hours=2))
        reading = restarted(reading, opened)
    await read_ad_days(reading, RECENT)
    assert await stored(opened) == what.days


def restarted(reading: Source, opened: OpenNode) -> Source:
    """The same run, ordered once more."""
    return replace(reading, run=replace(reading.run, started_at=opened.node.clock.now()))


async def test_a_first_reading_that_is_broken_off(make_node: MakeNode, serve: Serve) -> None:
    """Nothing that its first pages had is taken out by its last one."""
    what = Told(days(range(7)), struck=(4, refusal("slow down", 4)))
    meta, opened = await told(serve, make_node, what)
    reading = source(opened, CERAMICS_ADS)
    with pytest.raises(Throttled):
        await read_ad_days(reading, RECENT)
    meta.clock.advance(timedelta(hours=2))
    await read_ad_days(restarted(reading, opened), RECENT)
    assert await stored(opened) == what.days


async def test_a_report_whose_end_is_refused(make_node: MakeNode, serve: Serve) -> None:
    """It does not tell what is no more."""
    what = Told(days(range(7)))
    meta, opened = await told(serve, make_node, what)
    one_day = Window(DAY, DAY, TODAY)
    await read_ad_days(source(opened, CERAMICS_ADS), one_day)
    meta.clock.advance(timedelta(hours=5))
    what.days, what.struck = days([0, 1, 2, 3, 4]), (4, refusal("(#100) no"))
    await read_ad_days(source(opened, CERAMICS_ADS), one_day)
    assert await stored(opened) == days(range(7))


async def test_ads_that_were_deleted(make_node: MakeNode, serve: Serve) -> None:
    """Meta may leave them out of its reports; what was paid for them was paid, and is kept."""
    what = Told(days(range(4)))
    meta, opened = await told(serve, make_node, what)
    await read_ad_days(source(opened, CERAMICS_ADS), RECENT)
    meta.clock.advance(timedelta(hours=5))
    texts = dict.fromkeys(("ad_set_id", "campaign_id", "name", "creative_id", "status"), "1")
    ad = {"ad_account_id": CERAMICS_ADS, "read_at": NOW} | texts
    states = {"1": "DELETED", "2": "ARCHIVED", "3": "PAUSED"}
    async with opened.node.database.writing() as session:
        for ad_id, state in states.items():
            await session.execute(insert(tables.ads).values(**ad, ad_id=ad_id, effective_status=state))
    what.days = days([0])
    await read_ad_days(source(opened, CERAMICS_ADS), RECENT)
    assert await stored(opened) == days([0, 1, 2])


async def test_today_so_far(make_node: MakeNode, serve: Serve) -> None:
    """An hour later it may be less; that is no history of a day."""
    what = Told(days(range(3), TODAY))
    meta, opened = await told(serve, make_node, what)
    await read_ad_today(source(opened, CERAMICS_ADS), RECENT)
    meta.clock.advance(timedelta(hours=1))
    what.days = days([0, 2], TODAY)
    await read_ad_today(source(opened, CERAMICS_ADS), RECENT)
    assert await stored(opened) == what.days
    assert await rows(opened, tables.ad_insight_restatements) == []
