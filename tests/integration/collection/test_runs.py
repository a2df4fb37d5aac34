"""A whole run: what it tells of assets, what it counts, what it leaves to others, and whose days it reads."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.integration.collection.checks import CERAMICS_ASSETS, TODAY, connected, coverage, rows, source
from tests.integration.collection.collecting import collect, order, work
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MARA, NOW, MetaSandbox

from freehold.kernel.problems import Problem
from freehold.node.assets import ConnectedAsset, ticked_assets
from freehold.node.collection.ad_reach import read_ad_reach
from freehold.node.collection.collect import provider_error
from freehold.node.collection.source import Window, window, zone_of
from freehold.node.collection.totals import read_totals
from freehold.node.governor import Priority
from freehold.node.governor.tables import api_calls
from freehold.node.store import tables
from freehold.node.store.ads import queries
from freehold.node.workflows import follow
from freehold.providers.calls import ApiCall, Throttled
from freehold.providers.meta import graph

ADS_CALL = ApiCall("GET", f"/v26.0/{CERAMICS_ADS}", {"fields": "id"}, asset_id=CERAMICS_ADS)
PROFILE_CALL = ApiCall("GET", f"/v26.0/{CERAMICS}", {"fields": "id"}, asset_id=CERAMICS)


async def test_nothing_confirmed(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A run without a single ticked asset says what to do."""
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock)
    done = await collect(opened.node)
    assert done.outcome == "failed"
    assert "node confirm" in done.failures["assets"]
    assert await opened.deliver(grant_of(meta, "rosa", MARA, CERAMICS_ASSETS), confirm=False) == 201
    assert (await collect(opened.node)).outcome == "failed"


async def test_assets_whose_authorisation_has_ended(make_node: MakeNode, meta: MetaSandbox) -> None:
    """They are named among the failures, with what to do; those that are left are read."""
    opened = await connected(make_node, meta)
    meta.clock.advance(timedelta(seconds=1))
    without_ads = frozenset({CERAMICS_PAGE, CERAMICS})
    assert await opened.deliver(grant_of(meta, "rosa", MARA, without_ads)) == 201
    done = await collect(opened.node, 2)
    assert list(done.failures) == [CERAMICS_ADS]
    assert "left this asset out; have the client connect again" in done.failures[CERAMICS_ADS]
    assert await rows(opened, tables.instagram_insights)
    async with opened.node.database.reading() as session:
        told = {each.asset_id: (each.credential_status, each.status_reason) for each in await ticked_assets(session)}
    assert told[CERAMICS] == ("active", None)
    assert told[CERAMICS_ADS] == ("superseded", "newer_authorisation")


async def test_a_token_that_meta_refused_in_an_earlier_run(make_node: MakeNode, meta: MetaSandbox) -> None:
    """The next run asks nothing and still does not say that all is well."""
    opened = await connected(make_node, meta)
    meta.fault("error", code=190, subcode=460)
    await collect(opened.node, 2)
    done = await collect(opened.node, 2)
    assert set(done.failures) == {CERAMICS, CERAMICS_PAGE, CERAMICS_ADS}
    assert all("connect again" in reason for reason in done.failures.values())
    assert done.graph_calls == 0


async def test_a_run_is_followed_to_its_end(make_node: MakeNode, meta: MetaSandbox) -> None:
    """The share done never falls, what is being read is named, and the end is told once."""
    opened = await connected(make_node, meta)
    told: list[tuple[float, str]] = []
    run_id = await order(opened.node, 30)
    following = asyncio.create_task(follow.to_end(opened.node, run_id, lambda *each: told.append(each)))
    run = await work(opened.node, run_id)
    assert await following == run
    assert told == sorted(told, key=lambda each: each[0])
    assert [each for each in told if each[0] == 1.0] == [(1.0, "done")]
    assert len({doing for _, doing in told}) > 2


