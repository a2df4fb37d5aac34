"""What goes wrong is told once when it begins and once when it ends, on both databases."""

import asyncio
import contextlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update
from tests.conftest import Serve
from tests.integration.node.conftest import MakeStage, Stage, eventually
from tests.integration.node.conftest import call as http_call
from tests.integration.node.sinks import HttpSink
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE

from freehold.kernel.addresses import AddressPolicy
from freehold.node.alerts.tables import open_alerts
from freehold.node.alerts.watch import watch, watching
from freehold.node.backups.back_up import shelf_of
from freehold.node.collection.collect import ESSENTIAL, KINDS
from freehold.node.governor import Priority
from freehold.node.governor.tables import api_calls
from freehold.node.notifications.outbox import deliver_due
from freehold.node.notifications.tables import notifications
from freehold.node.notifications.targets import keep_target, new_target
from freehold.node.runs.tables import workflow_runs
from freehold.node.store.coverage.tables import coverage
from freehold.node.store.coverage.upserts import Coverage, save_coverage
from freehold.providers.calls import ApiCall, Throttled

HOUR = timedelta(hours=1)
TODAY = date(2026, 3, 1)
WATCHED = len({"instagram_account", "facebook_page", "ad_account"} & KINDS)
"""How many of the three assets are of a kind that is collected."""


@pytest.fixture
def sink() -> HttpSink:
    """Where notifications arrive."""
    return HttpSink()


@pytest.fixture
async def watched(make_stored: MakeStage, sink: HttpSink, serve: Serve) -> Stage:
    """A connected node with one target, and a backup that is new enough whatever the test's clock says."""
    stage = await make_stored(backup_key="k" * 43)
    backup(stage, datetime(2099, 1, 1, tzinfo=UTC))
    await stage.connect()
    target = new_target("hook", f"{await serve(sink.app())}/hook", AddressPolicy.of("127.0.0.0/8"))
    keep_target(stage.node.settings.data_dir, target)
    return stage


def backup(stage: Stage, made_at: datetime) -> Path:
    """A backup made at this moment, by its name."""
    shelf = shelf_of(stage.node.settings)
    shelf.folder.mkdir(exist_ok=True)
    shelf.path_at(made_at).touch()
    return shelf.path_at(made_at)


async def read(stage: Stage, *asset_ids: str) -> None:
    """Note that all that matters of these assets was read now."""
    metrics = [metric for of_kind in ESSENTIAL.values() for metric in of_kind]
    await note(stage, *(Coverage(each, metric, TODAY, "complete") for each in asset_ids for metric in metrics))


async def note(stage: Stage, *marks: Coverage) -> None:
    """Write down what is there as of now."""
    async with stage.node.database.writing() as session:
        await save_coverage(session, marks, stage.clock.now())


async def call(stage: Stage, outcome: str, asset_id: str | None = CERAMICS, times: int = 1) -> None:
    """Write down calls that ended so, now."""
    row: dict[str, Any] = {
        "at": stage.clock.now(),
        "asset_id": asset_id,
        "method": "GET",
        "path": "/",
        "parts": 1,
        "priority": "scheduled",
        "outcome": outcome,
        "duration_ms": 1.0,
        "bytes": 1,
        "retry": False,
    }
    async with stage.node.database.writing() as session:
        await session.execute(insert(api_calls), [row] * times)


async def run(stage: Stage, workflow: str, outcome: str, *failed: str) -> None:
    """Write down a run that ended so, now, without these assets."""
    now = stage.clock.now()
    row = {"run_id": f"{workflow}:{now}", "workflow": workflow, "trigger": "schedule", "outcome": outcome}
    row |= {"parameters": "{}", "callback_url": "", "failures": json.dumps(dict.fromkeys(failed, "no"))}
    numbers: dict[str, Any] = {"created_at": now, "ended_at": now, "graph_calls": 0, "floor_calls": 0.0}
    async with stage.node.database.writing() as session:
        await session.execute(insert(workflow_runs), [row | numbers])


async def ask(stage: Stage) -> None:
    """Ask Meta about the ad account, through the governor."""
    about = ApiCall("GET", f"/v26.0/{CERAMICS_ADS}", {"fields": "id"}, asset_id=CERAMICS_ADS)
    with contextlib.suppress(Throttled):
        await stage.node.governor.send(about, Priority.INTERACTIVE)


async def look(stage: Stage, sink: HttpSink) -> list[tuple[str, str, str]]:
    """Watch and send; gives kind, severity and title of all that has arrived so far."""
    await watch(stage.node)
    await deliver_due(stage.node)
    return [(body["kind"], body["severity"], body["title"]) for _, body in sink.taken]


