"""Makes a node again from a backup, the operator's private key, and the keyring, which is in no backup."""

import tempfile
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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
from freehold.kernel.database import open_database
from freehold.node.backups.back_up import NODE, SERVICE, WORKFLOWS
from freehold.node.initialization import has_node, write_settings
from freehold.node.keys import KEYRING_FILE, keyring_file
from freehold.node.settings import SETTINGS_FILE, NodeSettings
from freehold.node.vault import Vault
from freehold.node.vault.loss import check_readable, give_up_unreadable


@dataclass(frozen=True)
class Place:
    """Where a node is restored to. `skipped`: databases of the backup that are left out."""

    data_dir: Path
    replace: bool = False
    skipped: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Restored:
    """Whose node it is, when the backup was made, database -> table -> rows, and how many credentials open."""

    client_id: str
    made_at: str
    rows: dict[str, dict[str, int]]
    credentials: int

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


async def restore(place: Place, backup: Opened, told: Tell) -> Restored:
    """Restore a node into an empty place, or in the place of another one when that is wanted.

    The environment's settings (FREEHOLD_NODE_…) win over those of the backup and are kept. Raises `RestoreError`; until
    the backup is verified to its end nothing is changed.
    """
    if has_node(place.data_dir) and not place.replace:
        raise RestoreError(f"{place.data_dir} holds a node, and nothing was changed; --replace replaces it")
    check_lost(backup, place.data_dir / KEYRING_FILE)
    contents = verify(backup, SERVICE)
    settings = _settings(place, contents)
    targets = _targets(place, settings, contents)
    if not place.replace:
        await check_empty(targets, contents)
    place.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = await restore_databases(backup, targets, told)
    put_files(place.data_dir, contents.files)
    write_settings(settings)
    put_keyring(place.data_dir / KEYRING_FILE, backup.keyring)
    _check_rows(rows, contents, targets)
    opened = await _open_tokens(settings, lost=backup.keyring is None)
    return Restored(settings.client_id, str(contents.about["made_at"]), rows, opened)


def _settings(place: Place, contents: Contents) -> NodeSettings:
    """The settings of the node that is restored, read where nobody else sees them."""
    with tempfile.TemporaryDirectory(prefix="freehold-restore-") as folder:
        put_files(Path(folder), {SETTINGS_FILE: contents.files.get(SETTINGS_FILE, b"")})
        found = NodeSettings.load(Path(folder))
    return found.model_copy(update={"data_dir": place.data_dir})


def _targets(place: Place, settings: NodeSettings, contents: Contents) -> dict[str, Source]:
    """Where each database of the backup goes; raises `RestoreError` when that is not known of one."""
    known = {
        NODE: settings.database(),
        WORKFLOWS: f"sqlite:///{settings.runs_file()}",
        **settings.backup_databases,
    }
    wanted = [name for name in contents.databases if name not in place.skipped]
    unknown: Collection[str] = [name for name in wanted if name not in known]
    if unknown:
        raise RestoreError(
            f"the backup holds the databases {', '.join(unknown)}, and nothing was changed; say where they go with "
            "FREEHOLD_NODE_BACKUP_DATABASES, or leave them out with --skip-database"
        )
    return {name: Source(name, known[name]) for name in wanted}


def _check_rows(rows: dict[str, dict[str, int]], contents: Contents, targets: dict[str, Source]) -> None:
    """Hold what is there against what was there when the backup was made."""
    differing = [name for name in targets if rows[name] != dict(contents.rows[name])]
    if differing:
        raise RestoreError(
            f"{', '.join(differing)} has other rows than when the backup was made; stop everything that writes to it "
            "and restore again with --replace"
        )


async def _open_tokens(settings: NodeSettings, *, lost: bool) -> int:
    """Bring the schema to this version's, and open every credential, or give them up when their keyring is lost.

    Gives how many can be used. Raises `TokensUnreadableError`.
    """
    await migrations.bring_up_to_date(settings.database(), "freehold.node")
    database, vault = open_database(settings.database()), Vault(keyring_file(settings.data_dir))
    try:
        if lost:
            async with database.writing() as session:
                await give_up_unreadable(vault, session)
        async with database.reading() as session:
            return await check_readable(vault, session)
    finally:
        await database.close()
