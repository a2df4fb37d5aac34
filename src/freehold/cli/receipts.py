"""How a run went, as commands tell it."""

from typing import Any

from freehold.node.runs.queries import RunRecord


def receipt(run: RunRecord) -> dict[str, Any]:
    """How a run went, in numbers and words for machines."""
    return {
        "run_id": run.run_id,
        "outcome": run.outcome,
        "graph_calls": run.graph_calls,
        "floor_calls": round(run.floor_calls),
        "failures": dict(run.failures),
    }


def told(run: RunRecord) -> str:
    """A run's receipt as a person reads it."""
    return f"{run.graph_calls} Graph calls; floor {run.floor_calls:.0f}"
