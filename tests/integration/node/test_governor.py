"""The governor is the only door to Meta: its budgets hold across processes and restarts, and obey what Meta tells."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.conftest import Serve
from tests.integration.node.conftest import MakeStage, Stage
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, JONAS, VERSION

from freehold.kernel.database import open_database
from freehold.node.governor import Governor, Priority
from freehold.node.governor.tables import api_calls, governor_ledger
from freehold.providers.calls import JSON, ApiCall, ProviderError, Rejected, Throttled

INSTAGRAM = ApiCall("GET", f"/{VERSION}/{CERAMICS}", {"fields": "id"}, asset_id=CERAMICS)
PAGE = ApiCall("GET", f"/{VERSION}/{CERAMICS_PAGE}", {"fields": "id"}, asset_id=CERAMICS_PAGE)
DISCOVERY = ApiCall(
    "GET",
    f"/{VERSION}/{CERAMICS}",
    {"fields": "business_discovery.username(ember.oak){followers_count}"},
    asset_id=CERAMICS,
)
ADS = ApiCall("GET", f"/{VERSION}/{CERAMICS_ADS}", {"fields": "id"}, asset_id=CERAMICS_ADS)


async def spend(governor: Governor, times: int, priority: Priority = Priority.INTERACTIVE) -> list[float]:
    """Send a call several times, one after another; gives how long each refused one was told to wait."""
    waits = []
    for _ in range(times):
        try:
            await governor.send(INSTAGRAM, priority)
        except Throttled as error:
            waits.append(error.retry_after)
    return waits


async def as_another_process(stage: Stage, act: Callable[[Governor], Awaitable[Any]]) -> Any:
    """Do something with a governor of its own over a database connection of its own."""
    node = stage.node
    database = open_database(node.settings.database())
    try:
        return await act(Governor(node.settings, database, node.vault, node.http, node.clock))
    finally:
        await database.close()


def sent(stage: Stage) -> int:
    """What has reached Meta."""
    return sum(stage.meta.sandbox.calls.values())


async def test_the_ceiling_of_a_token_holds(make_stored: MakeStage) -> None:
    """The sixth call of an hour is refused before it is sent, with the time until the first leaves the hour."""
    stage = await make_stored(ceiling_per_hour=5)
    await stage.connect()
    (wait,) = await spend(stage.node.governor, 6)
    assert 3600 < wait <= 3660
    assert sent(stage) == 5
    stage.clock.advance(timedelta(seconds=wait))
    assert await spend(stage.node.governor, 5) == []
    assert sent(stage) == 10


async def test_two_processes_share_one_budget(make_stored: MakeStage) -> None:
    """Both send at once as fast as they can: together they stay under the ceiling."""
    stage = await make_stored(ceiling_per_hour=12)
    await stage.connect()

    async def hammer(governor: Governor) -> list[list[float]]:
        return await asyncio.gather(*(spend(governor, 2) for _ in range(6)))

    both = await asyncio.gather(hammer(stage.node.governor), as_another_process(stage, hammer))
    assert sent(stage) == 12
    assert sum(len(waits) for process in both for waits in process) == 12


async def test_a_restart_forgets_nothing(make_stored: MakeStage) -> None:
    """A new process finds the budget as the last one left it."""
    stage = await make_stored(ceiling_per_hour=4)
    await stage.connect()
    await spend(stage.node.governor, 4)
    assert len(await as_another_process(stage, lambda governor: spend(governor, 1))) == 1
    assert sum(row["parts"] for row in await stage.rows(api_calls)) == 4


async def test_a_batch_costs_as_many_calls_as_it_has_parts(make_stage: MakeStage) -> None:
    """A batch that does not fit any more is refused whole."""
    stage = await make_stage(ceiling_per_hour=5)
    await stage.connect()
    await spend(stage.node.governor, 3)
    parts = [{"method": "GET", "relative_url": f"{CERAMICS}?fields=id"}] * 3
    batch = ApiCall("POST", f"/{VERSION}/", {"batch": json.dumps(parts)}, asset_id=CERAMICS)
    with pytest.raises(Throttled):
        await stage.node.governor.send(batch, Priority.INTERACTIVE)
    assert sent(stage) == 3


async def test_backfill_leaves_a_reserve(make_stage: MakeStage) -> None:
    """The last tenth is for what is more urgent."""
    stage = await make_stage(ceiling_per_hour=10)
    await stage.connect()
    assert len(await spend(stage.node.governor, 10, Priority.BACKFILL)) == 1
    assert await spend(stage.node.governor, 1, Priority.SCHEDULED) == []


async def test_the_node_s_share_of_the_app_holds(make_stored: MakeStage) -> None:
    """It counts what Meta counts there, over all people of the node, and grows with them."""
    stage = await make_stored(app_share_per_user=3)
    await stage.connect()
    for _ in range(3):
        await stage.node.governor.send(DISCOVERY)
    with pytest.raises(Throttled, match="the app's limit is used up"):
        await stage.node.governor.send(DISCOVERY)
    assert await spend(stage.node.governor, 2) == []
    theirs = await stage.connect(JONAS, None)
    page = next(asset.id for asset in theirs.assets if asset.kind == "facebook_page")
    call = ApiCall("GET", f"/{VERSION}/{page}", {"fields": "id"}, asset_id=page)
    for _ in range(3):
        await stage.node.governor.send(call)
    with pytest.raises(Throttled, match="the app's limit is used up"):
        await stage.node.governor.send(call)


@dataclass
class Provider:
    """A provider that answers as it is told, and counts."""

    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    body: JSON = field(default_factory=lambda: {"id": "1"})
    asked: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        """Answers every path."""

        async def answer(request: Request) -> JSONResponse:
            self.asked.append(f"{request.method} {request.url.path}")
            return JSONResponse(self.body, self.status, headers=self.headers)

        return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST", "DELETE"])])


@dataclass(frozen=True)
class Told:
    """A node whose provider a test words, and what its governor has waited."""

    stage: Stage
    provider: Provider
    waited: list[float]
    governor: Governor


@pytest.fixture
async def told(make_stage: MakeStage, serve: Serve) -> Told:
    """A connected node before a provider that says what the test wants."""
    provider, waited = Provider(), []
    stage = await make_stage(graph_url=await serve(provider.app()))
    await stage.connect()

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        stage.clock.advance(timedelta(seconds=seconds))

    node = stage.node
    governor = Governor(node.settings, node.database, node.vault, node.http, node.clock, sleep=wait)
    return Told(stage, provider, waited, governor)


def app_usage(percent: int) -> dict[str, str]:
    """The header that tells of the app's own limit."""
    return {"X-App-Usage": json.dumps({"call_count": percent, "total_time": 1, "total_cputime": 1})}


