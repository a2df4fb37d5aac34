"""Whether a worker is alive: at once for those that share this folder, by when it was last seen for all others.

A worker holds a lock on a file of its own for as long as its process lives; the system lets go of it however the
process ends. A lock means something to the system that it was taken under, and a copied file was never locked: so a
file says where and which it is.
"""

import contextlib
import fcntl
import os
import secrets
import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from freehold.node.runs.workers import SeenWorker

FOLDER = "workers"
BOOT = Path("/proc/sys/kernel/random/boot_id")
"""An id of the running system, where it has one."""
_NAME_LENGTH = 32


def new_worker_id() -> str:
    """An id that no other process has had."""
    return f"{socket.gethostname()[:_NAME_LENGTH]}-{os.getpid()}-{secrets.token_hex(4)}"


@contextlib.contextmanager
def held(data_dir: Path, worker_id: str) -> Iterator[None]:
    """Show that this worker lives, until the block or the process ends; the file stays, for others to find it free."""
    folder = data_dir / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{worker_id}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(_of(file))
        file.flush()
        yield


@dataclass
class Pulse:
    """A worker's own signs of life, and since when they have come without a gap.

    While the database is away nobody is seen. Whoever comes back first would think all others dead; so only a worker
    that has beaten through the whole of `patience` says of another that it has not.
    """

    patience: timedelta
    since: datetime | None = None
    last: datetime | None = None

    def beat(self, now: datetime) -> None:
        """One more sign of life has been written down."""
        if self.since is None or self.last is None or now - self.last > self.patience / 2:
            self.since = now
        self.last = now

    @property
    def is_steady(self) -> bool:
        """Whether the signs have come without a gap for as long as the patience."""
        return self.since is not None and self.last is not None and self.last - self.since >= self.patience


def is_lost(data_dir: Path, worker: SeenWorker, now: datetime, pulse: Pulse) -> bool:
    """Whether the worker has ended without taking its leave: its lock is free, or, where that cannot be told, it has
    not been seen for long by one whose own `pulse` is steady.
    """
    path = data_dir / FOLDER / f"{worker.worker_id}.lock"
    try:
        with path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_its_own = file.read() == _of(file)
    except FileNotFoundError:
        is_its_own = False
    except BlockingIOError:
        return False
    return is_its_own or (pulse.is_steady and now - worker.seen_at > pulse.patience)


def _of(file: TextIO) -> str:
    """Which running system an open file is locked under, and which file it is."""
    try:
        system = BOOT.read_text(encoding="ascii").strip()
    except OSError:
        system = f"{socket.gethostname()} {uuid.getnode()}"
    return f"{system} {os.fstat(file.fileno()).st_ino}"


def clear(data_dir: Path, worker_id: str) -> None:
    """Take away the lock of a worker that is gone."""
    (data_dir / FOLDER / f"{worker_id}.lock").unlink(missing_ok=True)
