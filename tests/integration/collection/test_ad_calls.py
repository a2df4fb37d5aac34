"""An ad account of many ads: every number is the world's, and the calls are near the least that Meta allows.

The counts are the sandbox's own. Each kind of data has its row in what is printed.
"""

import math
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import ads_oracle, oracle
from tests.integration.collection.ads_oracle import Day, Delivered
from tests.integration.collection.checks import (
    DELIVERY,
    EVERYTHING,
    FULL_ACCESS,
    check_structure,
    connected,
    coverage,
    figures,
    part_key,
    rows,
    source,
)
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS_ADS, NOW, MetaSandbox

from freehold.node.collection import ads
from freehold.node.collection.source import Source, Window, window
from freehold.node.runs.places import floor_of
from freehold.node.store import tables
from freehold.sandbox.meta.world.ads_overlay import AdsWrites
from freehold.sandbox.settings import Scale

BUDGET = {"ceiling_per_hour": 100_000, "app_share_per_user": 100_000}
PARTS_DAYS = 7
"""How many days of breakdowns a run that reaches to yesterday reads."""


@dataclass
class Reading:
    """A whole reading of the ceramics company's ad account."""

    opened: OpenNode
    meta: MetaSandbox
    window: Window
    source: Source
    calls: dict[str, int] = field(default_factory=dict)
    """By stream."""

    @property
    def base(self) -> int:
        """Structure and days."""
        return self.calls["ad_account"] + self.calls["ad_structure"] + self.calls["ad_days"]

    async def read(self, stream: str, chosen: Window | None = None) -> None:
        """Read one stream and count its calls."""
        (found,) = [each for each in ads.STREAMS if each.name == stream]
        before = sum(self.meta.sandbox.calls.values())
        await found.read(self.source, chosen or self.window)
        self.calls[stream] = self.calls.get(stream, 0) + sum(self.meta.sandbox.calls.values()) - before


async def read_all(make_node: MakeNode, serve: Serve, ads_made: int, days: int, **chosen: Any) -> Reading:
    """Read every stream of an account that made so many ads."""
    scale = {1: Scale(ads=ads_made, timezone_name="Europe/Berlin")}
    meta = await meta_sandbox.start(serve, scale=scale, limits=FULL_ACCESS)
    writes = meta.sandbox.writes.setdefault("ads", AdsWrites())
    assert isinstance(writes, AdsWrites)
    writes.limits.async_seconds = 5.0
    opened = await connected(make_node, meta, **BUDGET, **chosen)
    reading = Reading(opened, meta, window(NOW, days), source(opened, CERAMICS_ADS))
    for stream in ads.STREAMS:
        await reading.read(stream.name)
    return reading


async def check_numbers(reading: Reading, parts_from: date) -> int:
    """Every row is what the world says as of the instant at which it was read; gives how many days of ads there are."""
    opened, meta = reading.opened, reading.meta
    plan, made = (
        oracle.plan_of(meta.sandbox, CERAMICS_ADS),
        oracle.made(oracle.plan_of(meta.sandbox, CERAMICS_ADS), NOW),
    )
    await check_structure(opened, made)
    days = reading.window.days()
    stored = await rows(opened, tables.ad_insights)
    found = await rows(opened, tables.ad_breakdowns)
    instants = {row["read_at"] for row in (*stored, *found)}
    truth = {at: ads_oracle.delivered(plan, made.ad_sets, days, at) for at in instants}
    now = truth[max(instants)]
    assert {(row["ad_id"], row["day"]) for row in stored} == now.keys()
    for row in stored:
        assert figures(row, EVERYTHING) == ads_oracle.day_row(truth[row["read_at"]][row["ad_id"], row["day"]])
    parts = {at: ads_oracle.parts(plan, _since(days_at, parts_from), at) for at, days_at in truth.items()}
    assert {part_key(row) for row in found} == parts[max(instants)].keys()
    for row in found:
        assert figures(row, DELIVERY) == parts[row["read_at"]][part_key(row)]
    await check_reach(reading, now)
    return len(stored)


