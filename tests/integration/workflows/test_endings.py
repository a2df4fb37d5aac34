"""How runs end other than well: cancelled, out of time, without an authorisation; and how they go on afterwards."""

import asyncio
from datetime import timedelta

import pytest
from dbos import DBOS
from sqlalchemy import update
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import oracle
from tests.integration.collection.checks import (
    AMPLE,
    CERAMICS_ASSETS,
    FULL_ACCESS,
    check_ads,
    check_instagram,
    connected,
    rows,
)
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.integration.workflows.conftest import POLL, ended, find, order, until
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, MARA, NOW, MetaSandbox

from freehold.node.context import Node
from freehold.node.runs import queries
from freehold.node.runs.places import Place, floor_of, keep_place, place_of
from freehold.node.runs.queries import RunRecord
from freehold.node.runs.tables import workflow_runs
from freehold.node.store import tables
from freehold.node.workflows import completion, conduct
from freehold.node.workflows.conduct import OURS
from freehold.node.workflows.registry import WORKFLOWS
from freehold.node.workflows.runtime import working
from freehold.node.workflows.workflow import Desk, Done, Part, Plan, Workflow
from freehold.sandbox.meta.instagram.ids import media_id


async def asked_anything(meta: MetaSandbox) -> bool:
    """Whether Meta was asked anything."""
    return bool(meta.sandbox.calls)


async def has_receipt(opened: OpenNode, run_id: str) -> bool:
    """Whether the run has its receipt."""
    return (await find(opened.node, run_id)).graph_calls > 0


async def test_a_token_that_is_revoked_ends_the_run_at_once_and_reconnecting_goes_on(
    make_node: MakeNode, serve: Serve, database_url: str
) -> None:
    """Nothing more is asked with the dead token, the failure says what to do, and nothing is read twice afterwards."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    opened = await connected(make_node, meta, database_url=database_url, worker_poll=POLL, **AMPLE)
    meta.fault("error", path=f"{CERAMICS}/insights", skip=12, code=190, subcode=460)
    run_id = await order(opened.node, "collection")
    async with working(opened.node):
        run = await ended(opened.node, run_id)
        assert run.outcome == "failed"
        assert {CERAMICS, CERAMICS_ADS} <= set(run.failures)
        assert all("have the client connect again" in reason for reason in run.failures.values())
        asked = sum(meta.sandbox.calls.values())
        # The refused call is one that Meta counts, and its sandbox does not; of those under way it may have seen none.
        assert asked + 1 <= run.graph_calls <= asked + opened.node.settings.concurrent_calls
        meta.clock.advance(timedelta(seconds=1))
        assert await opened.deliver(grant_of(meta, "rosa", MARA, CERAMICS_ASSETS)) == 201
        meta.clock.advance(-timedelta(seconds=1))
        async with opened.node.database.writing() as session:
            assert await queries.reopen(session, run_id)
        run = await ended(opened.node, run_id)
    assert (run.outcome, run.attempt, dict(run.failures)) == ("complete", 2, {})
    profile = [
        count for (_, url), count in meta.sandbox.exact_calls.items() if f"/{CERAMICS}?" in url and "media_count" in url
    ]
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


async def test_a_part_that_takes_too_long_leaves_the_others_alone(
    make_node: MakeNode, meta: MetaSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outcome says that something is left; the rest of the asset is read, and what was read is analysed."""
    analysed: list[str] = []

    async def analyse(_node: Node, run: RunRecord) -> None:
        analysed.append(run.run_id)

    async def perform(_desk: Desk, part: Part) -> Done:
        if part.name == "slow":
            await asyncio.Event().wait()
        return Done()

    async def plan(_node: Node, _run: RunRecord) -> Plan:
        return Plan((Part("1", "slow"), Part("1", "quick")))

    monkeypatch.setattr(completion, "HOOKS", [analyse])
    monkeypatch.setitem(WORKFLOWS, "uneven", Workflow("uneven", "", plan, perform))
    opened = await connected(make_node, meta, worker_poll=POLL, step_timeout=1.0)
    run_id = await order(opened.node, "uneven")
    kept = Plan.from_json(await conduct.plan(opened.node, run_id, 1))
    desk = await conduct.desk_of(opened.node, run_id, 1)
    assert desk is not None
    results = [Done(**await conduct.perform(desk, part)) for part in kept.parts]
    assert [(done.timed_out, done.stop) for done in results] == [(True, False), (False, False)]
    await conduct.finish(opened.node, run_id, 1, kept, zip(kept.parts, results, strict=True))
    run = await find(opened.node, run_id)
    assert (run.outcome, list(run.failures)) == ("timed_out", ["1:slow"])
    await completion.collected(opened.node, run)
    assert analysed == [run_id]


