"""Backup, every night where a key is set: databases and files, sealed to the operator's key; failures are told."""

from freehold.kernel import logs
from freehold.kernel.backups.errors import BackupError
from freehold.node.backups.back_up import back_up, tell_failure
from freehold.node.context import Node
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import Desk, Done, Part, Plan, Workflow

log = logs.get(__name__)

BACKUP = Part("", "backup")


async def plan(_node: Node, _run: RunRecord) -> Plan:
    """One part: all of it."""
    return Plan((BACKUP,))


async def perform(desk: Desk, _part: Part) -> Done:
    """Make a backup; one that was begun before a crash is begun anew."""
    node = desk.node
    try:
        await back_up(node.settings, node.keys.keyring.current(), node.clock.now(), lambda _doing, _read: None)
    except BackupError as error:
        log.error("backup.failed", reason=str(error))  # noqa: TRY400 - a reason in words, and no fault of ours
        await tell_failure(node, error)
        return Done(str(error), stop=True)
    return Done()


WORKFLOW = Workflow(
    "backup",
    "makes an encrypted backup of the node's databases and files, and lets go of old ones",
    plan,
    perform,
    schedule=Schedule(15, hour=2),
    heavy=True,
    always=True,
    collects=False,
)
