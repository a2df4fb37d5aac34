"""Starts PostgreSQL 17 and NocoDB: the real products, on free loopback ports, ended with their blocks.

Whatever runs on Node is not let out of this machine: what it tries is refused, and written down (`outward.js`).
"""

import asyncio
import contextlib
import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import asyncpg
from tests.stack import npm, tools

from freehold.demo.processes import free_ports, inherited_environment
from freehold.kernel.files import write_private
from freehold.kernel.problems import ExplainedError

SUPERUSER = "postgres"
STOP_SECONDS = 20
COMPOSE = files("freehold.node.bootstrap") / "templates" / "compose.yaml"
_SETTING = re.compile(r'^ +(NC_\w+|NODE_ENV): "?([^"$\n]+)"?$', re.MULTILINE)
OUTWARD = Path(__file__).with_name("outward.js")


class ProductError(ExplainedError):
    """A product did not start; the message ends with what it logged last."""


@dataclass
class Program:
    """A running program of a product: its process, where it logs, and the address at which it answers."""

    process: subprocess.Popen[bytes]
    log: Path
    url: str

    @property
    def tried(self) -> list[str]:
        """Where it wanted to connect to outside of this machine, also before it was started again."""
        return written(self.log.parent)

    def stop(self) -> None:
        """End it as an operator would, and by force when it does not end."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a machine that fails would."""
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def program(
    arguments: Sequence[str | Path],
    *,
    url: str,
    ready: str,
    folder: Path,
    environment: Mapping[str, str],
    seconds: float = 120,
) -> Iterator[Program]:
    """Run a program in `folder` until the block ends; begins when `url + ready` answers 200.

    Its log is `program.log` in that folder. Raises `ProductError`.
    """
    log = folder / "program.log"
    environment = {**environment, **watched(folder)}
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [str(argument) for argument in arguments],
            cwd=folder,
            env={**inherited_environment(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )
    running = Program(process, log, url)
    try:
        _wait_until_ready(running, url + ready, seconds)
        yield running
    finally:
        running.stop()


def watched(folder: Path) -> dict[str, str]:
    """The environment in which a program on Node is not let out; what it tries is written down in `folder`."""
    return {"NODE_OPTIONS": f"--require {OUTWARD}", "TRIED_FILE": str(folder / "tried")}


def written(folder: Path) -> list[str]:
    """What was written down there: an address or name in each line; there is nothing to read unless it was watched."""
    return (folder / "tried").read_text(encoding="utf-8").splitlines()


def _wait_until_ready(running: Program, url: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and running.process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    happened = f"did not answer within {seconds:g} s" if running.process.poll() is None else "ended"
    raise ProductError(f"{running.process.args!r} {happened}: {running.log.read_text(errors='replace')[-3000:]}")


@dataclass(frozen=True)
class StackPostgres:
    """A PostgreSQL 17 in which everybody needs a password: its port, the superuser's password, and its folder."""

    port: int
    folder: Path
    password: str = field(repr=False)

    def url(self, database: str = "postgres", role: str = SUPERUSER, password: str | None = None) -> str:
        """The SQLAlchemy address of a database, for the superuser unless another role is named."""
        secret = self.password if password is None else password
        return f"postgresql+asyncpg://{role}:{secret}@127.0.0.1:{self.port}/{database}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser, each on its own."""
        asyncio.run(self._execute(statements, database))

    async def _execute(self, statements: Sequence[str], database: str) -> None:
        connection = await self.connect(database)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def connect(self, database: str = "postgres", role: str = SUPERUSER, password: str | None = None) -> Any:
        """A connection of asyncpg's; whoever opens it closes it."""
        return await asyncpg.connect(self.url(database, role, password).replace("+asyncpg", ""))


@contextlib.contextmanager
def postgres17() -> Iterator[StackPostgres]:
    """PostgreSQL of the stack's major version, empty. Raises `ProductError`."""
    with tempfile.TemporaryDirectory(prefix="freehold-postgres17-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = StackPostgres(free_ports(1)[0], folder, secrets.token_urlsafe(24))
        write_private(folder / "password", server.password)
        owner = _give_to_owner(folder)
        _run(owner, folder, "initdb", "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", folder / "password",
             "-E", "UTF8", "--locale", "C", "--no-sync")  # fmt: skip
        options = f"-h 127.0.0.1 -p {server.port} -k {folder} -c fsync=off -c max_connections=200"
        _run(owner, folder, "pg_ctl", "-l", folder / "server.log", "-w", "-o", options, "start")
        try:
            yield server
        finally:
            _run(owner, folder, "pg_ctl", "-m", "fast", "-w", "stop")


def _give_to_owner(folder: Path) -> list[str]:
    """Put the programs into `folder` and give it to an account that is not root, as PostgreSQL demands.

    Gives the words in front of a command that make it run as that account.
    """
    shutil.copytree(tools.postgres_programs().parent, folder / "programs")
    if os.geteuid() != 0:
        return []
    for path in (folder, folder / "password"):
        shutil.chown(path, "nobody")
    return ["runuser", "-u", "nobody", "--"]


def _run(owner: Sequence[str], folder: Path, name: str, *arguments: str | Path) -> None:
    """Run one of PostgreSQL's programs over its data to its end; a server that it leaves behind keeps the output."""
    command = [*owner, str(folder / "programs" / "bin" / name), "-D", str(folder / "data"), *map(str, arguments)]
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(command, check=False, stdout=output, stderr=output, cwd="/")
        output.seek(0)
        if done.returncode != 0:
            raise ProductError(f"{name} failed: {output.read().decode(errors='replace')[-3000:]}")


@dataclass
class NocoDb:
    """A running NocoDB and its owner's account."""

    url: str
    email: str
    password: str = field(repr=False)
    _start: Callable[[], Program] = field(repr=False)
    program: Program = field(init=False)

    def __post_init__(self) -> None:
        self.program = self._start()

    def restart(self) -> None:
        """End it as an operator would, and start it again at the same address."""
        self.program.stop()
        self.program = self._start()


@contextlib.contextmanager
def nocodb(folder: Path, database: Mapping[str, Any], email: str = "owner@rosa.example") -> Iterator[NocoDb]:
    """NocoDB over the database of its own that `database` describes (host, port, user, password, database).

    Its owner's password is new unless one lies in `folder`, so it can be started again there. Raises `InstallError` or
    `ProductError`.
    """
    project, (port,) = npm.installed("nocodb"), free_ports(1)
    keys = _kept(folder / "keys.json", ("jwt", "connections", "password"))
    write_private(folder / "database.json", json.dumps({"client": "pg", "connection": dict(database)}))
    script = folder / "nocodb.js"
    shutil.copy(Path(__file__).with_name("nocodb.js"), script)
    url = f"http://127.0.0.1:{port}"
    environment = {
        **shipped_environment(),
        "PATH": f"{npm.node_programs()}:{os.environ['PATH']}",
        "NODE_PATH": str(project / "node_modules"),
        "PORT": str(port),
        "NC_DB_JSON_FILE": str(folder / "database.json"),
        "NC_PUBLIC_URL": url,
        "NC_TOOL_DIR": str(folder),
        "NC_ADMIN_EMAIL": email,
        "NC_ADMIN_PASSWORD": keys["password"],
        "NC_AUTH_JWT_SECRET": keys["jwt"],
        "NC_CONNECTION_ENCRYPT_KEY": keys["connections"],
    }
    with contextlib.ExitStack() as stack:

        def start() -> Program:
            run = program(["node", script], url=url, ready="/api/v1/health", folder=folder, environment=environment)
            return stack.enter_context(run)

        yield NocoDb(url, email, keys["password"], start)


def shipped_environment() -> dict[str, str]:
    """What compose sets for every NocoDB alike."""
    return dict(_SETTING.findall(COMPOSE.read_text(encoding="utf-8")))


def _kept(path: Path, names: Sequence[str]) -> dict[str, str]:
    """Random texts by their names, made once for a folder."""
    if not path.exists():
        # NocoDB asks for a capital letter, a digit and a special character in passwords.
        write_private(path, json.dumps({name: f"A1-{secrets.token_urlsafe(24)}" for name in names}))
    kept: dict[str, str] = json.loads(path.read_text())
    return kept
