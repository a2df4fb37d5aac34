"""`freehold node doctor db`: whether the node's database is in order."""

import typer

from freehold.cli.findings import tell
from freehold.cli.output import AsJson, Data, guarded
from freehold.node.context import open_node
from freehold.node.database_health import examine
from freehold.node.settings import NodeSettings

doctor = typer.Typer(help="Look after what the node stands on.", no_args_is_help=True)


def register(group: typer.Typer) -> None:
    """Put these commands into the node's group."""
    group.add_typer(doctor, name="doctor")


@doctor.command("db")
@guarded
async def database(data: Data, as_json: AsJson = False) -> None:
    """Check the database: size, bloat, slow queries, indexes, connections; each line passes, or says what to do."""
    async with open_node(NodeSettings.load(data)) as node:
        checks = await examine(node)
    tell(checks, as_json=as_json)


@doctor.callback()
def about() -> None:
    """Look after what the node stands on."""