async def test_a_stuck_collection_is_told_once_and_its_recovery_once(watched: Stage, sink: HttpSink) -> None:
    """One asset that nothing is read of is named; the others, which are read, are not."""
    for _ in range(13):
        await read(watched, CERAMICS_ADS, CERAMICS_PAGE)
        assert await look(watched, sink) == []
        watched.clock.advance(3 * HOUR)
    for _ in range(5):
        await read(watched, CERAMICS_ADS, CERAMICS_PAGE)
        told = await look(watched, sink)
        watched.clock.advance(3 * HOUR)
    assert [(kind, severity) for kind, severity, _ in told] == [("collection_stuck", "warning")]
    assert "is not being collected" in told[0][2]

    await read(watched, CERAMICS, CERAMICS_ADS, CERAMICS_PAGE)
    await look(watched, sink)
    told = await look(watched, sink)
    assert [(kind, severity) for kind, severity, _ in told[1:]] == [("collection_stuck", "info")]
    assert await watched.rows(open_alerts) == []


async def test_days_that_are_missing_are_not_taken_for_a_reading(watched: Stage, sink: HttpSink) -> None:
    """A collection that only writes down what it could not read is stuck."""
    watched.clock.advance(37 * HOUR)
    await read(watched, CERAMICS, CERAMICS_ADS, CERAMICS_PAGE)
    async with watched.node.database.writing() as session:
        await session.execute(update(coverage).where(coverage.c.subject_id == CERAMICS).values(state="missing"))

    assert len(await look(watched, sink)) == 1


async def test_being_throttled_for_an_hour_is_told_once_and_its_end_once(watched: Stage, sink: HttpSink) -> None:
    """Meta refuses every call for an ad account: after an hour of it people are told, and again when it answers."""
    watched.meta.fault("error", code=80004, subcode=2446079, path=CERAMICS_ADS, count=1000)
    began, told_at = watched.clock.now(), set[datetime]()
    while watched.clock.now() < began + 3 * HOUR:
        await ask(watched)
        if await look(watched, sink):
            told_at.add(watched.clock.now())
        watched.clock.advance(timedelta(minutes=5))
    assert timedelta(minutes=55) < min(told_at) - began <= 2 * HOUR
    assert [(kind, severity) for kind, severity, _ in await look(watched, sink)] == [("throttled", "warning")]

    watched.meta.sandbox.faults.clear()
    watched.clock.advance(2 * HOUR)
    await ask(watched)
    await look(watched, sink)
    assert [severity for _, severity, _ in await look(watched, sink)] == ["warning", "info"]


async def test_failing_calls_are_told_once_and_their_recovery_once(watched: Stage, sink: HttpSink) -> None:
    """A quarter of twenty calls is enough; when they have worked for an hour, that is told."""
    await call(watched, "ok", times=15)
    await call(watched, "unavailable", times=4)
    assert await look(watched, sink) == []
    await call(watched, "rejected")
    await look(watched, sink)
    told = await look(watched, sink)
    assert [(kind, severity) for kind, severity, _ in told] == [("api_errors", "warning")]
    assert "5 of 20" in sink.taken[0][1]["text"]

    watched.clock.advance(2 * HOUR)
    assert len(await look(watched, sink)) == 1
    await call(watched, "ok")
    told = await look(watched, sink)
    assert [(kind, severity) for kind, severity, _ in told[1:]] == [("api_errors", "info")]


async def test_an_asset_that_is_no_longer_collected_is_dropped_in_silence(watched: Stage, sink: HttpSink) -> None:
    """Of an account that was unticked, or whose authorisation has ended, nobody is told that it works again."""
    watched.clock.advance(37 * HOUR)
    await read(watched, CERAMICS_ADS, CERAMICS_PAGE)
    assert len(await look(watched, sink)) == 1
    await watched.opened.confirm([CERAMICS_ADS, CERAMICS_PAGE])

    assert len(await look(watched, sink)) == 1
    assert await watched.rows(open_alerts) == []


async def test_two_processes_that_look_at_once_tell_once(watched: Stage, sink: HttpSink) -> None:
    """Side by side, one of them opens the alert."""
    watched.clock.advance(37 * HOUR)
    await asyncio.gather(*(watch(watched.node) for _ in range(4)))
    await asyncio.gather(*(deliver_due(watched.node) for _ in range(4)))

    assert len(sink.taken) == WATCHED
    assert len(await watched.rows(notifications)) == WATCHED


async def test_a_node_that_serves_watches_and_sends_by_itself(watched: Stage, sink: HttpSink) -> None:
    """In the background, and it stops with the block."""
    watched.clock.advance(37 * HOUR)

    async def told() -> bool:
        return len(sink.taken) == WATCHED

    async with watching(watched.node):
        await eventually(told)


