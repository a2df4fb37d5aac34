"""What looks at a day's collections begins when the last of them has ended, and once."""

import dataclasses
from datetime import UTC, datetime, timedelta

from tests.integration.collection.checks import CERAMICS_ASSETS
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.integration.workflows.conftest import find
from tests.meta_sandbox import CERAMICS_PAGE, MARA, MetaSandbox

from freehold.node.runs import queries
from freehold.node.runs.queries import Order, Outcome
from freehold.node.workflows import completion
from freehold.node.workflows.schedules import tick

MONDAY = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
LOOK = "recommendations:2026-11-23T15"
COLLECTIONS = ("competitor_ads:{}T06", "instagram_daily:{}T09", "facebook_page_daily:{}T10", "ads_daily:{}T13")


async def opened_at(
    make_node: MakeNode, meta: MetaSandbox, now: datetime, assets: frozenset[str] = CERAMICS_ASSETS, **chosen: str
) -> OpenNode:
    """A connected node at a moment, of which no run has been ordered."""
    meta.clock.advance(now - meta.clock.now())
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock, **chosen)
    assert await opened.deliver(grant_of(meta, "rosa", MARA, assets)) == 201
    return opened


async def end(opened: OpenNode, run_id: str, outcome: Outcome = "complete") -> None:
    """Have a run of a slot end, as a worker does."""
    node = opened.node
    async with node.database.writing() as session:
        await queries.create(session, Order(run_id, run_id.partition(":")[0], "schedule"), node.clock.now())
        await queries.begin(session, run_id, 1, node.clock.now())
        run = await queries.end(session, run_id, 1, outcome, {}, node.clock.now())
    assert run is not None
    await completion.collected(node, run)


async def looks(opened: OpenNode) -> list[str]:
    """The looks that were ordered."""
    async with opened.node.database.reading() as session:
        return [run.run_id for run in await queries.list_runs(session, workflow="recommendations")]


async def test_the_last_collection_of_monday_begins_the_look_once(
    make_node: MakeNode, meta: MetaSandbox, database_url: str
) -> None:
    """Not before it has ended; nor again by a later collection, or by the clock when the look's own time has come."""
    opened = await opened_at(make_node, meta, MONDAY, database_url=database_url)
    *most, last = (each.format("2026-11-23") for each in COLLECTIONS)
    for run_id in most:
        await end(opened, run_id)
    await end(opened, "ads_hourly:2026-11-23T13")
    assert await looks(opened) == []
    await end(opened, last, "incomplete")
    assert await looks(opened) == [LOOK]
    assert (await find(opened.node, LOOK)).order.trigger == "schedule"
    await end(opened, "ads_hourly:2026-11-23T14")
    meta.clock.advance(timedelta(hours=1))
    assert LOOK not in await tick(opened.node)
    assert await looks(opened) == [LOOK]


async def test_a_collection_that_failed_is_waited_for_no_longer(make_node: MakeNode, meta: MetaSandbox) -> None:
    """The next that brought something begins the look."""
    opened = await opened_at(make_node, meta, MONDAY)
    for each in COLLECTIONS:
        await end(opened, each.format("2026-11-23"), "failed")
    assert await looks(opened) == []
    await end(opened, "stories_hourly:2026-11-23T14")
    assert await looks(opened) == [LOOK]


async def test_only_collections_that_concern_the_client_are_waited_for(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A client with nothing but a page has no ads to wait for."""
    opened = await opened_at(make_node, meta, MONDAY, frozenset({CERAMICS_PAGE}))
    for each in ("competitor_ads:2026-11-23T06", "facebook_page_daily:2026-11-23T10"):
        await end(opened, each)
    assert await looks(opened) == [LOOK]


async def test_where_a_collection_never_ends_the_look_has_its_own_time(make_node: MakeNode, meta: MetaSandbox) -> None:
    """At 15:10, with what is there."""
    opened = await opened_at(make_node, meta, MONDAY)
    await end(opened, COLLECTIONS[0].format("2026-11-23"))
    meta.clock.advance(timedelta(hours=1))
    assert LOOK in await tick(opened.node)


async def test_no_look_follows_where_none_is_wanted(make_node: MakeNode, meta: MetaSandbox) -> None:
    """On another day; or with what follows collections, the look, or all schedules (n8n orders then) switched off."""
    opened = await opened_at(make_node, meta, MONDAY - timedelta(days=1))
    for each in COLLECTIONS:
        await end(opened, each.format("2026-11-22"))
    assert await looks(opened) == [], "a Sunday has no look"
    meta.clock.advance(timedelta(days=1))
    *most, last = (each.format("2026-11-23") for each in COLLECTIONS)
    for run_id in most:
        await end(opened, run_id)
    node = opened.node
    for off in ({"after_collection": False}, {"schedules_on": False}, {"schedules": {"recommendations": "off"}}):
        unwanted = dataclasses.replace(node, settings=node.settings.model_copy(update=off))
        await end(dataclasses.replace(opened, node=unwanted), last)
        assert await looks(opened) == [], off
    await completion.collected(node, await find(node, last))
    assert await looks(opened) == [LOOK], "it was only switched off"
