"""Workflows begin at their slots by the node's clock, each once, whoever looks; data come in day after day."""

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.conftest import Serve
from tests.integration.collection import ads_oracle, oracle
from tests.integration.collection.checks import CERAMICS_ASSETS, EVERYTHING, coverage, figures, rows
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.integration.workflows.conftest import ended, find, order, until
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MARA, MetaSandbox, start

from freehold.node.alerts.watch import watch
from freehold.node.collection.source import window
from freehold.node.context import Node
from freehold.node.runs import queries
from freehold.node.runs.queries import OPEN
from freehold.node.store import tables
from freehold.node.workflows.runtime import working
from freehold.node.workflows.schedules import tick
from freehold.providers.meta import graph, spec
from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.settings import Scale

BEGAN = datetime(2026, 11, 1, 0, 5, tzinfo=UTC)
HOURLY_ONLY = {"token_refresh": "off", "backfill": "off", "alert_digest": "off"}
"""Without what needs a broker."""
SMALL = {1: Scale(posts=60, ads=12)}
ADS_ZONE = "America/New_York"
DAILY = [
    "online_followers",
    "reach_week",
    "reach_days_28",
    *(f"follower_demographics_by_{name}" for name in ("age", "gender", "country", "city")),
    *(f"{name}_by_media_product_type" for name in ("views", "likes", "reach")),
]
"""Some of what is read of an Instagram account each day beside its totals; not all of it can be read later."""


async def connect(make_node: MakeNode, meta: MetaSandbox, **chosen: object) -> OpenNode:
    """A connected node with limits that are not in the way."""
    opened: OpenNode = await make_node(
        graph_url=meta.url,
        clock=meta.clock,
        ceiling_per_hour=100_000,
        app_share_per_user=100_000,
        worker_poll=0.02,
        schedules=HOURLY_ONLY,
        **chosen,
    )
    assert await opened.deliver(grant_of(meta, "rosa", MARA, CERAMICS_ASSETS)) == 201
    return opened


async def test_two_processes_order_the_run_of_a_slot_once(
    make_node: MakeNode, meta: MetaSandbox, database_url: str
) -> None:
    """However many look at the same time, and however often."""
    opened = await connect(make_node, meta, database_url=database_url)
    begun = await asyncio.gather(*(tick(opened.node) for _ in range(4)))
    assert sorted(run_id for each in begun for run_id in each) == [
        "ads_daily:2026-11-23T13",
        "ads_hourly:2026-11-23T14",
        "competitor_ads:2026-11-23T06",
        "facebook_page_daily:2026-11-23T10",
        "instagram_daily:2026-11-23T09",
        "monthly_report:2026-11-01T15",
        "recommendations:2026-11-16T15",
        "stories_hourly:2026-11-23T14",
        "weekly_report:2026-11-16T15",
    ]
    assert await tick(opened.node) == []
    meta.clock.advance(timedelta(hours=1))
    due = ["stories_hourly", "ads_hourly", "recommendations", "weekly_report"]
    assert await tick(opened.node) == [f"{name}:2026-11-23T15" for name in due]


async def test_slots_that_passed_unseen_are_made_up_for_once(make_node: MakeNode, meta: MetaSandbox) -> None:
    """After three days without a process the newest slot of each schedule has its run, those between have none."""
    opened = await connect(make_node, meta)
    await tick(opened.node)
    meta.clock.advance(timedelta(days=3))
    assert "ads_daily:2026-11-26T13" in await tick(opened.node)
    async with opened.node.database.reading() as session:
        found = await queries.list_runs(session, workflow="ads_daily")
    assert {run.run_id for run in found} == {"ads_daily:2026-11-23T13", "ads_daily:2026-11-26T13"}


async def test_nothing_begins_before_somebody_confirmed_an_asset(make_node: MakeNode, meta: MetaSandbox) -> None:
    """The first slot is that of the moment in which somebody did."""
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock, schedules={"alert_digest": "off"})
    assert await tick(opened.node) == []
    assert await opened.deliver(grant_of(meta, "rosa", MARA, CERAMICS_ASSETS)) == 201
    assert "instagram_daily:2026-11-23T09" in await tick(opened.node)


