"""`freehold node backup|restore`: make a backup of a node, and a node of a backup."""

from typing import Annotated

import typer

from freehold.cli.backups import (
    File,
    KeyFile,
    KeyringFile,
    Lost,
    Replace,
    opened,
    progress,
    read_keyring,
    tell_made,
    tell_restored,
)  # fmt: skip
from freehold.cli.output import AsJson, Data, guarded
from freehold.kernel.backups.errors import BackupError
from freehold.node.backups.back_up import NoBackupKeyError, back_up, tell_failure
from freehold.node.backups.restore import Place, restore
from freehold.node.context import open_node
from freehold.node.settings import NodeSettings


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command("backup")(make_backup)
    group.command("restore")(restore_backup)


@guarded
async def make_backup(data: Data, as_json: AsJson = False) -> None:
    """Back the node up now: its databases and files, sealed to the key that FREEHOLD_NODE_BACKUP_KEY names."""
    async with open_node(NodeSettings.load(data)) as node:
        try:
            with progress("reading") as told:
                made = await back_up(node.settings, node.keys.keyring.current(), node.clock.now(), told)
        except NoBackupKeyError:
            raise
        except BackupError as error:
            await tell_failure(node, error)
            raise
    tell_made(made, as_json=as_json)


@guarded
async def restore_backup(
    file: File,
    data: Data,
    key_file: KeyFile,
    keyring: KeyringFile = None,
    lost: Lost = False,
    skip_database: Annotated[list[str] | None, typer.Option(help="Leave out a database of the backup.")] = None,
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Make the node of a backup, in an empty folder and an empty database; it is verified to its end before.

    Where the database is now is said by FREEHOLD_NODE_DATABASE_URL, if it is not where the backup's node had it.
    """
    place = Place(data, replace, frozenset(skip_database or ()))
    with opened(file, key_file, read_keyring(keyring, lost=lost)) as backup, progress("restoring") as told:
        restored = await restore(place, backup, told)
    following = f"freehold doctor --node {data}, then freehold node serve --data {data}"
    tell_restored(restored.as_json(), following, as_json=as_json)
