"""What Instagram costs in calls: near what its data needs at least, on the first day and on every later one."""

from datetime import datetime, timedelta
from math import ceil

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import oracle
from tests.integration.collection.checks import connected, source
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS, NOW, MetaSandbox

from freehold.node.collection import instagram
from freehold.node.collection.collect import read_streams
from freehold.node.collection.source import window
from freehold.node.runs.places import floor_of
from freehold.sandbox.meta.world.instagram_posts import Post

OTHERS = frozenset({"instagram_totals", "instagram_breakdowns", "instagram_engaged_audience", "instagram_extras"})
"""What known collectors do not read."""
PEERS = tuple(stream for stream in instagram.STREAMS if stream.name not in OTHERS)
NO_CEILING = {"ceiling_per_hour": 100_000, "app_share_per_user": 100_000}
DAY = timedelta(days=1)


async def started(serve: Serve, make_node: MakeNode, posts: int, *, professional: bool) -> tuple[MetaSandbox, OpenNode]:
    """A sandbox with so many posts, and a node that may read it."""
    scale = {1: {"posts": posts, "always_professional": professional}}
    meta = await meta_sandbox.start(serve, scale=scale)
    return meta, await connected(make_node, meta, **NO_CEILING)


async def cost(
    meta: MetaSandbox, opened: OpenNode, days: int, streams: object = instagram.STREAMS
) -> tuple[int, float]:
    """The calls that the sandbox counted for a run, and what the node says that it needs at least."""
    before, reading = sum(meta.sandbox.calls.values()), source(opened, CERAMICS)
    await read_streams(reading, window(meta.clock.now(), days), streams)  # type: ignore[arg-type]
    async with opened.node.database.reading() as session:
        floor = await floor_of(session, reading.run.run_id)
    return sum(meta.sandbox.calls.values()) - before, floor


def least(posts: int, days: int, extras: int) -> int:
    """Pages of posts, windows of series, totals, breakdowns, demographics, online followers, and one a post."""
    return ceil(posts / 50) + ceil(days / 30) + days + 3 + 4 + 1 + extras


def young(found: list[Post], now: datetime, age: timedelta) -> int:
    """How many posts are younger."""
    return sum(now.timestamp() - post.at < age.total_seconds() for post in found)


async def test_what_known_collectors_read_costs_few_calls(make_node: MakeNode, serve: Serve) -> None:
    """A hundred posts and thirty days: profile, posts, stories, reach by day, week and month, and who follows."""
    meta, opened = await started(serve, make_node, 100, professional=True)
    calls, _ = await cost(meta, opened, 30, PEERS)
    assert calls <= 12


@pytest.mark.parametrize("professional", [True, False])
async def test_first_and_steady_days_are_near_the_floor(make_node: MakeNode, serve: Serve, professional: bool) -> None:
    """Everything of thirty days, then what is due a day later, for at most 1.3 times what it needs."""
    meta, opened = await started(serve, make_node, 300, professional=professional)
    feed = oracle.feed_of(meta.sandbox, CERAMICS)
    posts = oracle.published(feed, NOW)
    recent = young(posts, NOW, 30 * DAY)
    calls, told = await cost(meta, opened, 30)
    assert calls <= 1.3 * least(len(posts), 30, recent)
    assert told <= calls

    meta.clock.advance(DAY)
    now = meta.clock.now()
    posts = oracle.published(feed, now)
    daily = [stream for stream in instagram.STREAMS if stream.name != "instagram_stories"]
    calls, told = await cost(meta, opened, 1, daily)
    assert calls <= 1.3 * least(young(posts, now, 30 * DAY), 1, young(posts, now, 7 * DAY))
    assert told <= calls
