"""All commands in one tree. A command loads only the services that it is about, so that it answers at once."""

import importlib
import sys
from collections.abc import Sequence

import typer

MODULES = {
    "demo": "demos",
    "prove": "demos",
    "doctor": "doctors",
    "broker": "brokers",
    "node": "nodes",
    "sandbox": "sandboxes",
    "clients": "operators",
    "testers": "operators",
    "events": "operators",
}
"""Command -> the module beside this one that has it, in the order of the help."""


def build(arguments: Sequence[str] = ()) -> typer.Typer:
    """The tree of commands: all of them, or only those of the module that `arguments` begin with."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback()(freehold)
    wanted = MODULES.get(arguments[0]) if arguments else None
    for name in dict.fromkeys(MODULES.values()) if wanted is None else [wanted]:
        importlib.import_module(f"freehold.cli.{name}").register(app)
    return app


def freehold() -> None:
    """Self-hosted social intelligence: one broker for the agency, one node for each client."""


def main() -> None:
    """The `freehold` command."""
    build(sys.argv[1:])()
