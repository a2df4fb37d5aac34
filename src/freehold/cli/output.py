"""How the command line prints: tables for people, one JSON value with `--json`, and errors as one clear line."""

import asyncio
import functools
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from freehold.cli.failures import EXPECTED, only_expected, told
from freehold.kernel import logs
from freehold.kernel.stack_files import Stack, Written, to_load

console = Console()
errors = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
DATA = typer.Option("--data", help="The node's folder.", envvar="FREEHOLD_NODE_DATA_DIR")
Data = Annotated[Path, DATA]

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Where the stack lives on this machine.")]
Operators = Annotated[
    list[str] | None,
    typer.Option(help="A network (CIDR) that reaches SSH and what only operators see; may be repeated."),
]

EXIT_REFUSED = 1
EXIT_STOPPED = 143

P = ParamSpec("P")
T = TypeVar("T")


def guarded(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Make an async command an ordinary one whose expected errors are told in one line.

    For people it logs what needs their attention; commands that serve choose their own logs.
    """

    @functools.wraps(function)
    def command(*arguments: P.args, **options: P.kwargs) -> T:
        logs.configure("freehold", sys.stderr, level="critical")  # what a command has to say, it prints
        try:
            return uvloop.run(_stoppable(function(*arguments, **options)))
        except EXPECTED as error:
            raise fail(told(error)) from error
        except ExceptionGroup as group:
            raise fail(told(only_expected(group))) from group
        except asyncio.CancelledError:
            raise typer.Exit(EXIT_STOPPED) from None

    return command


async def _stoppable(work: Coroutine[Any, Any, T]) -> T:
    """Run a command so that SIGTERM and SIGHUP end it as Ctrl-C does: with everything it started stopped."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, title: str = "") -> None:
    """Print `rows` as a table of `columns`, or whole as a JSON array; the first column is never broken."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        console.print(f"{title}: none." if title else "There are none.")
        return
    table = Table(title=title or None, title_justify="left")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=column == columns[0])
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    console.print(table)


def print_facts(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing: a line for each of its facts, or a JSON object."""
    if as_json:
        print_json(facts)
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        console.print(f"[bold]{name.replace('_', ' '):<{width}}[/bold]  {_cell(value)}", soft_wrap=True)


def print_stack(folder: Path, stack: Stack, first: str, *, before: str = "", as_json: bool) -> None:
    """Print what happened to the files of a stack, and what comes next: `first` when it is new.

    `before` names what is to be done before the running machines are made to follow the files.
    """
    loading = to_load(stack.written, first)
    following = f"{before}, then {loading}" if before else loading
    if as_json:
        print_json({"folder": str(folder), "files": [asdict(each) for each in stack.written], "next": following})
        return
    for each in stack.written:
        console.print(f"{each.change:<10} {each.name}{_advice(each)}", highlight=False, soft_wrap=True)
    console.print(f"[bold]next[/bold]       {following}", highlight=False, soft_wrap=True)


def _advice(written: Written) -> str:
    """What to do about a file of a stack that somebody edited."""
    if written.change == "kept":
        return f"; what is new lies in {written.name}.new"
    return "; it was edited, and the stack no longer has it: remove it" if written.change == "left over" else ""


def typed(what: str) -> str:
    """A secret that a person types unseen, or that a program writes to standard input."""
    return str(typer.prompt(what, hide_input=True, err=True)) if sys.stdin.isatty() else sys.stdin.readline().strip()


def print_json(value: Any) -> None:
    """Print one JSON value on one line; times as the API gives them (ISO 8601)."""
    sys.stdout.write(json.dumps(value, default=_plain) + "\n")


def fail(what: str, hint: str = "") -> typer.Exit:
    """Say in one line what happened and what to do; the exit to raise, with a failure's status."""
    sys.stderr.write(f"{what} {hint}".strip() + "\n")
    return typer.Exit(EXIT_REFUSED)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _cell(value: Any) -> str:
    if value is None or value in ([], {}):
        return "-"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {told}" for name, told in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
