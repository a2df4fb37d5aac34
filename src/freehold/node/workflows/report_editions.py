"""Reports by themselves: the week's on Monday and the month's on the first, after that day's readings, and told."""

from functools import partial

from freehold.kernel import logs
from freehold.node.context import Node
from freehold.node.notifications import queries as notices
from freehold.node.notifications.editions import key_of, notice_of
from freehold.node.notifications.outbox import tell
from freehold.node.notifications.targets import TargetRefusedError, load_targets
from freehold.node.reports import queries
from freehold.node.reports.editions import NothingToReportError, write_edition
from freehold.node.reports.periods import period_of
from freehold.node.reports.printing import PrintingError
from freehold.node.reports.queries import Edition, Kind
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import Desk, Done, Part, Plan, Workflow

log = logs.get(__name__)

REPORT = Part("", "report")


async def plan(kind: Kind, node: Node, run: RunRecord) -> Plan:
    """One part: the edition. Nothing by schedule where one of that period was told already; what somebody had made for
    themselves was told to nobody.
    """
    now = node.clock.now()
    span = period_of(kind, now).now
    async with node.database.reading() as session:
        made = await queries.of_period(session, kind, span.first, span.last)
        told = await notices.said(session, [key_of(each) for each in made], now)
    return Plan(()) if told and run.order.trigger == "schedule" else Plan((REPORT,))


async def perform(kind: Kind, desk: Desk, _part: Part) -> Done:
    """Make the edition and have it told; one that was begun before a crash is begun anew, and none is made twice."""
    try:
        made = await _made_already(kind, desk)
        if made is None:
            made = await write_edition(desk.node, kind, desk.node.settings.language, for_readers=True)
        await _have_told(desk.node, made)
    except NothingToReportError as error:
        # A client that has just connected has no last week; whoever ordered a report is told so.
        return Done() if desk.run.order.trigger == "schedule" else Done(str(error), stop=True)
    except (PrintingError, TargetRefusedError) as error:
        return Done(str(error), stop=True)
    log.info("report.made", edition_id=made.edition_id)
    return Done()


async def _made_already(kind: Kind, desk: Desk) -> Edition | None:
    """The edition that this run had made before a crash."""
    span = period_of(kind, desk.node.clock.now()).now
    async with desk.node.database.reading() as session:
        found = await queries.of_period(session, kind, span.first, span.last)
    return next((each for each in found if each.for_readers and each.made_at > desk.began), None)


async def _have_told(node: Node, edition: Edition) -> None:
    """Write down that those who want reports are to get this one."""
    targets = load_targets(node.settings.data_dir)
    async with node.database.writing() as session:
        await tell(session, notice_of(node, edition), targets, node.clock.now())


def _reporting(kind: Kind, schedule: Schedule) -> Workflow:
    return Workflow(
        f"{kind}ly_report",
        f"the report of the last whole {kind}: page, PDF and e-mail",
        plan=partial(plan, kind),
        perform=partial(perform, kind),
        schedule=schedule,
        heavy=True,
        kinds=frozenset({"instagram_account", "facebook_page", "ad_account"}),
        collects=False,
    )


WEEKLY = _reporting("week", Schedule(30, hour=15, weekday=0))
MONTHLY = _reporting("month", Schedule(45, hour=15, day=1))
