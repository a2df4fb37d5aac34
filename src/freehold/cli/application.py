"""All commands in one tree. A command loads only the modules that it is about, so that it answers at once."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import typer

from freehold.kernel.loading import loading


@dataclass(frozen=True, eq=False)
class Group:
    """Commands below a command."""

    name: str
    help: str
    commands: Mapping[str, str]


NODE = Group(
    "node",
    "One client's node: owns its tokens and data.",
    {
        "stack": "node_stack",
        "init": "node_setup",
        "set-broker-key": "node_setup",
        "serve": "node_serving",
        "worker": "node_workers",
        "assets": "node_assets",
        "confirm": "node_assets",
        "collect": "collecting",
        "backfill": "collecting",
        "runs": "runs",
        "budget": "budget",
        "coverage": "coverage",
        "report": "node_reports",
        "share": "report_sharing",
        "shares": "report_sharing",
        "unshare": "report_sharing",
        "export": "exporting",
        "recommend": "recommendations",
        "recommendations": "recommendations",
        "renew": "node_credentials",
        "connect-link": "node_credentials",
        "rotate-keys": "node_credentials",
        "give-up-unreadable": "node_credentials",
        "keys": "node_keys",
        "prune": "pruning",
        "bootstrap": "node_bootstrap",
        "competitors": "competitors",
        "notify": "notifications",
        "approvals": "approvals",
        "changes": "changes",
        "pause-everything": "changes",
        "rules": "spending_rules",
        "doctor": "databases",
        "backup": "node_backups",
        "restore": "node_backups",
    },
)
COMMANDS: Mapping[str, str | Group] = {
    "demo": "demos",
    "prove": "demos",
    "doctor": "doctors",
    "broker": "brokers",
    "node": NODE,
    "mcp": "tool_services",
    "backup-key": "backup_keys",
    "sandbox": "sandboxes",
    "clients": "operators",
    "testers": "operators",
    "events": "operators",
}
"""Command -> the module beside this one that has it, or the commands below it, in the order of the help."""


def build(arguments: Sequence[str] = ()) -> typer.Typer:
    """The tree of commands: all of them, or only those of the module that `arguments` begin with."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback()(freehold)
    _fill(app, COMMANDS, arguments)
    return app


def _fill(app: typer.Typer, commands: Mapping[str, str | Group], arguments: Sequence[str]) -> None:
    """Put `commands` into `app`: those that the first of `arguments` names, or all when it names none of them."""
    asked = commands.get(arguments[0]) if arguments else None
    for each in dict.fromkeys(commands.values()) if asked is None else [asked]:
        if isinstance(each, Group):
            group = typer.Typer(help=each.help, no_args_is_help=True)
            _fill(group, each.commands, arguments[1:])
            app.add_typer(group, name=each.name)
        else:
            importlib.import_module(f"freehold.cli.{each}").register(app)


def freehold() -> None:
    """Self-hosted social intelligence: one broker for the agency, one node for each client."""


def main() -> None:
    """The `freehold` command."""
    with loading():
        app = build(sys.argv[1:])
    app()
