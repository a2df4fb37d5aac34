"""Starts n8n as the stack ships it: main process and worker over PostgreSQL and Redis, with the environment of
`n8n.env`, on free loopback ports.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.stack import npm
from tests.stack.products import Program, program

from freehold.demo.processes import free_ports
from freehold.kernel.files import write_private

EMAIL = "owner@rosa.example"
SHIPPED = files("freehold.node.bootstrap") / "templates" / "n8n.env"
START_SECONDS = 180
KEY_SETTING = "N8N_ENCRYPTION_KEY_FILE"
KEPT_APART = (KEY_SETTING.lower(), "owner_password")
"""Files of an n8n's folder that no backup holds; with them in another folder it is the same n8n there."""
STRANGER = "127.0.0.2"
"""A host that workflows may reach, and that is not the node's."""


def shipped_environment() -> dict[str, str]:
    """The environment that compose gives to n8n."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


class Cluster:
    """An n8n: a main process and a worker over one database and one queue; both end with its block."""

    def __init__(self, folder: Path, database: Mapping[str, Any], redis_url: str) -> None:
        self.folder, self.stack = folder, contextlib.ExitStack()
        self.main: Program | None = None
        self.worker: Program | None = None
        self.ports = free_ports(4)
        self.url = f"http://127.0.0.1:{self.ports[0]}"
        self.password_file = folder / "owner_password"
        _write_once(self.password_file, f"Aa1{secrets.token_urlsafe(16)}")
        self.environment = _environment(folder, database, redis_url, self.url)

    @property
    def logs(self) -> list[Path]:
        """What both processes have written."""
        return [self.folder / name / "program.log" for name in ("main", "worker")]

    def start_main(self) -> None:
        """Start the main process, which shows the editor, keeps schedules and takes webhooks."""
        port, broker, _, _ = self.ports
        self.main = self._start("main", ["start"], self.url, {"N8N_PORT": port, "N8N_RUNNERS_BROKER_PORT": broker})

    def start_worker(self) -> None:
        """Start the worker, which executes."""
        _, _, health, broker = self.ports
        chosen = {"QUEUE_HEALTH_CHECK_PORT": health, "N8N_RUNNERS_BROKER_PORT": broker}
        self.worker = self._start("worker", ["worker", "--concurrency=5"], f"http://127.0.0.1:{health}", chosen)

    def restart_main(self) -> None:
        """Stop the main process as an operator would, and start it again."""
        assert self.main is not None
        self.main.stop()
        self.start_main()

    def kill_worker(self) -> None:
        """End the worker as a machine that fails would."""
        assert self.worker is not None
        self.worker.kill()

    def _start(self, name: str, words: list[str], url: str, chosen: Mapping[str, int]) -> Program:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        environment = {
            **self.environment,
            "N8N_USER_FOLDER": str(folder),
            **{name: str(port) for name, port in chosen.items()},
        }
        binary = npm.installed("n8n") / "node_modules" / "n8n" / "bin" / "n8n"
        return self.stack.enter_context(
            program(
                ["node", binary, *words],
                url=url,
                ready="/healthz/readiness",
                folder=folder,
                environment=environment,
                seconds=START_SECONDS,
            )
        )


@contextlib.contextmanager
def n8n(folder: Path, database: Mapping[str, Any], redis_url: str) -> Iterator[Cluster]:
    """n8n over the database of its own that `database` describes (host, port, user, password, database).

    Raises as `nocodb`.
    """
    cluster = Cluster(folder, database, redis_url)
    with cluster.stack:
        cluster.start_main()  # it makes the tables; a worker that starts beside it would make them too
        cluster.start_worker()
        yield cluster


def _environment(folder: Path, database: Mapping[str, Any], redis_url: str, url: str) -> dict[str, str]:
    """What is shipped, with this machine's addresses and secrets in place of compose's."""
    environment = {**shipped_environment(), **_addresses(database, redis_url, url)}
    texts = {
        "DB_POSTGRESDB_PASSWORD_FILE": database["password"],
        KEY_SETTING: secrets.token_urlsafe(32),
        "QUEUE_BULL_REDIS_PASSWORD_FILE": secrets.token_urlsafe(24),
    }
    for name, text in texts.items():
        environment[name] = str(folder / name.lower())
        _write_once(folder / name.lower(), text)
    return environment


def _write_once(path: Path, text: str) -> None:
    if not path.exists():
        write_private(path, text)


def _addresses(database: Mapping[str, Any], redis_url: str, url: str) -> dict[str, str]:
    redis = urlsplit(redis_url)
    return {
        "PATH": f"{npm.node_programs()}:{os.environ['PATH']}",
        "NODE_ENV": "production",
        "DB_POSTGRESDB_HOST": database["host"],
        "DB_POSTGRESDB_PORT": str(database["port"]),
        "DB_POSTGRESDB_DATABASE": database["database"],
        "DB_POSTGRESDB_USER": database["user"],
        "QUEUE_BULL_REDIS_HOST": str(redis.hostname),
        "QUEUE_BULL_REDIS_PORT": str(redis.port),
        "N8N_LISTEN_ADDRESS": "127.0.0.1",
        "N8N_WORKER_SERVER_ADDRESS": "127.0.0.1",
        "N8N_WEBHOOK_URL": f"{url}/",
        "N8N_SSRF_ALLOWED_HOSTNAMES": "localhost",
        "N8N_SSRF_ALLOWED_IP_RANGES": f"{STRANGER}/32",
    }
