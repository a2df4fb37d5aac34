"""Installs the real products from npm, pinned by the locks beside this module, into a cache outside the clone.

`installed("nocodb")` gives a folder with `node_modules`. Its name holds a hash of `package.json` and
`package-lock.json`, so another lock is another folder. It appears by one rename, so it is whole or not there, and
whoever comes second waits for whoever installs. Node 24 and npm come from npm too: of the machine, any npm will do.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from freehold.kernel.problems import ExplainedError

LOCKS = Path(__file__).parent / "locks"
INSTALL_SECONDS = 1200
_QUIET = {
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_loglevel": "error",
    "npm_config_progress": "false",
    "npm_config_update_notifier": "false",
    "npm_config_omit_lockfile_registry_resolved": "true",
}


class InstallError(ExplainedError):
    """A project could not be installed; the message says what is missing or what npm said."""


def installed(project: str) -> Path:
    """The folder of a project of `locks`, installed now unless it was before; raises `InstallError`."""
    source, cache = LOCKS / project, _cache()
    target = cache / f"{project}-{_key(source)}"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / f"{project}.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            if not target.exists():
                _install(source, target)
    return target


def node_programs() -> Path:
    """The folder with `node` (24) and `npm`, to be first on a program's PATH; raises `InstallError`."""
    return installed("node") / "node_modules" / ".bin"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "freehold" / "npm"


def _key(source: Path) -> str:
    """A hash of everything that decides what is installed."""
    texts = [(source / name).read_bytes() for name in ("package.json", "package-lock.json")]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def _install(source: Path, target: Path) -> None:
    """Install beside `target`, then put it in its place. What an interrupted installation left is removed first."""
    prefix = f".{source.name}-"
    for left in target.parent.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=prefix, ignore_cleanup_errors=True) as name:
        folder = Path(name) / "project"
        shutil.copytree(source, folder)
        _run_npm(folder, source.name)
        folder.replace(target)


def _run_npm(folder: Path, project: str) -> None:
    """`npm install` by the lock, without scripts of packages; `npm ci` refuses locks that name other platforms."""
    path = os.environ["PATH"] if project == "node" else f"{node_programs()}:{os.environ['PATH']}"
    npm = shutil.which("npm", path=path)
    if npm is None:
        raise InstallError("npm is missing: apt-get install npm")
    lock = folder / "package-lock.json"
    before = lock.read_bytes()
    done = subprocess.run(
        [npm, "install", "--ignore-scripts"],
        cwd=folder,
        env={**os.environ, **_QUIET, "PATH": path},
        check=False,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
    )
    if done.returncode != 0:
        raise InstallError(f"npm could not install {project}: {done.stderr.strip()[-2000:]}")
    if not _versions(lock.read_bytes()).items() <= _versions(before).items():
        raise InstallError(f"npm installed something that the lock of {project} does not name; renew the lock")


def _versions(lock: bytes) -> dict[str, tuple[str | None, str | None]]:
    """Every package of a lock with its version and digest.

    An installation may have fewer: npm leaves out what others name as an optional peer, or not, as it likes.
    """
    packages = json.loads(lock)["packages"]
    return {name: (package.get("version"), package.get("integrity")) for name, package in packages.items()}
