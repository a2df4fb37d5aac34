"""Backs a node up, and has people told when that fails."""

from datetime import datetime

from freehold.kernel import logs
from freehold.kernel.backups.errors import BackupError
from freehold.kernel.backups.make import Made, Source, Subject, Tell, make
from freehold.kernel.backups.shelf import Shelf
from freehold.kernel.crypto import Keyring
from freehold.node.context import Node
from freehold.node.keys import API_KEY_FILE, BROKER_FILE, SEALING_FILE
from freehold.node.notifications.notice import Notice
from freehold.node.notifications.outbox import tell
from freehold.node.notifications.targets import TARGETS_FILE, load_targets
from freehold.node.settings import ACCOUNTS_FOLDER, SETTINGS_FILE, NodeSettings

log = logs.get(__name__)

SERVICE = "node"
FILES = (SETTINGS_FILE, SEALING_FILE, API_KEY_FILE, BROKER_FILE, TARGETS_FILE)
"""Of the node's folder, beside the accounts; the keyring is kept apart, and reports can be written anew."""
NODE, WORKFLOWS = "node", "workflows"
BY_WORKFLOW = "workflow:backup:failed"
"""Under which n8n's workflow would have the same told, once it has seen how the run ended; the node says more."""


class NoBackupKeyError(BackupError):
    """No key is set to which a backup could be sealed."""


def databases(settings: NodeSettings) -> tuple[Source, ...]:
    """Every database of a node. On PostgreSQL the runs are in the node's own."""
    own = Source(NODE, settings.database())
    runs = settings.runs_file()
    embedded = own.sqlite_file() is not None and runs.exists()
    workflows = (Source(WORKFLOWS, f"sqlite:///{runs}"),) if embedded else ()
    return (own, *workflows, *(Source(name, url) for name, url in settings.backup_databases.items()))


def shelf_of(settings: NodeSettings) -> Shelf:
    """Where the node's backups stand; raises `NoBackupKeyError`."""
    if settings.backup_key is None:
        raise NoBackupKeyError(
            "no backup key is set; make one with `freehold backup-key new` on another machine, and set "
            "FREEHOLD_NODE_BACKUP_KEY to its public half"
        )
    return Shelf(
        settings.backups_dir(),
        settings.backup_key,
        f"{SERVICE}-{settings.client_id}",
        settings.backup_keep_daily,
        settings.backup_keep_weekly,
    )


async def back_up(settings: NodeSettings, keyring: Keyring, now: datetime, told: Tell) -> Made:
    """Make a backup. Raises `BackupError`."""
    accounts = sorted(path for path in (settings.data_dir / ACCOUNTS_FOLDER).glob("*") if path.is_file())
    files = (*FILES, *(f"{ACCOUNTS_FOLDER}/{path.name}" for path in accounts))
    subject = Subject(SERVICE, settings.client_id, settings.data_dir, files, databases(settings), keyring)
    made = await make(subject, shelf_of(settings), now, told)
    log.info("backup.made", file=made.path.name, bytes=made.size, pruned=len(made.pruned))
    return made


async def tell_failure(node: Node, error: BackupError) -> None:
    """Have people told that there is no new backup; once a day."""
    now = node.clock.now()
    notice = Notice(
        key=f"{BY_WORKFLOW}:{now:%Y-%m-%d}",
        kind="backup_failed",
        severity="critical",
        title=f"no backup of {node.settings.company_name}'s node was made",
        text=f"{str(error)[:1].upper()}{str(error)[1:]}.\n\n"
        "What to do: mend the cause, then run `freehold node backup`. The backups before it are as they were.",
    )
    async with node.database.writing() as session:
        await tell(session, notice, load_targets(node.settings.data_dir), now)
