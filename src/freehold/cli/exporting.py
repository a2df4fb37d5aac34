"""`freehold node export`: what was collected, as files."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, console, errors, fail, guarded, print_json
from freehold.node.context import open_node
from freehold.node.exports.export import Exported, export_view
from freehold.node.exports.kinds import Format
from freehold.node.exports.queries import VIEWS, Choice
from freehold.node.settings import NodeSettings

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day of the account's, included.")]


def register(group: typer.Typer) -> None:
    """Put the command below `freehold node`."""
    group.command()(export)


@guarded
async def export(
    data: Data,
    to: Annotated[Path, typer.Option(help="The folder for the files; those of the same names are replaced.")],
    view: Annotated[list[str] | None, typer.Option(help=f"Only these: {', '.join(VIEWS)}.")] = None,
    account: Annotated[list[str] | None, typer.Option(help="Only these accounts, by id.")] = None,
    since: Day = None,
    until: Day = None,
    kind: Annotated[Format, typer.Option("--format", help="csv, xlsx or parquet.")] = "csv",
    as_json: AsJson = False,
) -> None:
    """Write collected data into files that spreadsheets and BI tools open."""
    unknown = set(view or ()) - set(VIEWS)
    if unknown:
        raise fail(f"There is no view {', '.join(sorted(unknown))}.", f"There are {', '.join(VIEWS)}.")
    choice = Choice(account or (), since.date() if since else None, until.date() if until else None)
    if choice.first and choice.last and choice.first > choice.last:
        raise fail("The period ends before it begins.", "Give --since a day that is not after --until.")
    written = []
    async with open_node(NodeSettings.load(data)) as node:
        for name in view or _of_accounts(choice):
            with errors.status(f"Writing {name}"):
                written.append(await export_view(node.database, VIEWS[name], choice, to, kind))
    if as_json:
        print_json([_plain(each) for each in written])
        return
    for each in written:
        console.print(f"{each.path}: {each.rows} rows, {each.size} bytes", soft_wrap=True, markup=False)


def _of_accounts(choice: Choice) -> list[str]:
    """The views that are written where none is named: those that have accounts to choose by, if some are chosen."""
    return [name for name, each in VIEWS.items() if each.account or not choice.accounts]


def _plain(each: Exported) -> dict[str, object]:
    return {"view": each.view, "path": str(each.path), "rows": each.rows, "bytes": each.size}
