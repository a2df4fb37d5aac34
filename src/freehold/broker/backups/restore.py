"""Makes a broker again from a backup, the operator's private key, and the keyring, which is in no backup."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from freehold.broker.backups.back_up import SERVICE
from freehold.broker.keys import KEYRING_FILE, has_keys
from freehold.broker.registry import queries
from freehold.broker.registry.clients import open_api_key
from freehold.broker.settings import SETTINGS_FILE, BrokerSettings
from freehold.kernel import migrations
from freehold.kernel.backups.errors import RestoreError
from freehold.kernel.backups.make import Source, Tell
from freehold.kernel.backups.restore import (
    Contents,
    Opened,
    check_empty,
    check_lost,
    put_files,
    put_keyring,
    restore_databases,
    verify,
)
from freehold.kernel.crypto import InvalidCiphertextError, Keyring
from freehold.kernel.database import open_database

PAGE = 500


@dataclass(frozen=True)
class Restored:
    """When the backup was made, table -> rows, and how many clients there are whose key opens."""

    made_at: str
    rows: dict[str, dict[str, int]]
    clients: int

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


async def restore(data_dir: Path, backup: Opened, told: Tell, *, replace: bool) -> Restored:
    """Restore the broker into an empty place, or in the place of another one when that is wanted.

    The environment's settings (FREEHOLD_BROKER_…) win over those of the backup. Raises `RestoreError`; until the backup
    is verified to its end nothing is changed.
    """
    if has_keys(data_dir) and not replace:
        raise RestoreError(f"{data_dir} holds a broker, and nothing was changed; --replace replaces it")
    check_lost(backup, data_dir / KEYRING_FILE)
    contents = verify(backup, SERVICE)
    settings = _settings(data_dir, contents)
    targets = {SERVICE: Source(SERVICE, settings.database())}
    if not replace:
        await check_empty(targets, contents)
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = await restore_databases(backup, targets, told)
    put_files(data_dir, contents.files)
    put_keyring(data_dir / KEYRING_FILE, backup.keyring)
    if rows[SERVICE] != dict(contents.rows[SERVICE]):
        raise RestoreError("the database has other rows than when the backup was made; stop every broker and repeat")
    opened = 0 if backup.keyring is None else await _open_keys(settings, backup.keyring)
    return Restored(str(contents.about["made_at"]), rows, opened)


def _settings(data_dir: Path, contents: Contents) -> BrokerSettings:
    """The settings of the broker that is restored, read where nobody else sees them."""
    with tempfile.TemporaryDirectory(prefix="freehold-restore-") as folder:
        put_files(Path(folder), {SETTINGS_FILE: contents.files.get(SETTINGS_FILE, b"")})
        found = BrokerSettings.load(Path(folder))
    return found.model_copy(update={"data_dir": data_dir})


async def _open_keys(settings: BrokerSettings, keyring: Keyring) -> int:
    """Bring the schema to this version's, and open every node's key; raises `RestoreError`."""
    await migrations.bring_up_to_date(settings.database(), "freehold.broker")
    database, opened, after = open_database(settings.database()), 0, ""
    try:
        async with database.reading() as session:
            while page := await queries.list_clients(session, after, PAGE):
                for client in page:
                    open_api_key(keyring, client)
                opened, after = opened + len(page), page[-1].client_id
    except InvalidCiphertextError as error:
        raise RestoreError("keys of nodes do not open with this keyring; give the one that was in use") from error
    finally:
        await database.close()
    return opened