async def test_only_workflows_that_the_client_has_assets_for_begin(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A client with nothing but a page has no run that could not read anything, and no alert about one."""
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock, schedules=HOURLY_ONLY, worker_poll=0.02)
    assert await opened.deliver(grant_of(meta, "rosa", MARA, frozenset({CERAMICS_PAGE}))) == 201
    assert await tick(opened.node) == [
        "facebook_page_daily:2026-11-23T10",
        "competitor_ads:2026-11-23T06",
        "recommendations:2026-11-16T15",
        "weekly_report:2026-11-16T15",
        "monthly_report:2026-11-01T15",
    ]
    for _ in range(4):
        await order(opened.node, "ads_hourly", run_id=f"ads_hourly:{meta.clock.now():%H}")
        meta.clock.advance(timedelta(hours=1))
    assert (await watch(opened.node)).opened == []


async def test_a_run_that_lacks_an_asset_of_its_kind_says_so(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Whoever orders it reads which kind is lacking; by schedule there is simply nothing to do."""
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock, worker_poll=0.02)
    assert await opened.deliver(grant_of(meta, "rosa", MARA, frozenset({CERAMICS_PAGE}))) == 201
    by_hand = await order(opened.node, "ads_hourly")
    by_schedule = await order(opened.node, "stories_hourly", trigger="schedule")
    async with working(opened.node):
        run = await ended(opened.node, by_hand)
        assert run.outcome == "failed"
        assert "no ad account" in run.failures["assets"]
        run = await ended(opened.node, by_schedule)
    assert (run.outcome, dict(run.failures)) == ("complete", {})


async def test_schedules_can_be_switched_off(make_node: MakeNode, meta: MetaSandbox) -> None:
    """n8n orders runs then, and nobody else."""
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock, schedules_on=False)
    assert await opened.deliver(grant_of(meta, "rosa", MARA, CERAMICS_ASSETS)) == 201
    assert await tick(opened.node) == []


async def nothing_open(node: Node) -> bool:
    """Whether every run has ended."""
    async with node.database.reading() as session:
        return not await queries.list_runs(session, outcomes=OPEN, limit=1)


