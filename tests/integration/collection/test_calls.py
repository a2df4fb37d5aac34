"""How many Graph calls a collection takes against the floor, which a script counts from the sandbox's world alone.

The sandbox counts what was asked, each part of a batch as one call. The figures are printed (`pytest -s`).
"""

from datetime import timedelta
from math import ceil
from typing import Any

import pytest
from benchmarks import ads_floor, floor
from benchmarks.node_streams import AS_AIRBYTE, AS_TAP, read
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import oracle
from tests.integration.collection.checks import TODAY
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MARA, NOW, MetaSandbox

from freehold.node.collection.collect import STREAMS
from freehold.node.workflows.registry import WORKFLOWS
from freehold.sandbox.settings import Scale

PLENTY = 1_000_000
DAYS = 30
PEERS_MOST = {100: 12, 2_000: 60}
REPORTS_MOST = 15
EVERYTHING_MOST = 1.3
BREAKDOWN_DAYS = 7
"""So many days of breakdowns a run reads that reaches to yesterday."""


async def stage(
    serve: Serve, make_node: MakeNode, assets: frozenset[str], ticked: list[str], **scale: Any
) -> tuple[MetaSandbox, OpenNode]:
    """A sandbox of this scale whose quotas nobody reaches, and a node that has collected nothing of it."""
    sizes = Scale(always_professional=True, **scale)
    limits = {"ads_management_hour": PLENTY, "ads_insights_hour": PLENTY, "score_maximum": PLENTY}
    meta = await meta_sandbox.start(serve, scale={1: sizes}, limits=limits)
    opened: OpenNode = await make_node(
        graph_url=meta.url, clock=meta.clock, ceiling_per_hour=PLENTY, app_share_per_user=PLENTY
    )
    assert await opened.deliver(grant_of(meta, "rosa", MARA, assets), confirm=False) == 201
    await opened.confirm(ticked)
    return meta, opened


async def instagram(serve: Serve, make_node: MakeNode, posts: int) -> tuple[MetaSandbox, OpenNode]:
    """An Instagram account with so many posts of mixed types."""
    return await stage(serve, make_node, frozenset({CERAMICS_PAGE, CERAMICS}), [CERAMICS], posts=posts)


async def advertiser(serve: Serve, make_node: MakeNode, ads: int) -> tuple[MetaSandbox, OpenNode]:
    """An ad account with so many ads."""
    return await stage(serve, make_node, frozenset({CERAMICS_ADS}), [CERAMICS_ADS], ads=ads)


def asked(meta: MetaSandbox) -> int:
    """Calls since the last time."""
    counted = sum(meta.sandbox.calls.values())
    meta.sandbox.calls.clear()
    return counted


def told(what: str, calls: int, most: float, fewest: int) -> None:
    """Print a figure and hold it against its limit, and the floor against it: below it something was not read."""
    print(f"{what}: {calls} calls, at most {most:g}, floor {fewest}")  # noqa: T201
    assert fewest <= calls <= most, what


@pytest.mark.parametrize("posts", [100, 2_000])
async def test_what_other_collectors_read(serve: Serve, make_node: MakeNode, posts: int) -> None:
    """Profile, series, demographics, online followers, stories, and all posts with the insights that all have."""
    meta, opened = await instagram(serve, make_node, posts)
    await read(opened.node, DAYS, AS_AIRBYTE)
    fewest = floor.instagram_common(oracle.feed_of(meta.sandbox, CERAMICS), DAYS, NOW).total
    told(f"(a) {posts} posts x {DAYS} days", asked(meta), PEERS_MOST[posts], fewest)


async def test_everything_and_a_day_later(serve: Serve, make_node: MakeNode) -> None:
    """A first collection of everything, and the day after what has become due, stay near their floors."""
    meta, opened = await instagram(serve, make_node, 100)
    feed = oracle.feed_of(meta.sandbox, CERAMICS)
    assert (await collect(opened.node, DAYS)).failures == {}
    fewest = floor.instagram(feed, DAYS, NOW).total
    told(f"(b) everything, 100 posts x {DAYS} days", asked(meta), EVERYTHING_MOST * fewest, fewest)

    meta.clock.advance(timedelta(days=1))
    daily = WORKFLOWS["instagram_daily"]
    await read(opened.node, daily.days, [stream.name for stream in STREAMS if stream.kind == "instagram_account"])
    fewest = floor.instagram(feed, 1, NOW + timedelta(days=1), last_read=NOW).total
    told("(c) a steady day", asked(meta), EVERYTHING_MOST * fewest, fewest)


@pytest.mark.parametrize(("count", "days"), [(100, 30), pytest.param(1_000, 90, marks=pytest.mark.long)])
async def test_the_base_report_of_ads(serve: Serve, make_node: MakeNode, count: int, days: int) -> None:
    """Structure and every ad's day: few calls beside the pages that its rows fill."""
    meta, opened = await advertiser(serve, make_node, count)
    await read(opened.node, days, AS_TAP)
    plan = oracle.plan_of(meta.sandbox, CERAMICS_ADS)
    pages = ceil(floor.ad_rows(plan, days, NOW) / floor.ROWS_A_PAGE)
    most = REPORTS_MOST if count == 100 else EVERYTHING_MOST * pages + 20
    told(f"(d) {count} ads x {days} days", asked(meta), most, floor.ads_report(plan, days, NOW).total)


async def test_every_other_report_of_ads_has_its_own_calls(serve: Serve, make_node: MakeNode) -> None:
    """Each breakdown, and each level's window of reach, is asked for apart from the base report, near its rows."""
    meta, opened = await advertiser(serve, make_node, 300)
    meta.sandbox.exact_calls.clear()
    await read(opened.node, DAYS, ("ad_account", "ad_reach", "ad_breakdowns"))
    plan = oracle.plan_of(meta.sandbox, CERAMICS_ADS)
    asked_for = ads_floor.asked((url, calls) for (_, url), calls in meta.sandbox.exact_calls.items())
    yesterday = TODAY - timedelta(days=1)
    assert asked_for.breakdowns.keys() == set(ads_floor.BREAKDOWNS)
    for names, calls in asked_for.breakdowns.items():
        fewest = ads_floor.breakdown(plan, names, (TODAY - timedelta(days=BREAKDOWN_DAYS), yesterday), NOW)
        told(f"(d) breakdown by {' and '.join(names)}", calls, EVERYTHING_MOST * fewest, fewest)
    for level in ads_floor.LEVELS:
        spans = asked_for.windows(level)
        assert {(TODAY - timedelta(days=days), yesterday) for days in (7, 28, 90)} < spans
        together = EVERYTHING_MOST * ads_floor.reach(plan, level, spans, NOW)
        for span in sorted(spans):
            fewest = ads_floor.reach(plan, level, [span], NOW)
            told(f"(d) reach of {level}, {span[0]} to {span[1]}", asked_for.calls(level, span), together, fewest)
    said = sum(asked_for.breakdowns.values()) + sum(asked_for.reach.values())
    assert said == sum(meta.sandbox.exact_calls.values()) - 1
