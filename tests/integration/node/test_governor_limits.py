"""Meta's limits from the caller's side: no call is sent while one is shut, and a score's block is not even met."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.conftest import MakeNode
from tests.integration.node.conftest import Stage
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, VERSION
from tests.quick_clock import QuickClock

from freehold.node.governor import Governor, Priority
from freehold.node.governor.tables import api_calls, governor_ledger
from freehold.providers.calls import ApiCall, Throttled
from freehold.sandbox.settings import LimitNumbers

CALLERS = 12
INSTAGRAM = ApiCall("GET", f"/{VERSION}/{CERAMICS}", {"fields": "id"}, asset_id=CERAMICS)
PAGE = ApiCall("GET", f"/{VERSION}/{CERAMICS_PAGE}", {"fields": "id"}, asset_id=CERAMICS_PAGE)
AS_PAGE = ApiCall("GET", f"/{VERSION}/{CERAMICS_PAGE}", {"fields": "id"}, asset_id=CERAMICS_PAGE, token=CERAMICS_PAGE)
ME = ApiCall("GET", f"/{VERSION}/me", {"fields": "id"})
ADS = ApiCall("GET", f"/{VERSION}/{CERAMICS_ADS}", {"fields": "id"}, asset_id=CERAMICS_ADS)
INSIGHTS = ApiCall("GET", f"/{VERSION}/{CERAMICS_ADS}/insights", {"date_preset": "yesterday"}, asset_id=CERAMICS_ADS)

Numbers = dict[str, float]
SHUT: list[tuple[str, Numbers, ApiCall, bool]] = [
    ("instagram", {"instagram_day_minimum": 9, "instagram_day_per_impression": 0}, INSTAGRAM, True),
    ("pages", {"pages_day": 9}, AS_PAGE, True),
    ("page_user", {"platform_user_hour": 9}, PAGE, False),
    ("app", {"platform_app_per_user_hour": 9}, ME, False),
    ("user", {"platform_user_hour": 9}, ME, False),
    ("ads_management", {"ads_management_hour": 9, "ads_management_per_active_ad": 0}, ADS, True),
    ("ads_insights", {"ads_insights_hour": 9, "ads_insights_per_active_ad": 0}, INSIGHTS, True),
    ("score", {"score_maximum": 9}, ADS, True),
]
"""A limit of nine calls, a call that fills it, and whether Meta names the time at which it is free again."""


async def make_stage(make_node: MakeNode, serve: Serve, numbers: Numbers, speed: float = 0.0) -> Stage:
    """A connected node before a sandbox with these limits; time runs `speed` times as fast as the machine's."""
    meta = await meta_sandbox.start(serve, limits=LimitNumbers.model_validate(numbers))
    if speed:
        meta.clock = QuickClock(meta.clock.now(), speed)
        meta.sandbox.clock = meta.clock
    stage = Stage(await make_node(clock=meta.clock, graph_url=meta.url, ceiling_per_hour=10_000), "", meta)
    await stage.connect()
    return stage


async def tried(governor: Governor, call: ApiCall, priority: Priority, times: int) -> list[float]:
    """Ask so many times one after another; gives how long each refused call was told to wait."""
    waits = []
    for _ in range(times):
        try:
            await governor.send(call, priority)
        except Throttled as error:
            waits.append(error.retry_after)
    return waits


def flat(lists: Sequence[list[float]]) -> list[float]:
    """All waits."""
    return [wait for each in lists for wait in each]


@pytest.mark.parametrize(("system", "numbers", "call", "named"), SHUT, ids=[row[0] for row in SHUT])
async def test_nothing_is_sent_while_a_limit_is_shut(
    make_node: MakeNode, serve: Serve, system: str, numbers: Numbers, call: ApiCall, named: bool
) -> None:
    """Twelve callers pausing ads run into a limit that no header warned of: what was under way arrives, at most four
    calls at once, and then nothing until the time that Meta named; at that time the next call is served.
    """
    stage = await make_stage(make_node, serve, {**numbers, "headers_from_percent": 100.1})
    governor, punished = stage.node.governor, stage.meta.sandbox.limits.punished
    waits = flat(await asyncio.gather(*(tried(governor, call, Priority.PAUSE_AD, 3) for _ in range(CALLERS))))
    assert punished[system] <= stage.node.settings.concurrent_calls - 1
    came, early = sum(stage.meta.sandbox.calls.values()), punished[system]
    assert came <= 9 + stage.node.settings.concurrent_calls
    stage.clock.advance(timedelta(seconds=min(waits) - 1))
    assert len(flat([await tried(governor, call, Priority.PAUSE_AD, 3)])) == 3
    assert (sum(stage.meta.sandbox.calls.values()), punished[system]) == (came, early)
    stage.clock.advance(timedelta(seconds=1))
    if named:
        await governor.send(call, Priority.PAUSE_AD)
        assert punished[system] == early