async def test_a_problem_of_our_own_is_raised_as_itself(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Also from the middle of calls that go out side by side."""
    opened = await connected(make_node, meta)
    problem = Problem(503, "database_unavailable", "The database cannot be reached.", "Try again.")

    class FailingClock:
        def now(self) -> datetime:
            """The time, until thirty calls have been answered."""
            if sum(meta.sandbox.calls.values()) > 30:
                raise problem
            return meta.clock.now()

    reading = replace(source(opened, CERAMICS), clock=FailingClock())
    with pytest.raises(BaseExceptionGroup) as caught:
        await read_totals(reading, window(NOW, 90))
    with pytest.raises(Problem) as raised:
        provider_error(caught.value)
    assert raised.value is problem


async def test_calls_of_others_are_not_counted(make_node: MakeNode, meta: MetaSandbox) -> None:
    """What people ask meanwhile is not what the run cost."""
    opened = await connected(make_node, meta)
    send = opened.node.governor.send
    running = asyncio.create_task(collect(opened.node, 2))
    for _ in range(5):
        await send(ADS_CALL, Priority.INTERACTIVE)
    done = await running
    assert done.graph_calls == sum(meta.sandbox.calls.values()) - 5


async def test_new_days_come_before_old_ones(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Old days and single posts are backfill, which ends before others are in want."""
    opened = await connected(make_node, meta, ceiling_per_hour=100)
    done = await collect(opened.node)
    assert "budget" in done.failures[CERAMICS]
    made = await rows(opened, api_calls)
    scheduled = [row for row in made if row["priority"] == "scheduled"]
    assert len(scheduled) < 30
    assert len(made) > 80
    await opened.node.governor.send(PROFILE_CALL, Priority.INTERACTIVE)
    states = await coverage(opened)
    assert states[CERAMICS, "views", window(NOW, 1).last] == "complete"
    assert states[CERAMICS_ADS, "ad_insights", window(NOW, 1).last] == "complete"


@pytest.mark.parametrize(
    ("code", "status", "others"), [(341, 400, True), (17, 400, True), (32, 403, True), (613, 400, False)]
)
async def test_whom_a_throttle_stops(
    make_node: MakeNode, meta: MetaSandbox, code: int, status: int, others: bool
) -> None:
    """The app's and the person's limits stop the person's other assets too; an asset's own does not."""
    opened = await connected(make_node, meta)
    meta.fault("error", code=code, status=status)
    with pytest.raises(Throttled):
        await opened.node.governor.send(ADS_CALL)
    calls = sum(meta.sandbox.calls.values())
    if others:
        with pytest.raises(Throttled):
            await opened.node.governor.send(PROFILE_CALL)
        assert sum(meta.sandbox.calls.values()) == calls
    else:
        await opened.node.governor.send(PROFILE_CALL)


async def test_whether_the_reach_of_a_window_was_read(make_node: MakeNode, meta: MetaSandbox) -> None:
    """It can be asked for exactly these days: also when none reached anybody, and not when Meta refused it."""
    opened = await connected(make_node, meta)
    last = window(NOW, 1).last

    async def known(first: date, until: date = last) -> bool:
        async with opened.node.database.reading() as session:
            return await queries.campaign_reach_covered(session, CERAMICS_ADS, first, until)

    first, other = last - timedelta(days=19), last - timedelta(days=4)
    assert not await known(first)
    await read_ad_reach(source(opened, CERAMICS_ADS), Window(first, last, TODAY))
    assert await known(first)
    assert not await known(other)
    meta.fault("error", path="/insights", code=10, status=403)
    await read_ad_reach(source(opened, CERAMICS_ADS), Window(other, last, TODAY))
    assert not await known(other)
    await read_ad_reach(source(opened, CERAMICS_ADS), Window(other, last, TODAY))
    assert await known(other)
    assert await known(first)
    begin, end = date(2023, 11, 1), date(2023, 11, 30)
    await read_ad_reach(source(opened, CERAMICS_ADS), Window(begin, end, TODAY))
    assert await known(begin, end)


def asset(kind: str, timezone: str | None) -> ConnectedAsset:
    """An asset of a kind in a zone."""
    return ConnectedAsset(kind, "1", "a", None, "EUR", timezone, "c", NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "timezone", "zone"),
    [
        ("instagram_account", "Asia/Tokyo", graph.INSTAGRAM_DAY),
        ("ad_account", "Asia/Tokyo", ZoneInfo("Asia/Tokyo")),
        ("ad_account", None, ZoneInfo("UTC")),
        ("ad_account", "", ZoneInfo("UTC")),
        ("ad_account", "Mars/Olympus", ZoneInfo("UTC")),
        ("ad_account", "America", ZoneInfo("UTC")),
        ("ad_account", "../etc/passwd", ZoneInfo("UTC")),
    ],
)
def test_the_zone_of_an_asset_s_days(kind: str, timezone: str | None, zone: ZoneInfo) -> None:
    """An ad account's own, UTC where that is not known; Instagram's for Instagram."""
    assert zone_of(asset(kind, timezone)) == zone


def test_a_window_is_of_the_zone_s_days() -> None:
    """The same instant is another day elsewhere."""
    now = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    tokyo, meta_s = window(now, 2, ZoneInfo("Asia/Tokyo")), window(now, 2)
    assert (tokyo.first, tokyo.last, tokyo.today) == (date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 24))
    assert (meta_s.first, meta_s.last, meta_s.today) == (date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 23))
