"""`freehold node report`: the numbers of a week, a month or the last days as files."""

from typing import Annotated, Literal

import typer

from freehold.cli.output import AsJson, Data, guarded, print_facts
from freehold.kernel.problems import ExplainedError
from freehold.node.collection.collect import DAYS
from freehold.node.context import open_node
from freehold.node.reports.editions import FORMATS, REPORT, folder_of, write_edition
from freehold.node.reports.queries import Kind
from freehold.node.settings import NodeSettings
from freehold.node.sharing import links

MOST_DAYS = 720
Period = Annotated[
    str, typer.Option(help="week (the last from Monday to Sunday), month, or how many whole days back; 720 at most.")
]
Days = Annotated[int | None, typer.Option(min=1, max=MOST_DAYS, help="The same as --period with a number.")]
Language = Annotated[Literal["en", "de"] | None, typer.Option(help="By default FREEHOLD_NODE_LANGUAGE.")]
Format = Annotated[
    list[str] | None, typer.Option("--format", help="html (always made), pdf, email; by default all. May be repeated.")
]


class ChoiceError(ExplainedError):
    """A period or format that there is not; the message says which there are."""


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(report)


@guarded
async def report(
    data: Data,
    period: Period = str(DAYS),
    days: Days = None,
    language: Language = None,
    formats: Format = None,
    as_json: AsJson = False,
) -> None:
    """Write a report; prints its folder, its page, and a link that is valid for seven days."""
    kind, wanted = _period(str(days) if days else period)
    async with open_node(NodeSettings.load(data)) as node:
        made = await write_edition(
            node, kind, language or node.settings.language, days=wanted, formats=_formats(formats or [])
        )
        folder = folder_of(node, made)
        shared = await links.share(node, made)
        facts = {
            "edition": made.edition_id,
            "days": f"{made.first} to {made.last}",
            "folder": str(folder),
            "report": str(folder / REPORT),
            "link": shared.url,
            "link_id": shared.link_id,
        }
        print_facts(facts, as_json=as_json)


def _period(text: str) -> tuple[Kind, int]:
    """What kind of period, and for days how many."""
    whole: dict[str, Kind] = {"week": "week", "month": "month"}
    if text in whole:
        return whole[text], 0
    if text.isdecimal() and 0 < int(text) <= MOST_DAYS:
        return "days", int(text)
    raise ChoiceError(f'"{text}" is no period; write week, month, or a number of days up to {MOST_DAYS}')


def _formats(chosen: list[str]) -> tuple[str, ...]:
    """What is made beside the page."""
    unknown = [each for each in chosen if each not in {"html", *FORMATS}]
    if unknown:
        raise ChoiceError(f"there is no format {', '.join(unknown)}; choose from html, {', '.join(FORMATS)}")
    return tuple(each for each in FORMATS if not chosen or each in chosen)
