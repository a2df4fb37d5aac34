"""`freehold node bootstrap`: set up PostgreSQL, NocoDB and n8n beside the node, or bring them up to date."""

from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, console, errors, fail, guarded, print_json
from freehold.node.bootstrap.bootstrap import PARTS, bootstrap
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.settings import BootstrapSettings
from freehold.node.settings import SETTINGS_FILE, NodeSettings

_COLOURS = {"created": "green", "updated": "yellow", "unchanged": "dim", "kept": "cyan", "warning": "red"}


def register(group: typer.Typer) -> None:
    """Put this command into the node's group."""
    group.command("bootstrap")(set_up)


@guarded
async def set_up(
    data: Data,
    only: Annotated[str | None, typer.Option(help=f"One part alone: {', '.join(PARTS)}.")] = None,
    as_json: AsJson = False,
) -> None:
    """Set up what stands beside the node, and say what was done; again after an upgrade. People's edits are kept."""
    if only is not None and only not in PARTS:
        raise fail(f"There is no part {only}", f"Parts are {', '.join(PARTS)}.")
    settings = BootstrapSettings.load()
    company = NodeSettings.load(data).company_name if (data / SETTINGS_FILE).exists() else "Freehold"
    with errors.status("Setting up; where everything is new this takes half a minute"):
        done = await bootstrap(settings, company, data, only, lambda each: None if as_json else _tell(each))
    counts = {change: sum(each.change == change for each in done) for change in _COLOURS}
    if as_json:
        print_json({"done": [{"what": each.what, "change": each.change} for each in done], **counts})
    elif counts["created"] + counts["updated"] == 0:
        console.print("Nothing had to change.")


def _tell(done: Done) -> None:
    colour = _COLOURS[done.change]
    console.print(f"[{colour}]{done.change:<9}[/{colour}]  {done.what}", highlight=False, soft_wrap=True)
