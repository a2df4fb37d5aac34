"""The two container stacks as an operator writes them, in a folder of the test's own."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

APP_SECRET = "stack-app-secret-0123456789"
DOMAIN = "northwind.test"
BROKER_HOST = "connect.agency.test"


def freehold(*arguments: str | Path, typed: str = "") -> str:
    """What `freehold <arguments>` printed; raises `CalledProcessError` when it failed."""
    command = [sys.executable, "-m", "freehold.cli", *map(str, arguments)]
    return subprocess.run(command, input=typed, check=True, capture_output=True, text=True).stdout


def write_node(folder: Path, *more: str | Path, operators: Sequence[str] = ("203.0.113.0/24",)) -> Path:
    """A client's machine's stack, whose certificate is a file."""
    freehold(
        *("node", "stack", folder, "--domain", DOMAIN, "--email", f"ops@{DOMAIN}"),
        *(word for network in operators for word in ("--operators", network)),
        *("--tls", "certificate.pem key.pem", *more),
    )
    return folder


def write_broker(folder: Path, *more: str | Path, operators: Sequence[str] = ("203.0.113.0/24",)) -> Path:
    """A broker's stack, whose certificate is a file."""
    freehold(
        *("broker", "stack", folder, "--host", BROKER_HOST, "--tls", "certificate.pem key.pem"),
        *(word for network in operators for word in ("--operators", network)),
        *("--meta-app-id", "1234567890123456", *more),
        typed=f"{APP_SECRET}\n",
    )
    return folder


def parameters(folder: Path) -> dict[str, str]:
    """The lines of a stack's `.env`."""
    lines = (folder / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