async def test_an_hourly_workflow_that_fails_for_hours_is_told_in_time(watched: Stage, sink: HttpSink) -> None:
    """Stories live a day: after three hours of failed runs people hear of it; a schedule that is off is not late."""
    for hour in range(30):
        await read(watched, CERAMICS, CERAMICS_ADS, CERAMICS_PAGE)
        await run(watched, "stories_hourly", "complete" if hour in {0, 8} else "failed")
        if hour in {2, 5, 9, 25}:
            await look(watched, sink)
        watched.clock.advance(HOUR)
    assert [(body["kind"], body["severity"]) for _, body in sink.taken] == [
        ("hourly_late", "warning"),
        ("hourly_late", "info"),
        ("hourly_late", "warning"),
    ]
    assert "stories" in sink.taken[0][1]["title"]

    watched.clock.advance(25 * HOUR)
    await read(watched, CERAMICS, CERAMICS_ADS, CERAMICS_PAGE)
    assert len(await look(watched, sink)) == 3


async def test_a_backup_that_stays_away_is_told_once_and_a_new_one_once(watched: Stage, sink: HttpSink) -> None:
    """Two days after there was first something to lose, also where the folder holds none at all."""
    backup(watched, datetime(2099, 1, 1, tzinfo=UTC)).unlink()
    told: list[list[tuple[str, str]]] = []
    for made in (False, False, False, False, True, False):
        await read(watched, CERAMICS, CERAMICS_ADS, CERAMICS_PAGE)
        if made:
            backup(watched, watched.clock.now())
        told.append([(kind, severity) for kind, severity, _ in await look(watched, sink)])
        watched.clock.advance(20 * HOUR)
    late, new = ("backup_late", "warning"), ("backup_late", "info")
    assert told == [[], [], [], [late], [late, new], [late, new]]
    assert "The newest was made: never." in sink.taken[0][1]["text"]


async def test_hourly_runs_that_never_read_one_of_the_accounts_are_told(watched: Stage, sink: HttpSink) -> None:
    """Each run reads the others and ends as incomplete: for the one it has not ended well."""
    for _ in range(5):
        await read(watched, CERAMICS, CERAMICS_ADS, CERAMICS_PAGE)
        await run(watched, "stories_hourly", "incomplete", f"{CERAMICS}:instagram_stories")
        await run(watched, "ads_hourly", "incomplete", "act_of_another")
        watched.clock.advance(HOUR)
    await look(watched, sink)
    assert [(body["kind"], body["severity"]) for _, body in sink.taken] == [("hourly_late", "warning")]
    assert "stories" in sink.taken[0][1]["title"]


@pytest.mark.parametrize(
    ("asset_id", "kind"),
    [(CERAMICS, "instagram_account"), (CERAMICS_PAGE, "facebook_page"), (CERAMICS_ADS, "ad_account")],
)
async def test_a_stream_that_never_arrives_is_told(watched: Stage, sink: HttpSink, asset_id: str, kind: str) -> None:
    """What an asset is collected for stays away while all else of it is read day after day: that is stuck."""
    others = {CERAMICS, CERAMICS_ADS, CERAMICS_PAGE} - {asset_id}
    for hours in (1, 20, 20):
        await read(watched, *others)
        *rest, lacking = ESSENTIAL[kind]
        read_too = [Coverage(asset_id, metric, TODAY, "complete") for metric in ("profile", *rest)]
        await note(watched, *read_too, Coverage(asset_id, lacking, TODAY, "missing", "(#100) no"))
        watched.clock.advance(hours * HOUR)
    assert [(kind, severity) for kind, severity, _ in await look(watched, sink)] == [("collection_stuck", "warning")]


async def test_somebody_who_tries_keys_is_told(watched: Stage, sink: HttpSink) -> None:
    """Ten wrong keys within an hour, over HTTP; requests without any key are no attempt. It ends by itself."""
    await read(watched, CERAMICS, CERAMICS_ADS, CERAMICS_PAGE)
    for _ in range(9):
        await http_call("GET", f"{watched.workflows}/workflows")
    assert await look(watched, sink) == []
    for number in range(10):
        await http_call("GET", f"{watched.workflows}/workflows", key=f"fhnode_wrong_{number}")
    ((kind, severity, _),) = await look(watched, sink)
    assert (kind, severity) == ("sign_in_failures", "warning")
    assert "10 times from one address" in sink.taken[0][1]["text"]
    sink.taken.clear()
    watched.clock.advance(2 * HOUR)
    assert [(kind, severity) for kind, severity, _ in await look(watched, sink)] == [("sign_in_failures", "info")]
