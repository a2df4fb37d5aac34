"""How much memory `freehold node serve` takes: idle after its start, and at most while it collects.

The node serves all its listeners on SQLite, with its schedules running, connected but with nothing collected. Then the
workflow that collects everything is ordered at its port, as n8n would, for an Instagram account with 2 000 posts and an
ad account with 1 000 ads; the peak is the process's own (VmHWM).
"""

import asyncio
import json
import statistics
import time
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks.collection_stage import ADS, INSTAGRAM, NODE_LIMITS, Stage, staged
from benchmarks.results import Goal, cpu_seconds, publish, resident_megabytes

from freehold.demo import processes
from freehold.demo.platform import Member, run_command
from freehold.sandbox.settings import Scale

SCALE = {1: Scale(posts=2000, always_professional=True), 2: Scale(ads=1000)}
SETTLE_SECONDS = 20
POLL_SECONDS = 2
DAYS = 90
OPEN = ("queued", "running")


def peak_megabytes(pid: int) -> float:
    """The most resident memory that a process has had so far."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


async def measure(stage: Stage, member: Member) -> dict[str, Any]:
    """Serve one node: idle memory and CPU, then a collection through its port."""
    folder = stage.copy_of_node(member, f"{member.client_id}-served")
    key = (await run_command(["node", "keys", "add", "bench", "--scope", "workflows", "--data", str(folder)]))["key"]
    program = await processes.start(
        "node", ["node", "serve", "--data", str(folder)], NODE_LIMITS, stage.folder / f"{member.client_id}.log"
    )
    try:
        pid = program.process.pid
        started = peak_megabytes(pid)
        await asyncio.sleep(SETTLE_SECONDS)
        before = cpu_seconds(pid)
        samples = []
        for _ in range(5):
            samples.append(resident_megabytes(pid))
            await asyncio.sleep(1)
        idle_cpu = (cpu_seconds(pid) - before) / 5
        begun = time.perf_counter()
        run = await asyncio.to_thread(_collect, program.ports["workflows"], key)
        seconds = time.perf_counter() - begun
        return {
            "node": f"{member.client_id}: {run['outcome']}",
            "after start MB": round(started),
            "idle MB": round(statistics.median(samples)),
            "idle CPU %": round(100 * idle_cpu, 1),
            "peak while collecting MB": round(peak_megabytes(pid)),
            "after collecting MB": round(resident_megabytes(pid)),
            "collection s": round(seconds, 1),
        }
    finally:
        await program.stop()


def _collect(port: int, key: str) -> dict[str, Any]:
    """Order the collection and wait for its end."""
    run = _ask(port, key, "/workflows/collection/runs", json.dumps({"days": DAYS}).encode())
    while run.get("outcome", "queued") in OPEN:
        time.sleep(POLL_SECONDS)
        run = _ask(port, key, f"/runs/{run['run_id']}", None)
    return run


def _ask(port: int, key: str, path: str, body: bytes | None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
        found: dict[str, Any] = json.loads(answer.read())
    return found


async def run() -> list[dict[str, Any]]:
    """One node with Instagram, one with ads."""
    async with staged(SCALE, (INSTAGRAM, ADS)) as stage:
        return [await measure(stage, member) for member in (INSTAGRAM, ADS)]


def main() -> None:
    """Measure, print, write the result."""
    rows = asyncio.run(run())
    publish("node_footprint", rows, [Goal("idle MB of `freehold node serve`", 200, max(r["idle MB"] for r in rows))])
