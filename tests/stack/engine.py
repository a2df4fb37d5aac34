"""A container engine of the tests' own: dockerd by hand, over images that are kept from one run to the next.

Nothing can be pulled here. A Debian made with debootstrap stands for Python's image, one image with Debian's PostgreSQL
and Redis and the real Caddy stands for those of others, and ours is built from the project's Dockerfile as it is.

It runs twice over the same folder: once in the machine's own network, where a build reaches package registries and no
bridge or rule is made; then inside a host's namespace, where its bridges and rules touch nobody.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.stack.hosts import Host
from tests.stack.tools import Tools, cache

ROOT = Path(__file__).resolve().parents[2]
STANDINS = Path(__file__).parent / "standins"
NEEDED = {"dockerd": "docker.io", "docker": "docker.io", "debootstrap": "debootstrap", "iptables": "iptables"}
RELEASE, PACKAGES = "trixie", "ca-certificates,python3,python3-venv"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
OURS = f"freehold:{version('freehold')}"
BASE = "python:3.12.12-slim-trixie"
PLAYED = {
    "postgres:17.7-bookworm": 'ENTRYPOINT ["docker-entrypoint.sh"]\nCMD ["postgres"]',
    "redis:7.2.11-bookworm": 'CMD ["redis-server"]',
    "caddy:2.11.7-alpine": 'CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]',
    "n8nio/n8n:2.40.7": 'ENTRYPOINT ["n8n"]',
    "nocodb/nocodb:0.301.3": 'ENTRYPOINT ["sh", "/usr/src/appEntry/start.sh"]',
}
"""The images of others that the stacks name, and how each starts."""
START_SECONDS, STOP_SECONDS = 60, 60


class NoEngineError(Exception):
    """No engine can run on this machine; the message says why."""


def missing() -> str:
    """Why no engine can run here; empty when nothing is known against it."""
    if os.geteuid() != 0:
        return "a container engine needs root"
    packages = {package for program, package in NEEDED.items() if shutil.which(program) is None}
    return f"not installed: {', '.join(sorted(packages))}" if packages else ""


@dataclass(frozen=True)
class Engine:
    """A running dockerd."""

    socket: Path
    tools: Tools

    def docker(self, *arguments: str | Path, typed: str | None = None) -> str:
        """What `docker <arguments>` prints; raises `AssertionError` with its output when it fails."""
        return self._run("docker", *arguments, typed=typed)

    def compose(self, folder: Path, *arguments: str | Path, typed: str | None = None) -> str:
        """What `docker compose <arguments>` prints in a stack's folder; raises `AssertionError` with the logs."""
        program = (self.tools.compose, "--ansi", "never")
        try:
            return self._run(*program, *arguments, cwd=folder, typed=typed)
        except AssertionError as error:
            with contextlib.suppress(AssertionError):
                error.add_note(self._run(*program, "logs", "--tail", "15", cwd=folder)[-6000:])
            raise

    def inspect(self, container: str) -> dict[str, Any]:
        """What the engine tells of a container."""
        found: dict[str, Any] = json.loads(self.docker("inspect", container))[0]
        return found

    def build(self, tag: str, context: Path, dockerfile: str | None = None) -> None:
        """Build an image in the machine's own network."""
        given = ("--file", "-") if dockerfile is not None else ()
        self.docker("build", "--quiet", "--network=host", "--tag", tag, *given, context, typed=dockerfile)

    def has(self, tag: str) -> bool:
        """Whether there is such an image."""
        return bool(self.docker("image", "ls", "--quiet", tag).strip())

    def _run(self, *words: str | Path, cwd: Path | None = None, typed: str | None = None) -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.socket.parent), "DOCKER_BUILDKIT": "0"}
        done = subprocess.run(
            list(map(str, words)),
            env={**environment, "DOCKER_HOST": f"unix://{self.socket}"},
            cwd=cwd,
            input=typed,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{' '.join(map(str, words))}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout


@contextlib.contextmanager
def daemon(tools: Tools, host: Host | None) -> Iterator[Engine]:
    """An engine over the kept images, in a host's network or in the machine's own; raises `NoEngineError`."""
    place = cache() / "engine"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock, _folder() as name:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = Path(name)
        engine = Engine(run / "docker.sock", tools)
        with (run / "dockerd.log").open("w") as log:
            process = subprocess.Popen(_words(place / "root", run, host), stdout=log, stderr=log)
        try:
            _wait_until_ready(engine, process, run / "dockerd.log")
            yield engine
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def _folder() -> Iterator[str]:
    """A folder for sockets and the like; dockerd leaves the network that it mounted there behind."""
    with tempfile.TemporaryDirectory(prefix="freehold-engine-", ignore_cleanup_errors=True) as name:
        try:
            yield name
        finally:
            subprocess.run(["umount", f"{name}/exec/netns/default"], check=False, capture_output=True)


def _words(root: Path, run: Path, host: Host | None) -> list[str]:
    shared = [
        *("dockerd", "--data-root", str(root), "--exec-root", str(run / "exec"), "-H", f"unix://{run}/docker.sock"),
        *(
            "--pidfile",
            str(run / "docker.pid"),
            "--exec-opt",
            "native.cgroupdriver=cgroupfs",
            "--oom-score-adjust",
            "0",
        ),
    ]
    if host is None:
        alone = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false")
        return [*shared, *alone]
    pools = ("--bip=10.90.0.1/24", "--default-address-pool", "base=10.91.0.0/16,size=24")
    return ["nsenter", f"--net=/run/netns/{host.namespace}", *shared, *pools]


def _wait_until_ready(engine: Engine, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(AssertionError):
            engine.docker("version")
            return
        time.sleep(0.2)
    said = log.read_text().strip().splitlines()
    raise NoEngineError(f"dockerd does not start here: {said[-1] if said else 'it says nothing'}")


def prepare(engine: Engine) -> None:
    """Build every image that the stacks name, as far as it is not there already."""
    _sweep(engine)
    based = f"freehold-base:{hashlib.sha256(f'{RELEASE} {PACKAGES}'.encode()).hexdigest()[:16]}"
    if not engine.has(based):
        _import_base(engine, based)
    engine.docker("tag", based, BASE)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(STANDINS.iterdir()))).hexdigest()[:16]
    played = f"freehold-standins:{digest}"
    if not engine.has(played):
        with tempfile.TemporaryDirectory() as name:
            context = Path(shutil.copytree(STANDINS, Path(name) / "context"))
            shutil.copy(engine.tools.caddy, context / "caddy")
            engine.build(played, context)
    for tag, start in PLAYED.items():
        engine.build(tag, STANDINS, f"FROM {played}\n{start}\n")
    engine.build(OURS, ROOT)


