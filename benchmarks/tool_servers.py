"""Servers of tools as processes, Freehold's and a peer's, and the one small client that calls both over MCP.

The peer is meta-ads-mcp, unmodified and in an environment of its own; see `peer_collectors`. It takes Meta's token from
the caller with each request, has no store, and is told by its patched HTTP client alone that the Graph is the sandbox.
"""

import asyncio
import contextlib
import itertools
import json
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
from benchmarks.collection_stage import NODE_LIMITS, UNLIMITED, Stage, clean_environment
from benchmarks.peer_collectors import REDIRECT, Peer, installed

from freehold.demo import processes
from freehold.demo.platform import run_command

PEER: Final = Peer("meta-ads-mcp", "1.0.128", "meta-ads-mcp")
REVISION: Final = "2025-06-18"
"""The newest revision of the protocol that both speak; neither keeps a session."""
START_SECONDS: Final = 60
_HEADERS: Final = {
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
    "MCP-Protocol-Version": REVISION,
}
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class ToolServer:
    """A running server of tools: its protocol endpoint, the key or token that it asks for, and its process."""

    name: str
    url: str
    bearer: str
    pid: int


@dataclass(frozen=True)
class Told:
    """An answer: what the protocol's result holds, how many bytes came, and after how many milliseconds."""

    result: Mapping[str, Any]
    size: int
    milliseconds: float


async def ask(
    client: aiohttp.ClientSession, server: ToolServer, method: str, params: Mapping[str, Any], path: str = ""
) -> Told:
    """One request of the protocol; raises `RuntimeError` when it is refused."""
    body = json.dumps({"jsonrpc": "2.0", "id": next(_NUMBERS), "method": method, "params": params})
    headers = {**_HEADERS, "Authorization": f"Bearer {server.bearer}"}
    began = time.perf_counter()
    async with client.post(server.url + path, data=body, headers=headers) as answer:
        read = await answer.read()
    took = (time.perf_counter() - began) * 1000
    message = json.loads(read)
    if answer.status != 200 or "result" not in message:
        raise RuntimeError(f"{server.name} answered {answer.status} to {method}: {read[:500].decode()}")
    return Told(message["result"], len(read), took)


async def call(
    client: aiohttp.ClientSession, server: ToolServer, tool: str, arguments: Mapping[str, Any]
) -> tuple[Told, dict[str, Any]]:
    """One call of a tool, and the object in its text; raises `RuntimeError` when that is an error."""
    told = await ask(client, server, "tools/call", {"name": tool, "arguments": arguments})
    text = told.result["content"][0]["text"]
    failed = told.result.get("isError")
    answer: dict[str, Any] = {} if failed else json.loads(text)
    if isinstance(answer.get("data"), str):  # the peer puts some of its answers into a text once more
        answer = json.loads(answer["data"])
    if failed or "error" in answer:
        raise RuntimeError(f"{server.name} failed at {tool}: {text[:800]}")
    return told, answer


@contextlib.asynccontextmanager
async def served_node(stage: Stage, folder: Path) -> AsyncIterator[ToolServer]:
    """The tools for ads of the node in `folder`, by `freehold node serve`, which begins nothing by itself."""
    scopes = ("--scope", "tools:read", "--scope", "tools:write")
    key = (await run_command(["node", "keys", "add", "bench", *scopes, "--data", str(folder)]))["key"]
    settings = {
        **NODE_LIMITS,
        "FREEHOLD_NODE_SCHEDULES_ON": "false",
        "FREEHOLD_NODE_TOOL_CALLS_PER_MINUTE": UNLIMITED,
    }
    log = stage.folder / f"{folder.name}.log"
    program = await processes.start("node", ["node", "serve", "--data", str(folder)], settings, log)
    try:
        address = f"http://127.0.0.1:{program.ports['meta_ads']}/mcp"
        yield ToolServer("Freehold", address, key, program.process.pid)
    finally:
        await program.stop()


@contextlib.asynccontextmanager
async def served_peer(stage: Stage, token: str) -> AsyncIterator[ToolServer]:
    """The peer's own HTTP server; its home, where it writes a log, is a folder of the stage's."""
    program = await asyncio.to_thread(installed, PEER)
    home = stage.folder / PEER.package
    home.mkdir()
    environment = {
        **clean_environment(),
        "HOME": str(home),
        "PYTHONPATH": str(REDIRECT),
        "GRAPH_SANDBOX": stage.platform.sandbox_url,
        "GRAPH_CLIENTS": "requests,httpx",
    }
    (port,) = processes.free_ports(1)
    options = ("--transport", "streamable-http", "--host", "127.0.0.1", "--port", str(port))
    with (home / "output.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            str(program), *options, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        async with asyncio.timeout(START_SECONDS):
            await _listening(process, port)
        yield ToolServer(PEER.name, f"http://127.0.0.1:{port}/mcp", token, process.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _listening(process: asyncio.subprocess.Process, port: int) -> None:
    while True:
        if process.returncode is not None:
            raise RuntimeError(f"{PEER.name} ended with {process.returncode}")
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.1)
