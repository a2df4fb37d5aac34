"""The floor of calls is counted by a script that shares no code with the client."""

import ast
import sys
from pathlib import Path

FLOOR = Path(__file__).resolve().parents[2] / "benchmarks" / "floor.py"


def test_the_floor_knows_the_sandbox_alone() -> None:
    """It imports the standard library and the sandbox, which imports nothing of the client either."""
    imported = {
        name
        for node in ast.walk(ast.parse(FLOOR.read_text()))
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
        + ([node.module or "."] if isinstance(node, ast.ImportFrom) else [])
    }
    foreign = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}

    assert foreign
    assert all(name.startswith("freehold.sandbox.") for name in foreign), foreign
