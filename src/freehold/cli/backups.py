"""What the commands around backups share: progress on standard error, and secrets read from files or asked for."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.filesize import decimal
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from freehold.cli.output import errors, fail, print_facts, print_json
from freehold.kernel.backups.make import Made, Tell
from freehold.kernel.backups.restore import Opened
from freehold.kernel.crypto import InvalidCiphertextError, Keyring, SealingKey

STANDARD_INPUT = "-"

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The backup.")]
KeyFile = Annotated[str, typer.Option(help='The file with the private backup key; "-": it is asked for, or read.')]
KeyringFile = Annotated[
    Path | None, typer.Option("--keyring", exists=True, help="The keyring.json that is kept apart from backups.")
]
Lost = Annotated[bool, typer.Option("--keyring-is-lost", help="Restore what needs no keyring; the rest is given up.")]
Replace = Annotated[bool, typer.Option("--replace", help="Replace what is there. Stop everything that writes to it.")]


@contextlib.contextmanager
def progress(doing: str) -> Iterator[Tell]:
    """Show on a terminal how much was read; a log gets nothing of it."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.fields[read]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(doing, total=None, read="")
        yield lambda what, read: bar.update(task, description=f"{doing} {what}", read=decimal(read))


def tell_made(made: Made, *, as_json: bool) -> None:
    """What was made."""
    if as_json:
        print_json(made.as_json())
        return
    rows = sum(sum(tables.values()) for tables in made.rows.values())
    facts = {"backup": str(made.path), "size": decimal(made.size), "rows": f"{rows:,}"}
    print_facts({**facts, "deleted": [path.name for path in made.pruned]}, as_json=False)


def tell_restored(told: dict[str, Any], following: str, *, as_json: bool) -> None:
    """What is there again."""
    if as_json:
        print_json(told)
        return
    rows = {name: f"{sum(tables.values()):,} rows in {len(tables)} tables" for name, tables in told["rows"].items()}
    print_facts({**told, "rows": rows, "next": following}, as_json=False)


@contextlib.contextmanager
def opened(file: Path, key_file: str, keyring: Keyring | None) -> Iterator[Opened]:
    """A backup with what opens it."""
    try:
        key = SealingKey.from_text(_secret(key_file))
    except (InvalidCiphertextError, ValueError) as error:
        raise fail("This is no private backup key.", "Give the file that `freehold backup-key new` wrote.") from error
    with file.open("rb") as stream:
        yield Opened(stream, key, keyring)


def read_keyring(path: Path | None, *, lost: bool) -> Keyring | None:
    """The keyring in a file; None where it is said to be lost."""
    if path is None and lost:
        return None
    if path is None or lost:
        raise fail("The keyring is not in the backup.", "Give it with --keyring, or say --keyring-is-lost.")
    try:
        return Keyring.from_json(path.read_text(encoding="utf-8"))
    except (InvalidCiphertextError, ValueError) as error:
        raise fail(f"{path} is no keyring.", "Give the keyring.json that you keep apart from backups.") from error


def _secret(key_file: str) -> str:
    if key_file != STANDARD_INPUT:
        return Path(key_file).read_text(encoding="utf-8").strip()
    asked = typer.prompt("The private backup key", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    return str(asked).strip()
