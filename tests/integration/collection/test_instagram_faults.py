"""Everything that Meta would give arrives, whatever goes wrong on the way; what does not is named with its reason."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import oracle
from tests.integration.collection.checks import (
    AMPLE,
    TODAY,
    account_values,
    check_instagram,
    connected,
    keyed,
    rows,
    source,
)
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS, NOW, MetaSandbox

from freehold.node.collection import instagram
from freehold.node.collection.collect import provider_error, read_streams
from freehold.node.collection.series import read_series
from freehold.node.collection.source import OutageError, window
from freehold.node.store import tables
from freehold.providers.calls import Rejected, Throttled, Unavailable
from freehold.sandbox.faults import FaultMix, FaultOrder

RUNS = 6
FEW = 0.1
"""How much of what there is may fail to arrive at first: about 20 of 400 calls are struck, most are tried again."""
ORDERS: dict[str, dict[str, Any]] = {
    "unknown": {"kind": "error", "code": 1},
    "refused": {"kind": "error", "code": 10, "message": "(#10) refused for now"},
    "throttled": {"kind": "error", "code": 613, "message": "(#613) too many calls"},
    "error in an answer that is well": {"kind": "error_in_ok"},
    "error data as text": {"kind": "error_data_text"},
    "down in an answer that is well": {"kind": "service_unavailable_in_ok"},
    "too much data": {"kind": "reduce_data"},
    "no headers": {"kind": "no_headers"},
    "dropped": {"kind": "drop"},
    "half an answer": {"kind": "malformed"},
    "slow": {"kind": "slow", "seconds": 0.02},
}


async def run(opened: OpenNode) -> bool:
    """A run over all streams, and another while it ends because Meta throttles or is away; whether all were read."""
    for _ in range(RUNS):
        try:
            await read_streams(source(opened, CERAMICS), window(NOW, 90), instagram.STREAMS)
        except (Throttled, OutageError):
            continue
        except (Rejected, Unavailable):
            return False
        except ExceptionGroup as group:
            if not isinstance(provider_error(group), Throttled | OutageError):
                return False
            continue
        return True
    raise AssertionError("the faults do not end")


def covered_as(key: oracle.Key) -> tuple[str, str, date]:
    """Under which subject, metric and day coverage keeps a value."""
    subject, metric, period, breakdown, _, day = key
    if period == "days_30" and not breakdown:
        breakdown = "contact_button_type" if metric == "profile_links_taps" else "media_product_type"  # came with it
    if breakdown and period != "day":
        return subject, f"{metric}_by_{breakdown}", day
    return subject, f"{metric}_{period}" if period in oracle.TRAILING else metric, day


async def check_named(opened: OpenNode, meta: MetaSandbox) -> None:
    """All but a few values are there, each of those that are not is named as missing with its reason, and no other."""
    feed = oracle.feed_of(meta.sandbox, CERAMICS)
    wanted = account_values(feed) | oracle.post_insights(feed, TODAY, NOW) | oracle.story_insights(feed, TODAY, NOW)
    found = keyed(await rows(opened, tables.instagram_insights))
    lost = {covered_as(key) for key in wanted if key not in found}
    named = {
        (row["subject_id"], row["metric"], row["day"]): row["reason"]
        for row in await rows(opened, tables.coverage)
        if row["state"] == "missing"
    }
    assert lost - named.keys() == set()
    assert all(named.values())
    assert len(wanted.keys() - found.keys()) < FEW * len(wanted)
    present = {covered_as(key) for key in wanted if key in found}
    assert present & named.keys() == set()


async def check_completed(opened: OpenNode, meta: MetaSandbox) -> None:
    """What the faults left out is named, and a further run, without faults, brings all of it."""
    await run(opened)
    await check_named(opened, meta)
    meta.sandbox.faults.clear()
    assert await run(opened)
    assert not [row for row in await rows(opened, tables.coverage) if row["state"] == "missing"]
    await check_instagram(opened, meta)


@pytest.mark.parametrize("kind", ORDERS)
async def test_each_fault_alone(make_node: MakeNode, meta: MetaSandbox, kind: str) -> None:
    """Several times over, in pages, days and single calls."""
    opened = await connected(make_node, meta, **AMPLE)
    behind_the_profile = 2 if kind == "refused" else 0  # an account whose profile is refused is asked for nothing else
    for skip in (behind_the_profile, 4, 20, 40, 60):
        meta.fault(skip=skip, count=4, **ORDERS[kind])
    await check_completed(opened, meta)


@pytest.mark.parametrize("seed", [1, 2])
async def test_all_faults_mixed(make_node: MakeNode, meta: MetaSandbox, seed: int) -> None:
    """One call of five meets one of them."""
    opened = await connected(make_node, meta, **AMPLE)
    orders = tuple(FaultOrder.model_validate(order) for order in ORDERS.values())
    meta.sandbox.faults.mix(FaultMix(share=0.2, seed=seed, orders=orders))
    await check_completed(opened, meta)


@pytest.mark.parametrize("now", [datetime(2026, 3, 20, 15, tzinfo=UTC), datetime(2026, 11, 25, 15, tzinfo=UTC)])
async def test_days_across_a_change_of_the_clocks(make_node: MakeNode, serve: Serve, now: datetime) -> None:
    """Thirty days with the change are one window; each has its number, and none has another's."""
    meta = await meta_sandbox.start(serve, now)
    opened = await connected(make_node, meta)
    chosen = window(now, 30)
    await read_series(source(opened, CERAMICS), chosen)
    assert sum(meta.sandbox.calls.values()) == 3
    wanted = oracle.account_insights(oracle.feed_of(meta.sandbox, CERAMICS), chosen.days(), now)
    series = {key: value for key, value in wanted.items() if key[1] in {"reach", "follower_count"}}
    found = keyed(await rows(opened, tables.instagram_insights))
    assert {key: found.get(key) for key in series} == series
    assert {key[5] for key in found if key[2] == "day"} == set(chosen.days())
    assert timedelta(days=29) == chosen.last - chosen.first
