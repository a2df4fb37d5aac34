"""`freehold broker backup|restore`: make a backup of the broker, and a broker of a backup."""

from pathlib import Path
from typing import Annotated

import typer

from freehold.broker.backups.back_up import back_up
from freehold.broker.backups.restore import restore
from freehold.broker.keys import load_keys
from freehold.broker.settings import BrokerSettings
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
)
from freehold.cli.output import AsJson, guarded
from freehold.kernel.clock import SystemClock

Data = Annotated[Path, typer.Option("--data", help="The broker's folder.", envvar="FREEHOLD_BROKER_DATA_DIR")]


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold broker`."""
    group.command("backup")(make_backup)
    group.command("restore")(restore_backup)


@guarded
async def make_backup(data: Data, as_json: AsJson = False) -> None:
    """Back the broker up now: its database and files, sealed to the key that FREEHOLD_BROKER_BACKUP_KEY names."""
    settings = BrokerSettings.load(data)
    with progress("reading") as told:
        made = await back_up(settings, load_keys(data).keyring, SystemClock().now(), told)
    tell_made(made, as_json=as_json)


@guarded
async def restore_backup(
    file: File,
    data: Data,
    key_file: KeyFile,
    keyring: KeyringFile = None,
    lost: Lost = False,
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Make the broker of a backup, in an empty folder and an empty database; it is verified to its end before.

    Where the database is now is said by FREEHOLD_BROKER_DATABASE_URL, if it is not where the backup's broker had it.
    """
    with opened(file, key_file, read_keyring(keyring, lost=lost)) as backup, progress("restoring") as told:
        restored = await restore(data, backup, told, replace=replace)
    checking = f"freehold broker replace-unreadable-keys --data {data}" if lost else f"freehold doctor --broker {data}"
    following = f"{checking}, then freehold broker serve --data {data}"
    tell_restored(restored.as_json(), following, as_json=as_json)