def business_usage(percent: int, minutes: int = 0, kind: str = "instagram") -> dict[str, str]:
    """The header that tells of one business object's limit."""
    entry = {"type": kind, "call_count": percent, "total_cputime": 1, "total_time": 1}
    entry["estimated_time_to_regain_access"] = minutes
    return {"X-Business-Use-Case-Usage": json.dumps({"105": [entry]})}


@pytest.mark.parametrize("headers", [app_usage, business_usage])
@pytest.mark.parametrize(
    ("percent", "stopped", "slowed"),
    [
        (74, set(), set()),
        (75, set(), {Priority.SCHEDULED, Priority.BACKFILL}),
        (89, set(), {Priority.SCHEDULED, Priority.BACKFILL}),
        (90, {Priority.SCHEDULED, Priority.BACKFILL}, set()),
        (94, {Priority.SCHEDULED, Priority.BACKFILL}, set()),
        (95, set(Priority) - {Priority.PAUSE_AD}, set()),
        (100, set(Priority) - {Priority.PAUSE_AD}, set()),
    ],
)
async def test_headers_slow_and_stop(
    told: Told, headers: Any, percent: int, stopped: set[Priority], slowed: set[Priority]
) -> None:
    """At 75 % background work slows down, at 90 % it stops, at 95 % all but pausing an ad does."""
    for priority in reversed(Priority):
        told.provider.headers = headers(percent)
        await told.governor.send(INSTAGRAM, Priority.PAUSE_AD)
        told.waited.clear()
        if priority in stopped:
            with pytest.raises(Throttled):
                await told.governor.send(INSTAGRAM, priority)
        else:
            await told.governor.send(INSTAGRAM, priority)
        assert bool(told.waited) == (priority in slowed), priority


async def test_the_higher_the_usage_the_slower(told: Told) -> None:
    """The pause grows towards four seconds."""
    pauses = []
    for percent in (76, 80, 85, 89):
        told.provider.headers = app_usage(percent)
        await told.governor.send(INSTAGRAM, Priority.PAUSE_AD)
        told.waited.clear()
        await told.governor.send(INSTAGRAM, Priority.SCHEDULED)
        pauses += told.waited
    assert pauses == sorted(pauses)
    assert 0 < pauses[0] < pauses[-1] <= 4


