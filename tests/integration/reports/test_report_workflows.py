"""Reports by themselves: a durable run makes the edition of a period once, and people get it."""

from pathlib import Path

from PIL import Image
from tests.integration.collection.checks import connected
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode, OpenNode
from tests.integration.node.sinks import MailSink, mail_sink
from tests.integration.reports.mail_program import body, looks, resolved
from tests.integration.workflows.conftest import ended, order
from tests.meta_sandbox import MetaSandbox

from freehold.kernel.addresses import AddressPolicy
from freehold.node.notifications.message import MOST_BYTES
from freehold.node.notifications.outbox import Delivered, deliver_due
from freehold.node.notifications.targets import keep_target, new_target
from freehold.node.reports import queries
from freehold.node.reports.editions import EMAIL, PDF, REPORT, folder_of, write_edition
from freehold.node.reports.queries import Edition
from freehold.node.workflows.runtime import working

DAYS = 8
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwen"
COMPANY = f"Lumen <b>Keramik</b> & {LONG}"
GROUNDS = {"light": "rgb(244, 246, 248)", "dark": "rgb(14, 18, 22)"}


async def editions(opened: OpenNode) -> list[Edition]:
    """Those that were made, the newest first."""
    async with opened.node.database.reading() as session:
        return await queries.listed(session, 10)


async def test_a_week_is_reported_once_by_schedule_and_mailed(
    make_node: MakeNode, meta: MetaSandbox, tmp_path: Path
) -> None:
    """A run makes page, PDF and e-mail in the node's language, whatever somebody had made for themselves before; the
    schedule makes no second, a person may. Each edition that a run made arrives, and can be read.
    """
    logo = tmp_path / "logo.png"
    Image.new("RGB", (800, 400), "#884422").save(logo)
    opened = await connected(make_node, meta, language="de", worker_poll=0.02, report_logo=logo, company_name=COMPANY)
    await collect(opened.node, DAYS)
    async with mail_sink() as mail:
        url = f"mailto://127.0.0.1:{mail.port}/?from=node@rosa.example&to=people@rosa.example"
        keep_target(opened.node.settings.data_dir, new_target("mail", url, AddressPolicy.of("127.0.0.0/8")))
        await write_edition(opened.node, "week", "de")
        await _report(opened)
        assert await deliver_due(opened.node) == Delivered(sent=2, failed=0)
    await _read(mail)


async def _report(opened: OpenNode) -> None:
    """By schedule, by schedule again, and because somebody wants it."""
    async with working(opened.node):
        for run_id, trigger, made in (("first", "schedule", 2), ("second", "schedule", 2), ("third", "api", 3)):
            run = await ended(opened.node, await order(opened.node, "weekly_report", run_id=run_id, trigger=trigger))
            assert (run.outcome, dict(run.failures)) == ("complete", {})
            assert len(await editions(opened)) == made
    newest = (await editions(opened))[0]
    assert (newest.kind, newest.language) == ("week", "de")
    assert {REPORT, PDF, EMAIL} <= {path.name for path in folder_of(opened.node, newest).iterdir()}


async def _read(mail: MailSink) -> None:
    """Open the first e-mail as it was received: light, every picture there, nothing fetched, no sideways scrolling."""
    message = mail.messages[0]
    assert max(mail.weights) < MOST_BYTES
    assert message["Subject"] == f"Lumen (b)Keramik(/b) & {LONG}: Wochenbericht, 16.\u201322. Nov. 2026"
    assert COMPANY in body(message, "plain")
    (pdf,) = message.iter_attachments()
    assert pdf.get_content().startswith(b"%PDF-")
    for width, scheme, seen in await looks(resolved(message)):
        assert (seen["broken"], seen["pictures"]) == ([], 1 + 3), (width, scheme)
        assert seen["width"] <= width
        assert seen["ground"] == GROUNDS[scheme]


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
