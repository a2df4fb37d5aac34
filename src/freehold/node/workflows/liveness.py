"""Whether a worker is alive: at once for those that share this folder, by when it was last seen for all others.

A worker holds a lock on a file of its own for as long as its process lives; the system lets go of it however the
process ends.
"""

import contextlib
import fcntl
import os
import secrets
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from freehold.node.runs.workers import SeenWorker

FOLDER = "workers"
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
        yield


def is_lost(data_dir: Path, worker: SeenWorker, now: datetime, patience: timedelta) -> bool:
    """Whether the worker has ended without taking its leave: its lock is free, or it has not been seen for long."""
    path = data_dir / FOLDER / f"{worker.worker_id}.lock"
    try:
        with path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return now - worker.seen_at > patience
    except BlockingIOError:
        return False
    return True


def clear(data_dir: Path, worker_id: str) -> None:
    """Take away the lock of a worker that is gone."""
    (data_dir / FOLDER / f"{worker_id}.lock").unlink(missing_ok=True)