async def test_a_run_has_no_more_time_than_its_workflow_allows(make_node: MakeNode, meta: MetaSandbox) -> None:
    """By the node's clock: a run that comes back to life a day later asks nothing any more."""
    opened = await connected(make_node, meta, worker_poll=POLL, run_timeout=3600.0)
    run_id = await order(opened.node, "collection", days=2)
    async with opened.node.database.writing() as session:
        await queries.begin(session, run_id, 1, meta.clock.now() - timedelta(days=1))
    async with working(opened.node) as worker:
        await worker.enqueue(await find(opened.node, run_id))
        run = await ended(opened.node, run_id)
    assert run.outcome == "timed_out"
    assert not meta.sandbox.calls


async def two_assets(_node: Node, _run: RunRecord) -> Plan:
    """A plan with a part for each of two assets."""
    return Plan((Part("1", "numbers"), Part("2", "numbers")))


async def test_an_error_of_ours_with_one_asset_leaves_the_others_alone(
    make_node: MakeNode, meta: MetaSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run goes on to its end, and says of the one that something failed on our side."""

    async def perform(_desk: Desk, part: Part) -> Done:
        if part.asset_id == "1":
            raise RuntimeError("a text that nobody is to see")
        return Done()

    monkeypatch.setitem(WORKFLOWS, "uneven", Workflow("uneven", "", two_assets, perform))
    opened = await connected(make_node, meta, worker_poll=POLL)
    run_id = await order(opened.node, "uneven")
    async with working(opened.node):
        run = await ended(opened.node, run_id)
    assert (run.outcome, dict(run.failures)) == ("incomplete", {"1": OURS})


async def test_a_run_that_is_given_up_in_its_queue_ends(
    make_node: MakeNode, meta: MetaSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for a run that never began is not left waiting."""
    goes_on = asyncio.Event()

    async def perform(_desk: Desk, _part: Part) -> Done:
        await goes_on.wait()
        return Done()

    monkeypatch.setitem(WORKFLOWS, "waits", Workflow("waits", "", two_assets, perform))
    opened = await connected(make_node, meta, worker_poll=POLL)
    first, second = await order(opened.node, "waits", run_id="1"), await order(opened.node, "waits", run_id="2")
    async with working(opened.node):
        await until(lambda: is_queued(second))
        await DBOS.cancel_workflow_async(f"{second}/1")
        run = await ended(opened.node, second)
        goes_on.set()
        assert (await ended(opened.node, first)).outcome == "complete"
    assert (run.outcome, run.started_at, dict(run.failures)) == ("failed", None, {"run": OURS})


async def test_a_run_that_dbos_has_lost_begins_once_more(
    make_node: MakeNode, meta: MetaSandbox, database_url: str
) -> None:
    """A node whose database was restored without what DBOS remembers goes on with what was under way."""
    opened = await connected(make_node, meta, database_url=database_url, worker_poll=POLL)
    run_id = await order(opened.node, "token_refresh")
    async with opened.node.database.writing() as session:
        await queries.begin(session, run_id, 1, meta.clock.now())
    async with working(opened.node):
        assert (await ended(opened.node, run_id, seconds=40.0)).outcome == "complete"


async def test_a_run_that_dbos_knows_as_over_ends(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A node whose database was restored to before the end of a run waits for it no more."""
    opened = await connected(make_node, meta, worker_poll=POLL)
    run_id = await order(opened.node, "token_refresh")
    async with working(opened.node):
        await ended(opened.node, run_id)
        await until(lambda: is_over(run_id))
        async with opened.node.database.writing() as session:
            await session.execute(update(workflow_runs).values(outcome="running", ended_at=None))
        run = await ended(opened.node, run_id, seconds=40.0)
    assert (run.outcome, dict(run.failures)) == ("failed", {"run": OURS})


async def is_over(run_id: str) -> bool:
    """Whether the first attempt of a run is over for DBOS."""
    found = await DBOS.list_workflows_async(workflow_ids=[f"{run_id}/1"])
    return [each.status for each in found] == ["SUCCESS"]


async def is_queued(run_id: str) -> bool:
    """Whether the first attempt of a run stands in its queue."""
    return bool(await DBOS.list_workflows_async(workflow_ids=[f"{run_id}/1"]))


async def test_a_part_of_a_run_that_was_cancelled_is_not_begun(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A run that is taken over after somebody cancelled it, or ordered it anew, asks nothing."""
    opened = await connected(make_node, meta)
    run_id = await order(opened.node, "ads_hourly")
    plan = Plan.from_json(await conduct.plan(opened.node, run_id, 1))
    desk = await conduct.desk_of(opened.node, run_id, 1)
    assert desk is not None
    async with opened.node.database.writing() as session:
        assert await queries.cancel(session, run_id, meta.clock.now())
    assert (await conduct.perform(desk, plan.parts[0]))["failure"] == "the run was cancelled"
    async with opened.node.database.writing() as session:
        assert await queries.reopen(session, run_id)
        await queries.begin(session, run_id, 2, meta.clock.now())
    assert (await conduct.perform(desk, plan.parts[0]))["failure"] == "the run was cancelled"
    assert not meta.sandbox.calls


async def test_an_attempt_does_not_end_the_one_after_it(
    make_node: MakeNode, meta: MetaSandbox, database_url: str
) -> None:
    """An attempt that is still being stopped when the run is resumed has no say in it any more."""
    opened = await connected(make_node, meta, database_url=database_url)
    run_id = await order(opened.node, "ads_hourly")
    await conduct.plan(opened.node, run_id, 1)
    async with opened.node.database.writing() as session:
        assert await queries.cancel(session, run_id, meta.clock.now())
        assert await queries.reopen(session, run_id)
    assert (await conduct.plan(opened.node, run_id, 1))["parts"] == []
    assert await conduct.finish(opened.node, run_id, 1, Plan((), {"1": OURS}), []) == {}
    run = await find(opened.node, run_id)
    assert (run.outcome, run.attempt, dict(run.failures)) == ("queued", 2, {})


@pytest.mark.parametrize(("hours", "builds_on_it"), [(1, True), (30, False)])
async def test_a_run_builds_on_what_it_read_the_same_day(
    make_node: MakeNode, meta: MetaSandbox, database_url: str, hours: int, builds_on_it: bool
) -> None:
    """By its first start it counts its days and knows what it has read; on another day it begins anew, whole."""
    opened = await connected(make_node, meta, database_url=database_url)
    node, began = opened.node, meta.clock.now()
    run_id = await order(node, "ads_hourly")
    await conduct.plan(node, run_id, 1)
    async with node.database.writing() as session:
        await keep_place(session, run_id, CERAMICS_ADS, Place("ads", "cursor", 5, finished=True), 2.0, began)
        await queries.end(session, run_id, 1, "incomplete", {}, began)
    for attempt in (2, 3):
        async with node.database.writing() as session:
            assert await queries.reopen(session, run_id)
        meta.clock.advance(timedelta(hours=hours) / 2)
        await conduct.plan(node, run_id, attempt)
        async with node.database.writing() as session:
            await queries.end(session, run_id, attempt, "incomplete", {}, meta.clock.now())
    desk = await conduct.desk_of(node, run_id, 3)
    assert desk is not None
    assert (desk.began == began) is builds_on_it
    async with node.database.reading() as session:
        place = await place_of(session, run_id, CERAMICS_ADS, "ads")
        assert await floor_of(session, run_id) == 2.0
    assert place == (Place("ads", "cursor", 5, finished=True) if builds_on_it else Place("ads"))


async def test_a_run_that_is_resumed_days_later_brings_what_is_new(make_node: MakeNode, meta: MetaSandbox) -> None:
    """It ends as complete with the posts and the profile of the day on which it was resumed."""
    opened = await connected(make_node, meta, worker_poll=POLL, **AMPLE)
    meta.fault("error", path=f"{CERAMICS}/insights", code=10, skip=5)
    run_id = await order(opened.node, "instagram_daily", days=2)
    async with working(opened.node):
        await ended(opened.node, run_id)
        meta.clock.advance(timedelta(days=10))
        async with opened.node.database.writing() as session:
            assert await queries.reopen(session, run_id)
        assert (await ended(opened.node, run_id)).outcome == "complete"
    (profile,) = await rows(opened, tables.instagram_accounts)
    assert profile["read_at"] >= NOW + timedelta(days=10)
    published = oracle.published(oracle.feed_of(meta.sandbox, CERAMICS), meta.clock.now())
    stored = {row["post_id"] for row in await rows(opened, tables.instagram_posts)}
    assert {media_id(post) for post in published} <= stored


def test_what_is_left_to_a_later_run_is_no_failure() -> None:
    """A backfill that makes room for what is more urgent has done well."""
    part = Part("1", "numbers")
    assert conduct.outcome_of(Plan((part,)), [(part, Done("later", stop=True, later=True))]) == "complete"


def test_a_run_that_read_nothing_of_any_asset_has_failed() -> None:
    """Also where each of its parts failed alone and the next was tried; one that was read is enough for more."""
    parts = (Part("1", "stories"), Part("2", "stories"), Part("2", "posts"))
    lost = [(part, Done("Meta refuses it")) for part in parts]
    assert conduct.outcome_of(Plan(parts), lost) == "failed"
    assert conduct.outcome_of(Plan(parts), [*lost[:2], (parts[2], Done())]) == "incomplete"
    assert conduct.outcome_of(Plan(parts), [(parts[0], Done()), *lost[1:]]) == "incomplete"
