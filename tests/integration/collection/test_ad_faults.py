"""Faults while ads are read: all that Meta gives arrives, what it does not is named with its code and comes later."""

import functools
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import ads_oracle, oracle
from tests.integration.collection.checks import (
    AMPLE,
    DELIVERY,
    EVERYTHING,
    TODAY,
    check_results,
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
from freehold.node.collection.ad_breakdowns import metric_of, read_ad_breakdowns
from freehold.node.collection.ad_days import read_ad_days
from freehold.node.collection.collect import read_streams
from freehold.node.collection.source import Window
from freehold.node.governor.tables import api_calls
from freehold.node.store import tables
from freehold.node.store.ads.queries import reach_metric
from freehold.providers.calls import Rejected, Unavailable
from freehold.sandbox.faults import FaultMix, FaultOrder
from freehold.sandbox.meta.world.ads_plan import AdPlan
from freehold.sandbox.settings import Scale

MONTH = Window(date(2026, 9, 1), date(2026, 9, 30), TODAY)
"""Days that have settled: the time that waiting takes does not change them."""
FEW = Window(date(2026, 9, 1), date(2026, 9, 2), TODAY)
FAULTS = {
    "unknown error": FaultOrder(kind="error", code=1, status=500),
    "refusal": FaultOrder(kind="error", code=100, message="(#100) not now"),
    "refusal without its code in the words": FaultOrder(kind="error", code=2_635, subcode=7, message="not now"),
    "account throttled": FaultOrder(kind="error", code=17, subcode=2_446_079),
    "insights throttled": FaultOrder(kind="error", code=80_000, subcode=2_446_079),
    "error in a good answer": FaultOrder(kind="error_in_ok", code=2),
    "details as text": FaultOrder(kind="error_data_text", code=2),
    "service unavailable in a good answer": FaultOrder(kind="service_unavailable_in_ok"),
    "too much data": FaultOrder(kind="reduce_data"),
    "no headers": FaultOrder(kind="no_headers"),
    "slow": FaultOrder(kind="slow", seconds=0.02),
    "dropped": FaultOrder(kind="drop"),
    "malformed": FaultOrder(kind="malformed"),
}
CODES = {str(order.code) for order in FAULTS.values()}


SETTLED_AT = NOW
"""Any instant from when the month has settled."""


async def read(opened: OpenNode, parts: Window = FEW) -> None:
    """Read everything of the account in a run of its own; breakdowns of `parts`."""
    reading = source(opened, CERAMICS_ADS)
    whole = [stream for stream in ads.STREAMS if stream.name != "ad_breakdowns"]
    cut = [stream for stream in ads.STREAMS if stream.name == "ad_breakdowns"]
    for window, streams in ((MONTH, whole), (parts, cut)):
        try:
            await read_streams(reading, window, streams)
        except (Rejected, Unavailable):
            continue


@functools.cache
def days_of(plan: AdPlan) -> dict[ads_oracle.Day, ads_oracle.Delivered]:
    """What the account's ads did in the month."""
    return ads_oracle.delivered(plan, oracle.made(plan, NOW).ad_sets, MONTH.days(), SETTLED_AT)


@functools.cache
def parts_of(plan: AdPlan) -> dict[ads_oracle.Part, dict[str, object]]:
    """The parts of the first days."""
    return ads_oracle.parts(plan, {key: of for key, of in days_of(plan).items() if key[1] <= FEW.last}, SETTLED_AT)


async def check(opened: OpenNode, meta: MetaSandbox) -> set[tuple[str, date]]:
    """What coverage calls complete is the world's, no more and no less; gives what it calls missing."""
    plan = oracle.plan_of(meta.sandbox, CERAMICS_ADS)
    made = oracle.made(plan, NOW)
    states = {key[1:]: state for key, state in (await coverage(opened)).items()}

    def there(metric: str, days: Sequence[date]) -> set[date]:
        return {day for day in days if states[metric, day] == "complete"}

    truth = days_of(plan)
    stored, cut = await rows(opened, tables.ad_insights), await rows(opened, tables.ad_breakdowns)
    known = {row["campaign_id"] for row in await rows(opened, tables.ad_campaigns)}
    check_results([row for row in (*stored, *cut) if row["campaign_id"] in known], made.objectives)
    days = {(row["ad_id"], row["day"]): figures(row, EVERYTHING) for row in stored}
    whole = there("ad_insights", MONTH.days())
    wanted = {key: ads_oracle.day_row(of) for key, of in truth.items()}
    assert {key: row for key, row in days.items() if key[1] in whole} == {
        key: row for key, row in wanted.items() if key[1] in whole
    }
    assert all(wanted[key] == row for key, row in days.items())
    parts = parts_of(plan)
    read_at = {name: there(metric_of(name), FEW.days()) for name in ads_oracle.BREAKDOWNS}
    found = {part_key(row): figures(row, DELIVERY) for row in cut}
    assert {key for key in found if key[1] in read_at[key[2]]} == {key for key in parts if key[1] in read_at[key[2]]}
    assert all(parts[key] == row for key, row in found.items())
    people = ads_oracle.reached(CERAMICS_ADS, truth, [(MONTH.first, MONTH.last)])
    reach = {
        (row["level"], row["object_id"], row["first_day"], row["last_day"]): (row["reach"], row["impressions"])
        for row in await rows(opened, tables.ad_reach)
    }
    levels = {
        level
        for level in ads_oracle.LEVELS
        if states[reach_metric(level, MONTH.first, MONTH.last), MONTH.last] == "complete"
    }
    assert reach == {key: value for key, value in people.items() if key[0] in levels}
    lost = {key for key, state in states.items() if state == "missing"}
    if not lost:
        await check_structure(opened, made)
        assert len(await rows(opened, tables.ad_accounts)) == 1
    return lost


@pytest.mark.parametrize(("fault", "skip"), [(fault, number % 4 * 3) for number, fault in enumerate(FAULTS)])
async def test_a_fault_alone(make_node: MakeNode, meta: MetaSandbox, fault: str, skip: int) -> None:
    """Whichever it is and whatever it strikes: days, parts and reach are whole, and the next run has the rest."""
    opened = await connected(make_node, meta, **AMPLE)
    meta.sandbox.faults.add(FAULTS[fault].model_copy(update={"skip": skip}))
    await read(opened)
    lost = await check(opened, meta)
    refused = FAULTS[fault].kind == "error" and FAULTS[fault].code in {100, 2_635}
    cannot_be_halved = {0: "ad_account", 3: "ads"}
    struck = cannot_be_halved.get(skip) if refused or (fault == "too much data" and skip == 0) else None
    assert lost == ({(struck, TODAY)} if struck else set())
    reasons = {row["reason"] for row in await rows(opened, tables.coverage) if row["state"] == "missing"}
    assert all(reason.startswith("(#") or "reduce the amount of data" in reason for reason in reasons)
    if lost:
        await read(opened)
        assert await check(opened, meta) == set()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_fifth_of_all_calls_is_struck(make_node: MakeNode, serve: Serve, seed: int) -> None:
    """All faults mixed: what is there is right, each gap is named with its code, and the next run has closed them."""
    meta = await meta_sandbox.start(serve)
    opened = await connected(make_node, meta, **AMPLE)
    meta.sandbox.faults.mix(FaultMix(share=0.2, seed=seed, orders=tuple(FAULTS.values())))
    await read(opened)
    lost = await check(opened, meta)
    reasons = {row["reason"] for row in await rows(opened, tables.coverage) if row["state"] == "missing"}
    assert all(any(code in reason for code in CODES) or "provider" in reason for reason in reasons), reasons
    assert len(lost) <= 10
    meta.sandbox.faults.clear()
    await read(opened)
    assert await check(opened, meta) == set()


async def test_a_list_of_campaigns_that_fails(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Days and parts are read all the same; once the campaigns are there, so are the results, of settled days too."""
    opened = await connected(make_node, meta, **AMPLE)
    meta.fault("error", path=f"{CERAMICS_ADS}/campaigns", code=1, count=3)
    await read(opened)
    assert await check(opened, meta) == {("ad_campaigns", TODAY)}
    assert await rows(opened, tables.ad_campaigns) == []
    await read(opened)
    assert await check(opened, meta) == set()


async def test_a_reason_has_the_code(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Also where Meta's words do not begin with it."""
    opened = await connected(make_node, meta, **AMPLE)
    meta.sandbox.faults.add(FAULTS["refusal without its code in the words"])
    await read(opened)
    reasons = {row["reason"] for row in await rows(opened, tables.coverage) if row["state"] == "missing"}
    assert reasons == {"(#2635/7) not now"}


async def test_an_app_without_review(make_node: MakeNode, serve: Serve) -> None:
    """Meta's least limits, 60 points that last five minutes: the node waits, nothing is refused, and all is read."""
    meta = await meta_sandbox.start(serve, scale={1: Scale(ads=300)})
    opened = await connected(make_node, meta, **AMPLE)
    reading = source(opened, CERAMICS_ADS)
    for day in MONTH.days():
        await read_ad_days(reading, Window(day, day, TODAY))
        await read_ad_breakdowns(reading, Window(day, day, TODAY))
    made = await rows(opened, api_calls)
    assert {row["outcome"] for row in made} == {"ok"}
    assert len(made) > 120
    plan = oracle.plan_of(meta.sandbox, CERAMICS_ADS)
    stored = {(row["ad_id"], row["day"]) for row in await rows(opened, tables.ad_insights)}
    assert stored == days_of(plan).keys()
    assert meta.clock.now() - NOW > timedelta(minutes=5)
    assert set((await coverage(opened)).values()) == {"complete"}
