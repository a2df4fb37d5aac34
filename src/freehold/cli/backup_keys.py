"""`freehold backup-key`: the operator's pair of keys for backups."""

from pathlib import Path
from typing import Annotated

import typer

from freehold.cli.output import AsJson, fail, guarded, print_facts
from freehold.kernel import crypto
from freehold.kernel.crypto import InvalidCiphertextError, SealingKey
from freehold.kernel.files import write_private

group = typer.Typer(help="The operator's pair of keys for backups.", no_args_is_help=True)
KeyPath = Annotated[Path, typer.Argument(help="The file of the private key.")]


def register(app: typer.Typer) -> None:
    """Put these commands into the tree."""
    app.add_typer(group, name="backup-key")


@group.command()
@guarded
async def new(file: KeyPath, as_json: AsJson = False) -> None:
    """Make a pair of keys, away from the machines that are backed up; the private one goes into the file."""
    if file.exists():
        raise fail(f"{file} is there already.", "A key is not replaced: without it the backups made for it are lost.")
    key = SealingKey.generate()
    write_private(file, key.to_text())
    following = "set FREEHOLD_NODE_BACKUP_KEY or FREEHOLD_BROKER_BACKUP_KEY to the public key; keep the file twice"
    print_facts({"public_key": key.public_text(), "private_key": str(file), "next": following}, as_json=as_json)


@group.command()
@guarded
async def show(file: KeyPath, as_json: AsJson = False) -> None:
    """Show the public key of a private one."""
    try:
        public = SealingKey.from_text(file.read_text(encoding="utf-8").strip()).public_text()
    except (InvalidCiphertextError, ValueError) as error:
        raise fail(f"{file} holds no backup key.", "Give the file that `freehold backup-key new` wrote.") from error
    print_facts({"public_key": public, "fingerprint": crypto.fingerprint(public)}, as_json=as_json)