async def live(opened: OpenNode, meta: MetaSandbox, days: int, step: timedelta) -> None:
    """Let time pass with the schedules running; every run ends well."""
    async with working(opened.node):
        for _ in range(days * 24 * 3600 // int(step.total_seconds())):
            meta.clock.advance(step)
            for run_id in await tick(opened.node):
                await until(lambda: nothing_open(opened.node))
                run = await find(opened.node, run_id)
                assert (run.outcome, dict(run.failures)) == ("complete", {}), run_id


async def live_long(opened: OpenNode, meta: MetaSandbox, days: int, step: timedelta) -> None:
    """The same for longer than a token is good for: the person connects again in time, as the reminders ask."""
    await live(opened, meta, days // 2, step)
    assert await opened.deliver(grant_of(meta, "rosa", MARA, CERAMICS_ASSETS)) == 201
    await live(opened, meta, days - days // 2, step)


async def holes(opened: OpenNode, first: date, now: datetime) -> set[tuple[str, str, date]]:
    """The days since `first` of which nobody wrote down that they are complete, or empty by Meta's rules; the newest
    two are left out, since Meta itself may take that long.
    """
    known = await coverage(opened)
    wanted = {CERAMICS: [*spec.ACCOUNT_TOTALS, "reach", "follower_count"], CERAMICS_ADS: ["ad_insights"]}
    found = set()
    for subject, metrics in wanted.items():
        zone = graph.INSTAGRAM_DAY if subject == CERAMICS else ZoneInfo(ADS_ZONE)
        days = [
            day
            for day in window(now, (now.date() - first).days, zone).days()
            if first <= day < now.date() - timedelta(days=2)
        ]
        found |= {
            (subject, metric, day)
            for metric in metrics
            for day in days
            if known.get((subject, metric, day)) not in {"complete", "empty"}
        }
    return found


async def gaps(opened: OpenNode, first: date, now: datetime) -> set[tuple[str, str, date]]:
    """The same of everything that is kept by day, where nothing was ever in the way.

    Engaged people and the ads' whole structure are read weekly, and reach of calendar months once for each month.
    """
    known = await coverage(opened)
    named = {(subject, name) for subject, name, _ in known if subject in CERAMICS_ASSETS}
    seldom = re.compile(r"engaged_audience_.*|ad_structure|ad_reach:.*:(30|31)d")
    daily = {(subject, name) for subject, name in named if not seldom.fullmatch(name)}
    assert {(CERAMICS, name) for name in DAILY} | {(CERAMICS_PAGE, "facebook_posts")} <= daily
    last = now.date() - timedelta(days=3)
    days = [first + timedelta(days=after) for after in range((last - first).days + 1)]
    return {
        (*subject, day) for subject in daily for day in days if known.get((*subject, day)) not in {"complete", "empty"}
    }


async def check_stories(opened: OpenNode, meta: MetaSandbox, hours: int) -> None:
    """Every story that was live in one of the hours since the beginning was seen, though Meta shows each for a day."""
    feed = oracle.feed_of(meta.sandbox, CERAMICS)
    shown = {
        media_id(story) for hour in range(1, hours + 1) for story in oracle.stories(feed, BEGAN + timedelta(hours=hour))
    }
    stored = {row["post_id"] for row in await rows(opened, tables.instagram_posts) if row["product_type"] == "STORY"}
    assert len(shown) > hours // 24
    assert shown <= stored


@pytest.mark.parametrize("days", [20, pytest.param(90, marks=pytest.mark.long)])
async def test_day_after_day_nothing_is_lost_and_late_conversions_land(
    make_node: MakeNode, serve: Serve, days: int
) -> None:
    """With the node away for three days, and a call refused now and then: what is read later fills the gap, and what
    Meta counted late stands in the ads' days.
    """
    meta = await start(serve, BEGAN + timedelta(hours=14), scale=SMALL)
    opened = await connect(make_node, meta)
    await live(opened, meta, 7, timedelta(days=1))
    meta.clock.advance(timedelta(days=3))
    meta.fault("error", path=f"{CERAMICS}/insights", code=10, skip=3)
    await live_long(opened, meta, days - 10, timedelta(days=1))
    assert await holes(opened, BEGAN.date(), meta.clock.now()) == set()
    await check_days(opened, meta)


async def test_hour_after_hour_for_a_week(make_node: MakeNode, serve: Serve) -> None:
    """Every hour and every day has its runs, each ends well, and no day is missing."""
    meta = await start(serve, BEGAN, scale=SMALL)
    opened = await connect(make_node, meta)
    await live(opened, meta, 7, timedelta(hours=1))
    await check_hours(opened, meta, 7)
    async with opened.node.database.reading() as session:
        hourly = await queries.list_runs(session, workflow="ads_hourly", limit=500)
    assert len({run.run_id for run in hourly}) == len(hourly) == 7 * 24


@pytest.mark.long
async def test_hour_after_hour_for_a_quarter(make_node: MakeNode, serve: Serve) -> None:
    """Ninety days of it."""
    meta = await start(serve, BEGAN, scale=SMALL)
    opened = await connect(make_node, meta)
    await live_long(opened, meta, 90, timedelta(hours=1))
    await check_hours(opened, meta, 90)


async def check_hours(opened: OpenNode, meta: MetaSandbox, days: int) -> None:
    """No day of anything is missing after so many days of hourly runs, and no story was overlooked."""
    first, now = BEGAN.date(), meta.clock.now()
    assert await holes(opened, first, now) == set()
    assert await gaps(opened, first, now) == set()
    await check_stories(opened, meta, days * 24)


async def check_days(opened: OpenNode, meta: MetaSandbox) -> None:
    """Each ad's days are what the world says now, though most of them were first read weeks ago."""
    now = meta.clock.now()
    plan = oracle.plan_of(meta.sandbox, CERAMICS_ADS)
    made = oracle.made(plan, now)
    days = [day for day in window(now, (now - BEGAN).days, ZoneInfo(ADS_ZONE)).days() if day >= BEGAN.date()]
    wanted = ads_oracle.delivered(plan, made.ad_sets, days, now)
    stored = [row for row in await rows(opened, tables.ad_insights) if row["day"] in days]
    assert wanted
    assert {(row["ad_id"], row["day"]): figures(row, EVERYTHING) for row in stored} == {
        key: ads_oracle.day_row(of) for key, of in wanted.items()
    }
