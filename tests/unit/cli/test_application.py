"""The tree of commands, of which only the part that is asked for is loaded."""

import json
import subprocess
import sys
from typing import Any

import pytest
import typer

from freehold.cli import build
from freehold.cli.application import COMMANDS, NODE

LISTENING = {"fastapi", "starlette", "uvicorn", "jinja2"}
ELSEWHERE = {"redis", "prometheus_client", "matplotlib", "apprise", "freehold.broker", "freehold.demo"}
PATHS = [*([name] for name in COMMANDS), *([NODE.name, name] for name in NODE.commands)]


def commands(arguments: list[str]) -> dict[str, Any]:
    """The commands of the tree that is built for `arguments`, as typer makes them."""
    tree: Any = typer.main.get_command(build(arguments))
    return dict(tree.commands)


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_a_command_is_found_when_only_its_part_of_the_tree_is_built(path: list[str]) -> None:
    """The module that is loaded for a command has it."""
    found = commands(path)
    for name in path:
        assert name in found
        found = getattr(found[name], "commands", {})


def test_help_shows_every_command() -> None:
    """Without the name of a command all are there, and no module has one that nobody could call."""
    found = commands(["--help"])

    assert set(found) == set(COMMANDS)
    assert set(found[NODE.name].commands) == set(NODE.commands)


@pytest.mark.parametrize(
    ("command", "unneeded"),
    [
        ("collect", LISTENING | ELSEWHERE | {"alembic"}),
        ("worker", LISTENING | ELSEWHERE),
        ("runs", LISTENING | ELSEWHERE | {"alembic", "dbos"}),
    ],
)
def test_a_command_of_the_node_loads_only_what_it_needs(command: str, unneeded: set[str]) -> None:
    """No web framework, server, Redis or charts are loaded by a command that answers nobody and draws nothing."""
    program = "import json, sys; from freehold.cli import build; build(sys.argv[1:]); print(json.dumps([*sys.modules]))"
    told = subprocess.run(
        [sys.executable, "-c", program, "node", command], check=True, capture_output=True, text=True, timeout=60
    )

    loaded = set(json.loads(told.stdout))
    assert "freehold.node.context" in loaded
    assert not loaded & unneeded
