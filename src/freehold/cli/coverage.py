"""`freehold node coverage`: a calendar of complete, empty and missing days for each asset and metric."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated

import typer
from rich.text import Text

from freehold.cli.output import AsJson, Data, console, fail, guarded, print_json
from freehold.node.assets import ConnectedAsset, confirmed_assets
from freehold.node.collection.source import zone_of
from freehold.node.context import open_node
from freehold.node.settings import NodeSettings
from freehold.node.store.coverage.queries import DayState, states

SIGNS = {"complete": ("■", "green"), "empty": ("·", "cyan"), "missing": ("✗", "bold red"), "": (" ", "")}
"""A day's state -> how it is drawn: a character that is read without its colour, and the colour."""
WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
NAMED = 4
"""Metrics that are named at most above one calendar."""
REASONS = 5
"""Reasons that are told at most for one calendar."""


def register(group: typer.Typer) -> None:
    """Put the command into the node's group."""
    group.command()(coverage)


@dataclass(frozen=True)
class Calendar:
    """An asset's days of the metrics that have the same days in the same states; a day without a state is absent."""

    asset_id: str
    name: str
    metrics: tuple[str, ...]
    days: Mapping[date, str]
    counts: Mapping[str, int]
    reasons: Mapping[str, int]
    """Why days are missing -> how many."""


@guarded
async def coverage(
    data: Data,
    metric: Annotated[list[str] | None, typer.Option(help="Only these metrics.")] = None,
    asset: Annotated[list[str] | None, typer.Option(help="Only these assets.")] = None,
    days: Annotated[int, typer.Option(min=1, max=729, help="How many whole days back.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Draw which days are complete, which are empty by Meta's rules, and which are missing."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        assets = [each for each in await confirmed_assets(session) if not asset or each.asset_id in asset]
        if not assets:
            raise fail("There is no such asset.", "See `freehold node assets`.")
        spans = {each.asset_id: whole_days(each, node.clock.now(), days) for each in assets}
        first, last = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
        found = await states(session, list(spans), first, last, metric or ())
    within = [each for each in found if spans[each.subject_id][0] <= each.day <= spans[each.subject_id][1]]
    calendars = list(calendars_of(assets, within))
    if as_json:
        print_json([_plain(each) for each in calendars])
        return
    for each in calendars:
        console.print(drawn(each, *spans[each.asset_id]))
    if not calendars:
        console.print("Nothing has been read of these days yet.")


def whole_days(asset: ConnectedAsset, now: datetime, days: int) -> tuple[date, date]:
    """The first and the last of an asset's whole days up to its yesterday, as the asset counts days."""
    today = now.astimezone(zone_of(asset)).date()
    return today - timedelta(days=days), today - timedelta(days=1)


def calendars_of(assets: Iterable[ConnectedAsset], found: Iterable[DayState]) -> Iterator[Calendar]:
    """One calendar for all metrics of an asset that have the same days: thirty metrics are not thirty pictures."""
    names = {each.asset_id: f"{each.kind.replace('_', ' ')} {each.name}" for each in assets}
    for asset_id, of_asset in groupby(found, key=lambda state: state.subject_id):
        alike: dict[tuple[tuple[date, str], ...], list[list[DayState]]] = {}
        for _, of_metric in groupby(of_asset, key=lambda state: state.metric):
            items = list(of_metric)
            alike.setdefault(tuple((item.day, item.state) for item in items), []).append(items)
        for days, several in alike.items():
            reasons = Counter(item.reason for items in several for item in items if item.state == "missing")
            counts = Counter(state for _, state in days)
            yield Calendar(
                asset_id, names[asset_id], tuple(items[0].metric for items in several), dict(days), counts, reasons
            )


def drawn(calendar: Calendar, first: date, last: date) -> Text:
    """The calendar from `first` to `last`, both included: weeks as columns, counts, and why days are missing."""
    told = Text()
    told.append(calendar.name, style="bold").append(f"  {_named(calendar.metrics)}\n")
    monday = first - timedelta(days=first.weekday())
    weeks = [monday + timedelta(days=7 * week) for week in range((last - monday).days // 7 + 1)]
    told.append("   " + _months(weeks) + "\n", style="dim")
    for weekday, name in enumerate(WEEKDAYS):
        told.append(f"{name} ", style="dim")
        for week in weeks:
            told.append(*SIGNS[calendar.days.get(week + timedelta(days=weekday), "")])
        told.append("\n")
    told.append("   ")
    unread = (last - first).days + 1 - len(calendar.days)
    for state in ("complete", "empty", "missing"):
        told.append(*SIGNS[state]).append(f" {calendar.counts.get(state, 0)} {state}  ")
    told.append(f"  {unread} not read\n")
    for reason, times in Counter(calendar.reasons).most_common(REASONS):
        told.append(f"   {times} x {reason or 'no reason is known'}\n", style="red")
    return told


def _named(metrics: Sequence[str]) -> str:
    """The first of many metrics by name, the others by their number; `--json` names them all."""
    if len(metrics) <= NAMED + 1:
        return ", ".join(metrics)
    return f"{', '.join(metrics[:NAMED])} and {len(metrics) - NAMED} more"


def _months(weeks: list[date]) -> str:
    """The names of months over the first week of each; a name has room for three letters and a space."""
    line = ""
    for place, week in enumerate(weeks):
        if week.day <= len(WEEKDAYS) and len(line) <= place:
            line += " " * (place - len(line)) + f"{week:%b} "
    return line.rstrip()


def _plain(calendar: Calendar) -> dict[str, object]:
    return {
        "asset_id": calendar.asset_id,
        "asset": calendar.name,
        "metrics": list(calendar.metrics),
        "counts": dict(calendar.counts),
        "reasons": dict(calendar.reasons),
        "days": {day.isoformat(): state for day, state in calendar.days.items()},
    }
