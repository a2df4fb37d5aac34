"""`freehold node worker`: one more process at work on the node's runs."""

import typer

from freehold.cli.output import Data, guarded
from freehold.kernel import logs
from freehold.node.settings import NodeSettings
from freehold.node.work import run_worker


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(worker)


@guarded
async def worker(data: Data) -> None:
    """Work on this node's runs until the process is told to stop; several may work side by side on PostgreSQL."""
    settings = NodeSettings.load(data)
    logs.configure("worker", level=settings.log_level, form=settings.log_format)
    await run_worker(settings)
