"""Prints a benchmark's table and writes its result file."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Goal:
    """What was hoped for: `value` is to be at most `limit`."""

    goal: str
    limit: float
    value: float

    @property
    def met(self) -> bool:
        """Whether the value keeps within the limit."""
        return self.value <= self.limit


def publish(name: str, rows: Sequence[Mapping[str, Any]], goals: Sequence[Goal]) -> None:
    """Print the rows and goals of benchmark `name`, and write `results/<name>.json`."""
    console = Console()
    table = Table(title=name)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    for column in columns:
        table.add_column(column, justify="right" if column != columns[0] else "left")
    for row in rows:
        table.add_row(*(str(row.get(column, "")) for column in columns))
    console.print(table)
    for goal in goals:
        console.print(f"{'met   ' if goal.met else 'MISSED'}  {goal.goal}: {goal.value:g} (at most {goal.limit:g})")
    content = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "rows": list(rows),
        "goals": [{**asdict(goal), "met": goal.met} for goal in goals],
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")


def machine() -> str:
    """What the numbers were measured on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {platform.system()}"


def cpu_seconds(pid: int) -> float:
    """CPU time, user and system, that the process and its living children have used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return ticks / os.sysconf("SC_CLK_TCK") + sum(cpu_seconds(int(child)) for child in children)


def resident_megabytes(pid: int) -> float:
    """Resident memory of the process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)
