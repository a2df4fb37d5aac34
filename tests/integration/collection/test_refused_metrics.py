"""Metrics that Meta takes away, and refusals that pass: each costs only what it is about."""

from collections.abc import Awaitable, Callable

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import oracle
from tests.integration.collection.checks import (
    AMPLE,
    DAYS,
    TODAY,
    account_values,
    connected,
    coverage,
    keyed,
    rows,
    source,
)
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, NOW, MetaSandbox

from freehold.node.collection import audience
from freehold.node.collection.ad_reach import read_ad_reach
from freehold.node.collection.extras import read_extras
from freehold.node.collection.posts import read_posts
from freehold.node.collection.source import Source, window
from freehold.node.store import tables
from freehold.providers.meta import spec


async def test_a_metric_that_meta_has_taken_away(make_node: MakeNode, serve: Serve) -> None:
    """Every other total of every day is there for a few calls more, and coverage names the metric."""
    meta = await meta_sandbox.start(serve, retired_metrics=("profile_views", "reposts"))
    opened = await connected(make_node, meta, **AMPLE)
    done = await collect(opened.node)
    assert done.failures == {}
    assert done.graph_calls <= 200
    feed = oracle.feed_of(meta.sandbox, CERAMICS)
    wanted = account_values(feed)
    values = keyed([row for row in await rows(opened, tables.instagram_insights) if row["subject_kind"] == "account"])
    assert values == {key: value for key, value in wanted.items() if key[1] not in {"profile_views", "reposts"}}
    states = await coverage(opened)
    for day in DAYS:
        refused = {metric for metric in spec.ACCOUNT_TOTALS if states[CERAMICS, metric, day] == "missing"}
        assert refused == {"profile_views", "reposts"}


async def test_a_metric_of_posts_that_meta_has_taken_away(make_node: MakeNode, serve: Serve) -> None:
    """Every other metric of every post is there, of all kinds and of one kind alone; few calls find out."""
    gone = {"saved", "reels_skip_rate"}
    meta = await meta_sandbox.start(serve, retired_metrics=tuple(gone))
    opened = await connected(make_node, meta)
    await read_all_posts(source(opened, CERAMICS), 90)
    wanted = oracle.post_insights(oracle.feed_of(meta.sandbox, CERAMICS), TODAY, NOW)
    pages, extras = 6, len({key[0] for key in wanted if key[1] in {"follows", "ig_reels_avg_watch_time"}})
    assert sum(meta.sandbox.calls.values()) < pages + extras + 25
    values = keyed(await rows(opened, tables.instagram_insights))
    assert values == {key: value for key, value in wanted.items() if key[1] not in gone}
    states = await coverage(opened)
    lost = {key[:2] for key, state in states.items() if state == "missing"}
    assert lost == {key[:2] for key in wanted if key[1] in gone}
    assert all(states[key[0], key[1], TODAY] == "complete" for key in values)


async def read_all_posts(source: Source, days: int) -> None:
    """Posts with all their metrics."""
    await read_posts(source, window(NOW, days))
    await read_extras(source, window(NOW, days))


STREAMS: dict[str, tuple[str, Callable[[Source], Awaitable[None]]]] = {
    "posts": (CERAMICS, lambda source: read_all_posts(source, 20)),
    "demographics": (CERAMICS, lambda source: audience.read_demographics(source, window(NOW, 90))),
    "reach of ads": (CERAMICS_ADS, lambda source: read_ad_reach(source, window(NOW, 90))),
}


@pytest.mark.parametrize("stream", STREAMS)
async def test_what_was_missing_is_complete_once_it_is_read(
    make_node: MakeNode, meta: MetaSandbox, stream: str
) -> None:
    """A call that was refused leaves its values missing, with Meta's reason, until the next run reads them."""
    opened = await connected(make_node, meta)
    asset, read = STREAMS[stream]
    meta.fault("error", path="/insights", code=10, status=403, message="(#10) not now")
    await read(source(opened, asset))
    lost = [row for row in await rows(opened, tables.coverage) if row["state"] == "missing"]
    assert {(row["state"], row["reason"]) for row in lost} == {("missing", "(#10) not now")}
    await read(source(opened, asset))
    assert "missing" not in {row["state"] for row in await rows(opened, tables.coverage)}
