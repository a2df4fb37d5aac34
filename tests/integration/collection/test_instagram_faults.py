"""Everything that Meta would give arrives, whatever goes wrong on the way; what does not is named with its reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import oracle
from tests.integration.collection.checks import AMPLE, check_instagram, connected, keyed, rows, source
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS, NOW, MetaSandbox

from freehold.node.collection import instagram
from freehold.node.collection.collect import read_streams
from freehold.node.collection.series import read_series
from freehold.node.collection.source import OutageError, window
from freehold.node.store import tables
from freehold.providers.calls import Rejected, Throttled, Unavailable
from freehold.sandbox.faults import FaultMix, FaultOrder

RUNS = 6
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
    """One run over all streams; whether nothing failed as a whole."""
    try:
        await read_streams(source(opened, CERAMICS), window(NOW, 90), instagram.STREAMS)
    except (Rejected, Throttled, Unavailable, OutageError, ExceptionGroup):
        return False
    return True


async def missing(opened: OpenNode) -> list[dict[str, Any]]:
    """What coverage names as missing."""
    return [row for row in await rows(opened, tables.coverage) if row["state"] == "missing"]


async def check_completed(opened: OpenNode, meta: MetaSandbox) -> None:
    """What the faults left out is named, and further runs, without faults at last, bring all of it."""
    await run(opened)
    assert all(row["reason"] for row in await missing(opened))
    meta.sandbox.faults.clear()
    assert await run(opened)
    assert await missing(opened) == []
    await check_instagram(opened, meta)


@pytest.mark.parametrize("kind", ORDERS)
async def test_each_fault_alone(make_node: MakeNode, meta: MetaSandbox, kind: str) -> None:
    """Several times over, in pages, days and single calls."""
    opened = await connected(make_node, meta, **AMPLE)
    for skip in (0, 2, 20, 40, 60):
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
