"""Exports, where an operator gives them a schedule: what was collected as files, for BI tools that read a folder."""

from freehold.node.context import Node
from freehold.node.exports.queries import VIEWS
from freehold.node.exports.shelf import ExportFailedError, folder_of, lead_to, let_go, write_files
from freehold.node.exports.wire import FileOrder
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.workflow import Desk, Done, Part, Plan, Workflow

EXPORT = Part("", "export")


async def plan(node: Node, _run: RunRecord) -> Plan:
    """One part: all files. Views that the settings name and that do not exist are failures."""
    unknown = [name for name in node.settings.export_views if name not in VIEWS]
    failures = {name: f"there is no such view; choose from {', '.join(VIEWS)}" for name in unknown}
    return Plan((EXPORT,) if set(node.settings.export_views) != set(unknown) or not unknown else (), failures)


async def perform(desk: Desk, _part: Part) -> Done:
    """Write the day's files; what was begun before a crash is begun anew. `latest` moves when all are whole.

    The oldest days go first, so that a day that fails, however it does, adds nothing to what is kept.
    """
    settings = desk.node.settings
    shelf, views = settings.exports_dir(), [name for name in settings.export_views or VIEWS if name in VIEWS]
    folder = folder_of(shelf, desk.began.date())
    order = FileOrder(settings.database(), views, settings.export_format, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        let_go(shelf, settings.export_keep)
        done = await _written(order, settings.step_timeout)
        if not done.failure:
            lead_to(shelf, folder)
            let_go(shelf, settings.export_keep)
    except OSError as error:
        return Done(f"{shelf} cannot be kept in order: {error.strerror}", stop=True)
    return done


async def _written(order: FileOrder, seconds: float) -> Done:
    """What came of the files: the views that failed, and why."""
    try:
        failures = await write_files(order, seconds)
    except ExportFailedError as error:
        return Done(str(error), stop=True)
    told = "; ".join(f"{view}: {why}" for view, why in failures.items())
    return Done(told, stop=len(failures) == len(order.views))


WORKFLOW = Workflow(
    "export",
    "writes what was collected into files for spreadsheets and BI tools; begins by itself where it is given a time",
    plan,
    perform,
    heavy=True,
    collects=False,
)
