"""All commands in one tree."""

from typing import Annotated

import typer

from freehold.cli import brokers, demos, nodes
from freehold.cli.output import guarded
from freehold.kernel import logs
from freehold.sandbox import app as sandbox_app
from freehold.sandbox.settings import SandboxSettings

app = typer.Typer(
    help="Self-hosted social intelligence: one broker for the agency, one node for each client.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
sandbox = typer.Typer(help="Meta on loopback, for development, demos and tests.", no_args_is_help=True)
app.add_typer(brokers.app, name="broker")
app.add_typer(nodes.app, name="node")
app.add_typer(sandbox, name="sandbox")
app.add_typer(brokers.clients, name="clients")
app.add_typer(brokers.testers, name="testers")
app.command("events")(brokers.events)
app.command("demo")(demos.demo)
app.command("prove")(demos.prove)
app.command("doctor")(demos.doctor)


@sandbox.callback()
def sandbox_group() -> None:
    """Meta on loopback."""


@sandbox.command("serve")
@guarded
async def sandbox_serve(
    port: Annotated[int | None, typer.Option(help="0 takes a free port.")] = None,
) -> None:
    """Serve the sandbox until the process is told to stop."""
    logs.configure("sandbox")
    settings = SandboxSettings() if port is None else SandboxSettings(port=port)
    await sandbox_app.run(settings)


def main() -> None:
    """The `freehold` command."""
    app()
