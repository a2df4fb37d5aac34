"""How long it takes from `make demo` on an installed tree to the clients' reports."""

import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.results import Goal, publish

from freehold.demo import processes

RUNS = 3


def measure() -> dict[str, Any]:
    """One demo from nothing: two clients connected, 90 days collected, reports written."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["demo", "--once", "--json", "--data", str(Path(folder) / "demo")]
        started = time.perf_counter()
        done = subprocess.run(processes.command(*arguments), check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - started
        clients = json.loads(done.stdout.splitlines()[-1])["clients"]
        assert all(Path(client["report"]).stat().st_size > 0 for client in clients)
    return {
        "seconds": round(seconds, 1),
        "clients": len(clients),
        "Instagram insights": sum(client["instagram_insights"] for client in clients),
        "ad insights": sum(client["ad_insights"] for client in clients),
        "Graph calls of each": ", ".join(str(client["graph_calls"]) for client in clients),
    }


def main() -> None:
    """Measure, print, write the result."""
    rows = [{"run": str(number + 1), **measure()} for number in range(RUNS)]
    seconds = statistics.median(row["seconds"] for row in rows)
    publish("first_report", rows, [Goal("seconds from nothing to the reports, median", 60, seconds)])
