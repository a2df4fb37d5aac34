"""PostgreSQL and Redis of this run's own, from the machine's packages, on free loopback ports, gone afterwards."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from freehold.demo.processes import free_ports
from freehold.kernel.problems import ExplainedError

START_SECONDS = 20


class ProgramMissingError(ExplainedError):
    """A program is not installed; the message says how to install it."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server: its port, its folder, where its programs are, and how to run them as its owner."""

    port: int
    folder: Path
    programs: Path
    prefix: tuple[str, ...]

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database."""
        return f"postgresql+asyncpg://freehold@127.0.0.1:{self.port}/{database}"

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        """Run one of PostgreSQL's programs to its end; raises `CalledProcessError`."""
        return _quietly([*self.prefix, str(self.programs / program), *map(str, arguments)])


def postgres_programs() -> Path:
    """The folder of PostgreSQL's programs, newest version first; raises `ProgramMissingError`."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not versions and not on_path:
        raise ProgramMissingError("PostgreSQL is missing: apt-get install postgresql")
    return versions[-1].parent if versions else Path(str(on_path)).parent


@contextlib.contextmanager
def postgres() -> Iterator[PostgresServer]:
    """A new PostgreSQL server with the role `freehold`; it is gone afterwards. Raises `ProgramMissingError`."""
    programs = postgres_programs()
    with tempfile.TemporaryDirectory(prefix="freehold-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = PostgresServer(free_ports(1)[0], folder, programs, _as_owner(folder))
        data = folder / "data"
        server.run("initdb", "-D", data, "-U", "freehold", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync")
        options = f"-h 127.0.0.1 -p {server.port} -k {folder} -c fsync=off -c max_connections=200"
        server.run("pg_ctl", "-D", data, "-l", folder / "server.log", "-w", "-o", options, "start")
        try:
            yield server
        finally:
            server.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@dataclass(frozen=True)
class RedisServer:
    """A running server: its address and the folder into which it saves."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def redis() -> Iterator[RedisServer]:
    """A new Redis server; it is gone afterwards. Raises `ProgramMissingError`."""
    program = shutil.which("redis-server")
    if program is None:
        raise ProgramMissingError("Redis is missing: apt-get install redis-server")
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="freehold-redis-", ignore_cleanup_errors=True) as folder:
        arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL)  # noqa: S603 - our own words
        try:
            wait_for(port)
            yield RedisServer(f"redis://127.0.0.1:{port}/0", Path(folder), process)
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


def _as_owner(folder: Path) -> tuple[str, ...]:
    """PostgreSQL refuses to run as root, so there it runs as the account that its package made."""
    if os.geteuid() != 0:
        return ()
    shutil.chown(folder, "postgres")
    return ("runuser", "-u", "postgres", "--")


def _quietly(arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end. Its output goes to a file, since a server it leaves behind keeps what it was given."""
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(arguments, check=False, stdout=output, stderr=output, cwd="/")  # noqa: S603 - our own words
        output.seek(0)
        finished = subprocess.CompletedProcess(arguments, done.returncode, stdout=output.read())
    finished.check_returncode()
    return finished


def wait_for(port: int) -> None:
    """Wait until something listens on the loopback port; raises `TimeoutError`."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on port {port}")
