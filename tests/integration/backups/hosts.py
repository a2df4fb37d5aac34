"""A node that has collected, its backups by the real commands, and everything that its tables hold."""

import asyncio
import importlib
import json
import pkgutil
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, select
from tests.integration.workflows.killing import Patient

from freehold.demo import processes
from freehold.kernel.database import open_database
from freehold.node.keys import KEYRING_FILE


@dataclass(frozen=True)
class Told:
    """What a command said, and its status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON value."""
        return json.loads(self.out)


@dataclass(frozen=True)
class SmallDisk:
    """A disk of so many bytes under a folder, which one command sees and nobody else; its files go there first."""

    folder: Path
    size: int

    def command(self, command: list[str]) -> list[str]:
        """The command in a mount namespace of its own."""
        return ["unshare", "--mount", "sh", "-c", _ON_A_SMALL_DISK, "sh", str(self.folder), str(self.size), *command]

    @property
    def left(self) -> list[str]:
        """The names of what was on the disk after the command."""
        return _listing(self.folder).read_text().split()


_ON_A_SMALL_DISK = """
    folder=$1 size=$2; shift 2
    cp -a "$folder" "$folder.kept" && mount -t tmpfs -o "size=$size" small "$folder" &&
        cp -a "$folder.kept/." "$folder" || exit 99
    "$@"; status=$?
    ls -A "$folder" > "$folder.left"
    exit $status
"""


def _listing(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.left")


async def freehold(
    *words: str,
    environment: dict[str, str] | None = None,
    limit: int | None = None,
    disk: SmallDisk | None = None,
) -> Told:
    """`freehold …`, a process of its own; with `limit`, no file that it writes may have more KiB."""
    command = processes.command(*words)
    if disk is not None:
        command = disk.command(command)
    if limit is not None:
        command = ["bash", "-c", f'ulimit -f {limit}; exec "$@"', "bash", *command]
    pipe, inherited = asyncio.subprocess.PIPE, {**processes.inherited_environment(), "COLUMNS": "400"}
    started = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, env={**inherited, **(environment or {})}
    )
    out, err = await started.communicate()
    return Told(started.returncode or 0, out.decode(), err.decode())


@dataclass
class Host:
    """A host with a node, and what its operator keeps apart: the private backup key and the keyring."""

    patient: Patient
    apart: Path
    backups: Path
    public_key: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, patient: Patient, folder: Path) -> "Host":
        """A node, with a backup key of its own."""
        apart, backups = folder / "apart", folder / "backups"
        apart.mkdir()
        made = await freehold("backup-key", "new", str(apart / "backup.key"), "--json")
        assert made.status == 0, made.err
        shutil.copy(patient.node.settings.data_dir / KEYRING_FILE, apart / KEYRING_FILE)
        key = made.json["public_key"]
        chosen = {"FREEHOLD_NODE_BACKUP_KEY": key, "FREEHOLD_NODE_BACKUP_TO": str(backups)}
        return cls(patient, apart, backups, key, chosen)

    async def back_up(self, limit: int | None = None, disk: SmallDisk | None = None) -> Told:
        """`freehold node backup`."""
        words = ("node", "backup", "--data", str(self.patient.node.settings.data_dir), "--json")
        return await freehold(*words, environment=self.environment, limit=limit, disk=disk)

    async def made(self) -> Path:
        """A backup that worked."""
        told = await self.back_up()
        assert told.status == 0, told.err
        return Path(told.json["path"])

    async def restore(self, backup: Path, data: Path, *more: str, **environment: str) -> Told:
        """`freehold node restore` with what the operator keeps apart."""
        key, keyring = str(self.apart / "backup.key"), str(self.apart / KEYRING_FILE)
        given = () if "--keyring-is-lost" in more else ("--keyring", keyring)
        words = ("node", "restore", str(backup), "--data", str(data), "--key-file", key, *given, *more, "--json")
        return await freehold(*words, environment=environment)


async def everything(url: str) -> dict[str, list[str]]:
    """Every row of every table that the node's code names."""
    database = open_database(url)
    try:
        async with database.reading() as session:
            return {
                table.name: sorted(repr(tuple(row)) for row in (await session.execute(select(table))).all())
                for table in _tables().sorted_tables
            }
    finally:
        await database.close()


def _tables() -> MetaData:
    package = importlib.import_module("freehold.node")
    for module in pkgutil.walk_packages(package.__path__, "freehold.node."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)
    found: MetaData = importlib.import_module("freehold.node.db").metadata
    return found
