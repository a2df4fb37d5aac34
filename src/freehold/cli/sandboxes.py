"""`freehold sandbox …`: Meta on loopback."""

from typing import Annotated

import typer

from freehold.cli.output import guarded
from freehold.kernel import logs
from freehold.sandbox import app as sandbox_app
from freehold.sandbox.settings import SandboxSettings

group = typer.Typer(help="Meta on loopback, for development, demos and tests.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Put these commands into the tree."""
    app.add_typer(group, name="sandbox")


@group.callback()
def sandbox() -> None:
    """Meta on loopback, for development, demos and tests."""


@group.command()
@guarded
async def serve(port: Annotated[int | None, typer.Option(help="0 takes a free port.")] = None) -> None:
    """Serve the sandbox until the process is told to stop."""
    logs.configure("sandbox")
    await sandbox_app.run(SandboxSettings() if port is None else SandboxSettings(port=port))