def _sweep(engine: Engine) -> None:
    """Remove what a run that was killed has left: containers would begin again with the engine."""
    containers = engine.docker("ps", "--all", "--quiet").split()
    if containers:
        engine.docker("rm", "--force", "--volumes", *containers)
    volumes = engine.docker("volume", "ls", "--quiet").split()
    if volumes:
        engine.docker("volume", "rm", "--force", *volumes)
    engine.docker("network", "prune", "--force")
    engine.docker("image", "prune", "--force", "--filter", "until=168h")


def _import_base(engine: Engine, tag: str) -> None:
    """Debian with Python, in the place of Python's image; it trusts whom this machine trusts."""
    with tempfile.TemporaryDirectory(dir=cache(), prefix=".base-") as name:
        tree, archive = Path(name) / "tree", Path(name) / "base.tar"
        options = ("--variant=minbase", f"--include={PACKAGES}")
        subprocess.run(["debootstrap", *options, RELEASE, tree], check=True, capture_output=True)
        if AUTHORITIES.exists():
            shutil.copy(AUTHORITIES, tree / AUTHORITIES.relative_to("/"))
        (tree / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        without = [f"--exclude=./{each}" for each in ("var/cache/apt/archives/*.deb", "proc/*", "sys/*", "dev/*")]
        subprocess.run(["tar", "-C", tree, *without, "-cf", archive, "."], check=True)
        change = [
            f"ENV PIP_CERT={AUTHORITIES}",
            "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ]
        engine.docker("import", *(word for each in change for word in ("--change", each)), archive, tag)


def kill(process: int) -> None:
    """End a container's program from outside, as the kernel does when memory runs out."""
    os.kill(process, signal.SIGKILL)


def status(process: int) -> Mapping[str, str]:
    """What the kernel says about a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
