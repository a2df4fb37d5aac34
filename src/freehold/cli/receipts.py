"""How a run went, as commands tell it."""

from freehold.node.runs.queries import RunRecord


def told(run: RunRecord) -> str:
    """A run's receipt as a person reads it."""
    return f"{run.graph_calls} Graph calls; floor {run.floor_calls:.0f}"
