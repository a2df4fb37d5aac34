"""Reports by themselves: a durable run makes the edition of a period once."""

from tests.integration.collection.checks import connected
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode, OpenNode
from tests.integration.workflows.conftest import ended, order
from tests.meta_sandbox import MetaSandbox

from freehold.node.reports import queries
from freehold.node.reports.editions import EMAIL, PDF, REPORT, folder_of
from freehold.node.reports.queries import Edition
from freehold.node.workflows.runtime import working

DAYS = 8


async def editions(opened: OpenNode) -> list[Edition]:
    """Those that were made, the newest first."""
    async with opened.node.database.reading() as session:
        return await queries.listed(session, 10)


async def test_a_week_is_reported_once_by_schedule(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A run makes page, PDF and e-mail in the node's language; the schedule makes no second, a person may."""
    opened = await connected(make_node, meta, language="de", worker_poll=0.02)
    await collect(opened.node, DAYS)
    async with working(opened.node):
        for run_id, trigger, made in (("first", "schedule", 1), ("second", "schedule", 1), ("third", "api", 2)):
            run = await ended(opened.node, await order(opened.node, "weekly_report", run_id=run_id, trigger=trigger))
            assert (run.outcome, dict(run.failures)) == ("complete", {})
            assert len(await editions(opened)) == made
    newest = (await editions(opened))[0]
    assert (newest.kind, newest.language) == ("week", "de")
    assert {REPORT, PDF, EMAIL} <= {path.name for path in folder_of(opened.node, newest).iterdir()}


async def test_a_client_without_numbers_is_no_failure_of_the_schedule(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A client that has just connected has no last month; whoever orders a report reads why there is none."""
    opened = await connected(make_node, meta, worker_poll=0.02)
    async with working(opened.node):
        by_itself = await ended(
            opened.node, await order(opened.node, "monthly_report", run_id="slot", trigger="schedule")
        )
        by_hand = await ended(opened.node, await order(opened.node, "monthly_report"))
    assert (by_itself.outcome, dict(by_itself.failures)) == ("complete", {})
    assert any("Nothing has been collected" in reason for reason in by_hand.failures.values())
    assert await editions(opened) == []
