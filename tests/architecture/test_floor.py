"""The floor of calls is counted by a script that shares no code with the client."""

import ast
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.mark.parametrize("script", ["floor.py", "ads_floor.py"])
def test_the_floor_knows_the_sandbox_alone(script: str) -> None:
    """It imports the standard library and the sandbox, which imports nothing of the client either."""
    imported = {
        name
        for node in ast.walk(ast.parse((BENCHMARKS / script).read_text()))
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
        + ([node.module or "."] if isinstance(node, ast.ImportFrom) else [])
    }
    foreign = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    foreign -= {"benchmarks.floor"}

    assert foreign
    assert all(name.startswith("freehold.sandbox.") for name in foreign), foreign