@pytest.mark.parametrize("priority", [Priority.INTERACTIVE, Priority.SCHEDULED, Priority.BACKFILL])
async def test_the_score_of_an_ad_account_is_never_passed(
    make_node: MakeNode, serve: Serve, priority: Priority
) -> None:
    """Six patient callers read an ad account ninety times, more than its sixty points: nobody is ever refused by Meta,
    also where it sends no header that would warn.
    """
    stage = await make_stage(make_node, serve, {"headers_from_percent": 101.0}, speed=150)
    node, clock = stage.node, stage.clock
    assert isinstance(clock, QuickClock)
    governor = Governor(node.settings, node.database, node.vault, node.http, clock, sleep=clock.sleep)
    began = clock.now()

    async def read() -> None:
        for _ in range(15):
            await governor.send(ADS, priority, patience=3600)

    await asyncio.gather(*(read() for _ in range(6)))
    assert {row["outcome"] for row in await stage.rows(api_calls)} == {"ok"}
    assert stage.meta.sandbox.limits.punished == {}
    assert clock.now() - began >= timedelta(seconds=30 * 5)


async def test_patient_callers_outlast_a_block(make_node: MakeNode, serve: Serve) -> None:
    """An account with fewer points than Meta promises: all are served in the end, and none comes during a block."""
    stage = await make_stage(make_node, serve, {"score_maximum": 8, "headers_from_percent": 101.0}, speed=150)
    node, clock = stage.node, stage.clock
    assert isinstance(clock, QuickClock)
    governor = Governor(node.settings, node.database, node.vault, node.http, clock, sleep=clock.sleep)
    punished = stage.meta.sandbox.limits.punished
    calls = [governor.send(ADS, Priority.SCHEDULED, patience=3600) for _ in range(20)]
    assert [answer["id"] for answer in await asyncio.gather(*calls)] == [CERAMICS_ADS] * 20
    blocks = [row for row in await stage.rows(api_calls) if row["outcome"] == "throttled"]
    assert blocks
    assert punished["score"] <= len(blocks) - 1 <= 2 * node.settings.concurrent_calls


async def test_a_full_use_case_leaves_the_others_alone(make_node: MakeNode, serve: Serve) -> None:
    """Insights are used up: management of the same ad account, and the Instagram account, are read on."""
    stage = await make_stage(make_node, serve, {"ads_insights_hour": 2, "ads_insights_per_active_ad": 0})
    await tried(stage.node.governor, INSIGHTS, Priority.PAUSE_AD, 3)
    with pytest.raises(Throttled, match="limit for insights"):
        await stage.node.governor.send(INSIGHTS)
    await stage.node.governor.send(ADS)
    await stage.node.governor.send(INSTAGRAM)


async def test_full_access_is_learned(make_node: MakeNode, serve: Serve) -> None:
    """A header that names the tier ends the reckoning with sixty points."""
    numbers: Numbers = {"score_maximum": 9_000, "headers_from_percent": 0.0, "ads_management_hour": 100_000}
    stage = await make_stage(make_node, serve, {**numbers, "tier": "standard_access"})  # type: ignore[dict-item]
    assert await tried(stage.node.governor, ADS, Priority.INTERACTIVE, 65) == []


async def test_what_meta_counts_is_what_we_count(make_node: MakeNode, serve: Serve) -> None:
    """After calls of every kind the ledger's buckets hold what the sandbox's meters hold."""
    stage = await make_stage(make_node, serve, {})
    for call in (INSTAGRAM, INSTAGRAM, PAGE, AS_PAGE, ME, ADS, INSIGHTS):
        await stage.node.governor.send(call, Priority.INTERACTIVE)
    levels: list[dict[str, Any]] = stage.meta.sandbox.limits.levels(stage.clock.now())
    meters = {each["system"]: each["counted"] for each in levels}
    rows = {row["key"].partition(":")[0]: row for row in await stage.rows(governor_ledger)}
    held = {system: sum(json.loads(row["calls"]).values()) for system, row in rows.items()}
    same = ("instagram", "pages", "ads_management", "ads_insights")
    assert {system: held[system] for system in same} == {system: meters[system] for system in same}
    assert held["platform"] == meters["app"] + meters["page_user"] == 2
    assert rows["ads_score"]["percent"] * 60 / 100 == pytest.approx(meters["score"], abs=0.01)  # told with two decimals
    assert held["person"] == 7
