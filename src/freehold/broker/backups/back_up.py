"""Backs the broker up."""

from datetime import datetime

from freehold.broker.keys import PEPPER_FILE, SEALING_FILE, SIGNING_FILE
from freehold.broker.settings import SETTINGS_FILE, BrokerSettings
from freehold.kernel.backups.errors import BackupError
from freehold.kernel.backups.make import Made, Source, Subject, Tell, make
from freehold.kernel.backups.shelf import Shelf
from freehold.kernel.crypto import Keyring

SERVICE = "broker"
FILES = (SETTINGS_FILE, SIGNING_FILE, SEALING_FILE, PEPPER_FILE)
"""Of the broker's folder; the keyring is kept apart."""


def shelf_of(settings: BrokerSettings) -> Shelf:
    """Where the broker's backups stand; raises `BackupError` when no key is set."""
    if settings.backup_key is None:
        raise BackupError(
            "no backup key is set; make one with `freehold backup-key new` on another machine, and set "
            "FREEHOLD_BROKER_BACKUP_KEY to its public half"
        )
    folder, daily, weekly = settings.backups_dir(), settings.backup_keep_daily, settings.backup_keep_weekly
    return Shelf(folder, settings.backup_key, SERVICE, daily, weekly)


async def back_up(settings: BrokerSettings, keyring: Keyring, now: datetime, told: Tell) -> Made:
    """Make a backup. Raises `BackupError`."""
    subject = Subject(SERVICE, SERVICE, settings.data_dir, FILES, (Source(SERVICE, settings.database()),), keyring)
    return await make(subject, shelf_of(settings), now, told)