async def test_a_limit_of_one_asset_stops_only_that_asset(told: Told) -> None:
    """The Instagram account's limit is used up; the ad account is read on."""
    told.provider.headers = business_usage(99)
    await told.governor.send(INSTAGRAM, Priority.INTERACTIVE)
    with pytest.raises(Throttled):
        await told.governor.send(INSTAGRAM, Priority.INTERACTIVE)
    told.provider.headers = {}
    await told.governor.send(ADS, Priority.INTERACTIVE)


async def test_the_app_s_use_stops_all_but_ads(told: Told) -> None:
    """It is one for all assets; only ads are never counted there."""
    told.provider.headers = app_usage(99)
    await told.governor.send(INSTAGRAM, Priority.INTERACTIVE)
    for call in (INSTAGRAM, PAGE, DISCOVERY):
        with pytest.raises(Throttled):
            await told.governor.send(call, Priority.INTERACTIVE)
    await told.governor.send(ADS, Priority.INTERACTIVE)


async def test_the_time_to_regain_access_is_obeyed(told: Told) -> None:
    """Not a second earlier, not even to pause an ad; then it goes on."""
    told.provider.headers = business_usage(100, minutes=13)
    await told.governor.send(INSTAGRAM)
    told.provider.headers = {}
    with pytest.raises(Throttled) as refused:
        await told.governor.send(INSTAGRAM, Priority.PAUSE_AD)
    assert refused.value.retry_after == 13 * 60
    told.stage.clock.advance(timedelta(minutes=13, seconds=-1))
    with pytest.raises(Throttled):
        await told.governor.send(INSTAGRAM, Priority.PAUSE_AD)
    told.stage.clock.advance(timedelta(seconds=1))
    await told.governor.send(INSTAGRAM, Priority.PAUSE_AD)
    assert len(told.provider.asked) == 2


async def test_unreadable_headers_tell_nothing(told: Told) -> None:
    """Whatever they hold, the answer counts."""
    for text in ("", "{", "[]", '"x"', "null", '{"105": null}', '{"105": [null]}', '{"105": [{"call_count": "x"}]}'):
        told.provider.headers = {"X-App-Usage": text, "X-Business-Use-Case-Usage": text, "X-Ad-Account-Usage": text}
        assert await told.governor.send(INSTAGRAM) == {"id": "1"}


async def test_the_usage_that_was_told_falls_with_time(told: Told) -> None:
    """A percentage of long ago stops nothing."""
    told.provider.headers = app_usage(96)
    await told.governor.send(INSTAGRAM, Priority.INTERACTIVE)
    told.provider.headers = {}
    told.stage.clock.advance(timedelta(minutes=30))
    await told.governor.send(INSTAGRAM, Priority.SCHEDULED)
    assert told.waited == []


async def test_a_patient_caller_waits_for_the_budget(make_stage: MakeStage) -> None:
    """As long as it said it would, and no longer."""
    stage = await make_stage(ceiling_per_hour=1)
    await stage.connect()
    await stage.node.governor.send(INSTAGRAM)
    began = stage.clock.now()
    await stage.node.governor.send(INSTAGRAM, patience=4000)
    assert timedelta(seconds=3600) < stage.clock.now() - began <= timedelta(seconds=3660)
    with pytest.raises(Throttled):
        await stage.node.governor.send(INSTAGRAM, patience=60)


