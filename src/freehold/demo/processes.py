"""Starts the other programs of Freehold as an operator would, and knows when they are ready."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from freehold.kernel.problems import ExplainedError

START_SECONDS = 60
STOP_SECONDS = 15


class StartError(ExplainedError):
    """A program did not become ready; the message names its log file."""


@dataclass(frozen=True)
class Program:
    """A running program: its listeners' ports by name, and where it logs."""

    name: str
    process: asyncio.subprocess.Process
    ports: Mapping[str, int]
    log: Path

    async def stop(self) -> None:
        """End the program, gently first."""
        if self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


def command(*arguments: str) -> list[str]:
    """The command line of `freehold ...` in this same installation."""
    return [sys.executable, "-m", "freehold.cli", *arguments]


@contextlib.asynccontextmanager
async def running(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`freehold <arguments>` with its output in pipes; it ends with the block at the latest, however the block ends."""
    process = await asyncio.create_subprocess_exec(
        *command(*arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**inherited_environment(), **(environment or {})},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def start(name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Program:
    """Start `freehold <arguments>` and wait until its log says `listener.ready`; raises `StartError`."""
    before = log.stat().st_size if log.exists() else 0
    with log.open("ab") as sink:
        process = await asyncio.create_subprocess_exec(
            *command(*arguments),
            stdout=sink,
            stderr=sink,
            stdin=asyncio.subprocess.DEVNULL,
            env={**inherited_environment(), **environment},
        )
    try:
        async with asyncio.timeout(START_SECONDS):
            ports = await _ready(process, log, before, name)
    except TimeoutError:
        process.kill()
        raise StartError(f"{name} did not start within {START_SECONDS} s; see {log}") from None
    except BaseException:
        process.kill()  # whoever gave up waiting does not know this process
        raise
    return Program(name=name, process=process, ports=ports, log=log)


async def _ready(process: asyncio.subprocess.Process, log: Path, before: int, name: str) -> dict[str, int]:
    """The ports that the program's log, read from the byte `before`, names once it listens."""
    while True:
        if process.returncode is not None:
            raise StartError(f"{name} stopped while starting; see {log}")
        with log.open("rb") as source:
            source.seek(before)
            for line in source:
                ports = _ports(line)
                if ports is not None:
                    return ports
        await asyncio.sleep(0.05)


def _ports(line: bytes) -> dict[str, int] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if isinstance(event, dict) and event.get("event") == "listener.ready":
        return {str(name): int(port) for name, port in event["ports"].items()}
    return None


def inherited_environment() -> dict[str, str]:
    """This process's environment without settings of Freehold's that belong to another installation."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FREEHOLD_")}


def free_ports(count: int) -> list[int]:
    """Loopback ports that were free a moment ago, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for bound in sockets:
            bound.bind(("127.0.0.1", 0))
        return [int(bound.getsockname()[1]) for bound in sockets]
    finally:
        for bound in sockets:
            bound.close()