def _since(days: Mapping[Day, Delivered], first: date) -> dict[Day, Delivered]:
    return {key: of for key, of in days.items() if key[1] >= first}


async def check_reach(reading: Reading, days: Mapping[Day, Delivered]) -> None:
    """Unions are right at each level in each window, and no sum of days or of parts is among them."""
    last, first = reading.window.last, reading.window.first
    spans = [span for count in (7, 28, 90) if (span := (last - timedelta(days=count - 1), last))[0] >= first]
    spans += [(date(2026, 10, 1), date(2026, 10, 31))] if first <= date(2026, 10, 1) else []
    wanted = ads_oracle.reached(CERAMICS_ADS, days, spans)
    stored = {
        (row["level"], row["object_id"], row["first_day"], row["last_day"]): (row["reach"], row["impressions"])
        for row in await rows(reading.opened, tables.ad_reach)
        if (row["first_day"], row["last_day"]) in spans
    }
    assert stored == wanted
    assert {level for level, *_ in wanted} == set(ads_oracle.LEVELS)
    for span in spans:
        whole = wanted["account", CERAMICS_ADS, *span][0]
        of_ads = [reach for key, (reach, _) in wanted.items() if key[0] == "ad" and key[2:] == span]
        assert max(of_ads) < whole < sum(of_ads)


def show_calls(reading: Reading, found: int) -> None:
    """Print one line for each stream, and for each breakdown and each level of reach within them."""
    kinds: Counter[str] = Counter()
    for (_, address), count in reading.meta.sandbox.exact_calls.items():
        asked = dict(parse_qsl(urlsplit(address).query))
        if "breakdowns" in asked:
            kinds[f"breakdown by {asked['breakdowns']}"] += count
        elif "time_ranges" in asked:
            kinds[f"reach of {asked['level']} in {asked['time_ranges'].count('since')} windows"] += count
    lines = [f"{count:6} calls  {name}" for name, count in (*reading.calls.items(), *sorted(kinds.items()))]
    sys.stdout.write("\n".join(["", f"{found} days of ads", *lines, ""]))


async def test_a_hundred_ads_for_thirty_days(make_node: MakeNode, serve: Serve) -> None:
    """Structure and days for at most 15 calls, and the floor says how few would do."""
    reading = await read_all(make_node, serve, 100, 30)
    found = len(await rows(reading.opened, tables.ad_insights))
    show_calls(reading, found)
    assert found > 200
    assert reading.base <= 15
    assert reading.base <= 1.3 * math.ceil(found / 500) + 20
    async with reading.opened.node.database.reading() as session:
        floor = await floor_of(session, reading.source.run.run_id)
    assert floor <= sum(reading.calls.values()) <= 1.3 * floor


async def test_every_number_of_two_hundred_ads(make_node: MakeNode, serve: Serve, database_url: str) -> None:
    """Structure, 30 days with videos and attribution windows, breakdowns, and reach of each level and window."""
    reading = await read_all(make_node, serve, 200, 30, database_url=database_url)
    found = await check_numbers(reading, reading.window.last - timedelta(days=PARTS_DAYS - 1))
    show_calls(reading, found)
    assert found > 500
    assert "missing" not in set((await coverage(reading.opened)).values())


@pytest.mark.long
async def test_every_number_of_a_thousand_ads(make_node: MakeNode, serve: Serve) -> None:
    """90 days of everything, breakdowns too, near the floor of calls."""
    reading = await read_all(make_node, serve, 1_000, 90)
    older = Window(reading.window.first, reading.window.last - timedelta(days=PARTS_DAYS), reading.window.today)
    await reading.read("ad_breakdowns", older)
    found = await check_numbers(reading, reading.window.first)
    show_calls(reading, found)
    assert found > 4_000
    assert reading.base <= 1.3 * math.ceil(found / 500) + 20
    assert "missing" not in set((await coverage(reading.opened)).values())
