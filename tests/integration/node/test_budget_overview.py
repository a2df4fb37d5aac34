"""What `freehold node budget` shows: what is used of each limit, when there is room, who used it."""

import json
from datetime import timedelta

import pytest
from tests.acceptance.programs import freehold
from tests.integration.node.conftest import MakeStage, Stage
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, MARA, VERSION

from freehold.node.governor import Priority
from freehold.node.governor.overview import BucketView, Overview, overview
from freehold.providers.calls import ApiCall, Throttled

INSTAGRAM = ApiCall("GET", f"/{VERSION}/{CERAMICS}", {"fields": "id"}, asset_id=CERAMICS)
ADS = ApiCall("GET", f"/{VERSION}/{CERAMICS_ADS}", {"fields": "id"}, asset_id=CERAMICS_ADS)


async def seen(stage: Stage) -> tuple[Overview, dict[str, BucketView]]:
    """The overview, and its buckets by key."""
    async with stage.node.database.reading() as session:
        found = await overview(session, stage.node.settings, stage.clock.now())
    return found, {view.bucket: view for view in found.buckets}


async def test_the_ceiling_and_its_reserves(make_stored: MakeStage) -> None:
    """What is spent, what is kept for whom, and how long each has to wait."""
    stage = await make_stored(ceiling_per_hour=20)
    await stage.connect()
    for _ in range(18):
        await stage.node.governor.send(INSTAGRAM, Priority.BACKFILL)
    _, buckets = await seen(stage)
    person = buckets[f"person:{MARA}"]
    assert (person.spent, person.limit, person.reserve, person.reserve_from_backfill) == (18, 20, 1, 2)
    waits = (person.seconds_for_people, person.seconds_for_runs, person.seconds_for_backfill)
    assert waits == (0, 0, 3660)
    assert buckets[f"share:{CERAMICS}"].spent == buckets[f"instagram:{CERAMICS}"].spent == 18


async def test_who_waits_for_a_share_is_shown(make_stored: MakeStage) -> None:
    """The account that was refused, as long as it is believed to wait."""
    stage = await make_stored(ceiling_per_hour=20)
    await stage.connect()
    for _ in range(18):
        await stage.node.governor.send(INSTAGRAM, Priority.BACKFILL)
    with pytest.raises(Throttled):
        await stage.node.governor.send(ADS, Priority.BACKFILL)
    _, buckets = await seen(stage)
    assert {key: view.waiting for key, view in buckets.items() if key.startswith("share:")} == {
        f"share:{CERAMICS}": False,
        f"share:{CERAMICS_ADS}": True,
    }


async def test_a_score_is_shown_as_it_runs_out(stored: Stage) -> None:
    """Six reads are a tenth of sixty points; half of them are gone after fifteen seconds."""
    await stored.connect()
    for _ in range(6):
        await stored.node.governor.send(ADS, Priority.INTERACTIVE)
    stored.clock.advance(timedelta(seconds=15))
    _, buckets = await seen(stored)
    score = buckets[f"ads_score:{CERAMICS_ADS}"]
    assert (score.limit, score.percent, score.about) == (60, 5.0, buckets[f"share:{CERAMICS_ADS}"].about)


async def test_calls_and_throttles_are_told(stored: Stage) -> None:
    """Calls of the last hour by account and urgency; what Meta refused, and until when it shut the door."""
    await stored.connect()
    await stored.node.governor.send(ADS)
    stored.clock.advance(timedelta(minutes=61))
    for priority in (Priority.INTERACTIVE, Priority.SCHEDULED, Priority.SCHEDULED):
        await stored.node.governor.send(INSTAGRAM, priority)
    stored.meta.fault("error", code=80_002, message="Too many calls")
    with pytest.raises(Throttled) as refused:
        await stored.node.governor.send(INSTAGRAM, Priority.INTERACTIVE)
    found, buckets = await seen(stored)
    assert sorted((row["asset_id"], row["priority"], row["calls"]) for row in found.last_hour) == [
        (CERAMICS, "interactive", 2),
        (CERAMICS, "scheduled", 2),
    ]
    (throttle,) = found.throttles
    assert (throttle["asset_id"], throttle["code"], throttle["at"]) == (CERAMICS, 80_002, stored.clock.now())
    until = buckets[f"instagram:{CERAMICS}"].blocked_until
    assert until == stored.clock.now() + timedelta(seconds=refused.value.retry_after)


async def test_the_command_prints_both_forms(stage: Stage) -> None:
    """JSON for machines, tables for people; neither holds a token."""
    grant = await stage.connect()
    await stage.node.governor.send(INSTAGRAM, Priority.INTERACTIVE)
    data = str(stage.node.settings.data_dir)
    status, out, _ = await freehold("node", "budget", "--data", data, "--json")
    assert status == 0
    assert f"share:{CERAMICS}" in {view["bucket"] for view in json.loads(out)["buckets"]}
    status, table, _ = await freehold("node", "budget", "--data", data, environment={"COLUMNS": "200"})
    assert status == 0
    assert [word for word in ("Limits", "0 of 200", "10 (20 from backfill)", "now") if word not in table] == []
    assert grant.access_token.get_secret_value() not in out + table
