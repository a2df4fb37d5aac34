"""`freehold doctor`: what is in order, and what to do where something is not."""

from pathlib import Path
from typing import Annotated

import typer

from freehold.broker import diagnosis as broker_diagnosis
from freehold.broker.settings import BrokerSettings
from freehold.cli.findings import tell
from freehold.cli.output import AsJson, fail, guarded
from freehold.kernel.checks import Check
from freehold.node import diagnosis as node_diagnosis
from freehold.node.settings import NodeSettings


def register(app: typer.Typer) -> None:
    """Put this command into the tree."""
    app.command("doctor")(doctor)


@guarded
async def doctor(
    broker: Annotated[Path | None, typer.Option(help="The broker's folder.")] = None,
    node: Annotated[Path | None, typer.Option(help="A node's folder.")] = None,
    meta: Annotated[bool, typer.Option("--meta", help="Also ask Meta.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a broker or a node: each line passes, or says what to do."""
    if broker is None and node is None:
        raise fail("Nothing to check.", "Name a folder with --broker or --node.")
    checks: list[Check] = []
    if broker is not None:
        checks += await broker_diagnosis.diagnose(BrokerSettings.load(broker), ask_meta=meta)
    if node is not None:
        checks += await node_diagnosis.diagnose(NodeSettings.load(node), ask_meta=meta)
    tell(checks, as_json=as_json)
