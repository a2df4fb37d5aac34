"""How runs end other than well: cancelled, out of time, without an authorisation; and how they go on afterwards."""

import asyncio
from datetime import timedelta

from tests.integration.collection.checks import CERAMICS_ASSETS, check_ads, check_instagram, connected
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.integration.workflows.conftest import POLL, ended, find, order, until
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, MARA, MetaSandbox

from freehold.node.runs import queries
from freehold.node.workflows.runtime import working


async def asked_anything(meta: MetaSandbox) -> bool:
    """Whether Meta was asked anything."""
    return bool(meta.sandbox.calls)


async def has_receipt(opened: OpenNode, run_id: str) -> bool:
    """Whether the run has its receipt."""
    return (await find(opened.node, run_id)).graph_calls > 0


async def test_a_token_that_is_revoked_ends_the_run_at_once_and_reconnecting_goes_on(
    make_node: MakeNode, meta: MetaSandbox, database_url: str
) -> None:
    """Nothing more is asked with the dead token, the failure says what to do, and nothing is read twice afterwards."""
    opened = await connected(make_node, meta, database_url=database_url, worker_poll=POLL)
    meta.fault("error", path=f"{CERAMICS}/insights", skip=12, code=190, subcode=460)
    run_id = await order(opened.node, "collection")
    async with working(opened.node):
        run = await ended(opened.node, run_id)
        assert run.outcome == "failed"
        assert {CERAMICS, CERAMICS_ADS} <= set(run.failures)
        assert all("have the client connect again" in reason for reason in run.failures.values())
        asked = sum(meta.sandbox.calls.values())
        assert run.graph_calls == asked + 1  # the refused call is one that Meta counts, and its sandbox does not
        meta.clock.advance(timedelta(seconds=1))
        assert await opened.deliver(grant_of(meta, "rosa", MARA, CERAMICS_ASSETS)) == 201
        meta.clock.advance(-timedelta(seconds=1))
        async with opened.node.database.writing() as session:
            assert await queries.reopen(session, run_id)
        run = await ended(opened.node, run_id)
    assert (run.outcome, run.attempt, dict(run.failures)) == ("complete", 2, {})
    profile = [count for (_, url), count in meta.sandbox.exact_calls.items() if f"/{CERAMICS}?" in url]
    assert profile == [1]
    await check_instagram(opened, meta)
    await check_ads(opened, meta, CERAMICS_ADS)


async def test_a_run_that_is_cancelled_stops_what_it_does(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A part under way is stopped, nothing is asked any more, and the run has its receipt."""
    opened = await connected(make_node, meta, worker_poll=POLL)
    meta.fault("slow", path=f"{CERAMICS}/insights", seconds=6.0, count=50)
    run_id = await order(opened.node, "instagram_daily")
    async with working(opened.node):
        await until(lambda: asked_anything(meta))
        async with opened.node.database.writing() as session:
            assert await queries.cancel(session, run_id, meta.clock.now())
        await until(lambda: has_receipt(opened, run_id))
        asked = sum(meta.sandbox.calls.values())
        await asyncio.sleep(0.3)
        assert sum(meta.sandbox.calls.values()) == asked
    assert (await find(opened.node, run_id)).outcome == "cancelled"


async def test_a_part_that_takes_too_long_ends_the_run_as_timed_out(make_node: MakeNode, meta: MetaSandbox) -> None:
    """The time of a step ends what it waits for; other assets are read to their end."""
    opened = await connected(make_node, meta, worker_poll=POLL, step_timeout=3.0)
    meta.fault("slow", path=CERAMICS, seconds=6.0, count=50)
    run_id = await order(opened.node, "collection", days=2)
    async with working(opened.node):
        run = await ended(opened.node, run_id)
    assert run.outcome == "timed_out"
    assert set(run.failures) == {CERAMICS}


async def test_a_run_has_no_more_time_than_its_workflow_allows(make_node: MakeNode, meta: MetaSandbox) -> None:
    """By the node's clock: a run that comes back to life a day later asks nothing any more."""
    opened = await connected(make_node, meta, worker_poll=POLL, run_timeout=3600.0)
    run_id = await order(opened.node, "collection", days=2)
    async with opened.node.database.writing() as session:
        await queries.begin(session, run_id, meta.clock.now() - timedelta(days=1))
    async with working(opened.node) as worker:
        await worker.enqueue(await find(opened.node, run_id))
        run = await ended(opened.node, run_id)
    assert run.outcome == "timed_out"
    assert not meta.sandbox.calls