@pytest.mark.parametrize(
    "call",
    [
        ApiCall("POST", f"/{VERSION}/{CERAMICS_ADS}/campaigns", {"name": "x"}, asset_id=CERAMICS_ADS, mutates=True),
        ApiCall("POST", f"/{VERSION}/{CERAMICS_ADS}/campaigns", {"name": "x"}, asset_id=CERAMICS_ADS),
        ApiCall("GET", f"/{VERSION}/{CERAMICS_ADS}", {"method": "delete"}, asset_id=CERAMICS_ADS),
        ApiCall("GET", f"/{VERSION}/{CERAMICS_ADS}/campaigns", {"METHOD": "post"}, asset_id=CERAMICS_ADS),
        ApiCall("DELETE", f"/{VERSION}/{CERAMICS_ADS}", asset_id=CERAMICS_ADS),
        *(
            ApiCall("POST", f"/{VERSION}/", {"batch": json.dumps([part])}, asset_id=CERAMICS_ADS)
            for part in (
                {"method": "POST", "relative_url": f"{CERAMICS_ADS}/campaigns", "body": "name=x"},
                {"method": "delete", "relative_url": CERAMICS_ADS},
                {"method": "GET", "relative_url": f"{CERAMICS_ADS}?method=delete"},
                {"relative_url": f"{CERAMICS_ADS}/campaigns?name=x&Method=POST"},
            )
        ),
    ],
    ids=lambda call: f"{call.method} {call.path} {sorted(call.params)}",
)
async def test_a_call_that_writes_is_refused(told: Told, call: ApiCall) -> None:
    """Openly, by a parameter, or inside a batch: it is never sent, and costs nothing."""
    with pytest.raises(Rejected, match="approved plan"):
        await told.governor.send(call, Priority.PAUSE_AD)
    assert told.provider.asked == []
    assert await told.stage.rows(governor_ledger) == []


@pytest.mark.parametrize(
    "call",
    [
        ApiCall("GET", f"/{VERSION}/act_999", asset_id="act_999"),
        ApiCall("GET", f"/{VERSION}/act_999", asset_id=CERAMICS_ADS, token="999"),
        ApiCall("GET", f"/{VERSION}/12345", asset_id=None),
        ApiCall("GET", f"/{VERSION}/{CERAMICS_ADS}/../act_999", asset_id=CERAMICS_ADS),
        ApiCall("GET", f"/{VERSION}/{CERAMICS_ADS}/%2e%2e/act_999", asset_id=CERAMICS_ADS),
        ApiCall("GET", f"/{VERSION}/{CERAMICS_ADS}?ids=act_999", asset_id=CERAMICS_ADS),
        ApiCall(
            "POST", f"/{VERSION}/", {"batch": json.dumps([{"relative_url": f"x/%2e%2e/{JONAS}"}])}, asset_id=CERAMICS
        ),
    ],
)
async def test_what_was_not_confirmed_is_refused(told: Told, call: ApiCall) -> None:
    """Whoever asks: it is never sent, and costs nothing."""
    with pytest.raises(Rejected):
        await told.governor.send(call, Priority.PAUSE_AD)
    assert told.provider.asked == []
    assert await told.stage.rows(api_calls) == []


async def test_an_asset_that_was_unticked_is_refused(stage: Stage) -> None:
    """From the moment at which the person changes their mind."""
    await stage.connect()
    await stage.node.governor.send(INSTAGRAM)
    await stage.opened.confirm([CERAMICS_PAGE])
    with pytest.raises(Rejected, match="not among the assets"):
        await stage.node.governor.send(INSTAGRAM)


async def test_every_call_is_written_down_without_its_secrets(stage: Stage) -> None:
    """Path with ids replaced, cost, priority, outcome; no token and no parameter."""
    grant = await stage.connect()
    await stage.node.governor.send(INSTAGRAM, Priority.INTERACTIVE)
    (row,) = await stage.rows(api_calls)
    assert (row["method"], row["path"], row["parts"]) == ("GET", f"/{VERSION}/{{id}}", 1)
    assert (row["priority"], row["outcome"], row["status"], row["retry"]) == ("interactive", "ok", 200, False)
    assert row["asset_id"] == CERAMICS
    assert grant.access_token.get_secret_value() not in str(row)


async def test_the_ledger_does_not_grow(stored: Stage) -> None:
    """Minutes that have left the hour leave the ledger too; a day is kept by half hours."""
    await stored.connect()
    for _ in range(60):
        await stored.node.governor.send(INSTAGRAM)
        stored.clock.advance(timedelta(minutes=62))
    kept = {row["key"].partition(":")[0]: json.loads(row["calls"]) for row in await stored.rows(governor_ledger)}
    assert {key: len(calls) for key, calls in kept.items()} == {"person": 1, "share": 1, "instagram": 24}


async def test_errors_are_of_four_kinds(told: Told) -> None:
    """Whatever the provider answers, nothing else crosses the door."""
    for status, body in ((500, {}), (200, {"error": "text"}), (400, {"error": {}}), (404, {"error": {"code": "x"}})):
        told.provider.status, told.provider.body = status, body
        with pytest.raises(ProviderError):
            await told.governor.send(INSTAGRAM, Priority.INTERACTIVE)
