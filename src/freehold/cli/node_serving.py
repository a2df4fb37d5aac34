"""`freehold node serve`: the node's listeners, and the work on its runs beside them."""

from typing import Annotated

import typer

from freehold.cli.output import Data, fail, guarded
from freehold.kernel import logs
from freehold.node import app
from freehold.node.settings import NodeSettings


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(serve)


@guarded
async def serve(
    data: Data,
    only: Annotated[
        list[str] | None, typer.Option(help="receiver, workflows, meta_ads or instagram; all by default.")
    ] = None,
) -> None:
    """Serve the node's listeners until the process is told to stop."""
    chosen = tuple(only or app.LISTENERS)
    if set(chosen) - set(app.LISTENERS):
        raise fail(f"Unknown listener; choose from {', '.join(app.LISTENERS)}.")
    settings = NodeSettings.load(data)
    logs.configure("node", level=settings.log_level, form=settings.log_format)
    await app.run(settings, chosen)
