"""`freehold node budget`: what is used of each limit, when there is room again, and who used it."""

import dataclasses

import typer

from freehold.cli.output import AsJson, Data, guarded, print_json, print_rows
from freehold.node.context import open_node
from freehold.node.governor.overview import BucketView, Overview, overview
from freehold.node.governor.wording import duration
from freehold.node.settings import NodeSettings


def register(group: typer.Typer) -> None:
    """Put the command into the node's group."""
    group.command()(budget)


@guarded
async def budget(data: Data, as_json: AsJson = False) -> None:
    """Show how much may be called: every limit, its reserve, when there is room, and the calls of the last hour."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        found = await overview(session, node.settings, node.clock.now())
    if as_json:
        print_json(dataclasses.asdict(found))
    else:
        _print(found)


def _print(found: Overview) -> None:
    columns = ("limit", "about", "used", "kept_for_people", "room")
    print_rows([_line(view) for view in found.buckets], columns, as_json=False, title="Limits")
    print_rows(found.last_hour, ("asset", "priority", "calls"), as_json=False, title="Calls of the last hour")
    if found.throttles:
        shown = [{**row, "at": f"{row['at']:%Y-%m-%d %H:%M:%S}"} for row in found.throttles]
        title = "Refused by Meta for their number, of the last seven days (UTC)"
        print_rows(shown, ("at", "asset", "code", "subcode"), as_json=False, title=title)


def _line(view: BucketView) -> dict[str, object]:
    """One limit as a person reads it."""
    kept = f"{view.reserve} ({view.reserve_from_backfill} from backfill)" if view.reserve_from_backfill else None
    return {
        "limit": view.bucket.partition(":")[0] + (" (waits for its share)" if view.waiting else ""),
        "about": view.about,
        "used": _used(view),
        "kept_for_people": kept,
        "room": _rooms(view),
    }


def _used(view: BucketView) -> str:
    counted = str(view.spent) if view.limit is None else f"{view.spent} of {view.limit}"
    return counted if view.percent is None else f"{counted} ({view.percent:g} %)"


def _rooms(view: BucketView) -> str:
    """When each kind of caller may call again; one word where all may now."""
    waits = {
        "people": view.seconds_for_people,
        "runs": view.seconds_for_runs,
        "backfill": view.seconds_for_backfill,
    }
    if not any(waits.values()):
        return "now"
    return ", ".join(f"{who} {_room(seconds, view)}" for who, seconds in waits.items())


def _room(seconds: float, view: BucketView) -> str:
    if seconds == 0:
        return "now"
    return f"in {duration(seconds)}" + (" (shut)" if view.blocked_until is not None else "")
