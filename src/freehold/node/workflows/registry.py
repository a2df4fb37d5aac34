"""All workflows by name, and when each begins by itself under a node's settings."""

from freehold.kernel.problems import ExplainedError
from freehold.node.collection import collect
from freehold.node.settings import NodeSettings
from freehold.node.workflows import (
    ads_daily,
    ads_hourly,
    alert_digest,
    backfill,
    backup,
    collection,
    competitor_ads,
    export,
    facebook_page_daily,
    instagram_daily,
    recommendations,
    report_editions,
    stories_hourly,
    token_refresh,
)
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import Workflow

WORKFLOWS: dict[str, Workflow] = {
    workflow.name: workflow
    for workflow in (
        collection.WORKFLOW,
        instagram_daily.WORKFLOW,
        stories_hourly.WORKFLOW,
        facebook_page_daily.WORKFLOW,
        ads_daily.WORKFLOW,
        ads_hourly.WORKFLOW,
        competitor_ads.WORKFLOW,
        recommendations.WORKFLOW,
        backfill.WORKFLOW,
        token_refresh.WORKFLOW,
        backup.WORKFLOW,
        report_editions.WEEKLY,
        report_editions.MONTHLY,
        alert_digest.WORKFLOW,
        export.WORKFLOW,
    )
}
KINDS = collect.KINDS
"""The kinds of assets that there is something to read of."""


class UnknownWorkflowError(ExplainedError):
    """There is no workflow of this name."""


def workflow_named(name: str) -> Workflow:
    """The workflow of this name. Raises `UnknownWorkflowError`."""
    if name not in WORKFLOWS:
        raise UnknownWorkflowError(f"there is no workflow {name}; choose from {', '.join(WORKFLOWS)}")
    return WORKFLOWS[name]


def schedules(settings: NodeSettings) -> dict[str, Schedule]:
    """When each workflow begins by itself; those that do not are left out, and backups as long as no key is set.

    Raises `UnknownWorkflowError` and `ScheduleError` for settings that cannot be meant.
    """
    if not settings.schedules_on:
        return {}
    chosen = {name: workflow.schedule for name, workflow in WORKFLOWS.items()}
    if settings.backup_key is None:
        chosen[backup.WORKFLOW.name] = None
    for name, text in settings.schedules.items():
        workflow_named(name)
        chosen[name] = None if text == "off" else Schedule.read(text)
    return {name: schedule for name, schedule in chosen.items() if schedule is not None}
