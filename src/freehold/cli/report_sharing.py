"""`freehold node share|shares|unshare`: links to reports, who read by them, and their end."""

from datetime import timedelta
from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, guarded, print_facts, print_rows
from freehold.node.context import open_node
from freehold.node.notifications.notice import plain
from freehold.node.settings import NodeSettings
from freehold.node.sharing import links
from freehold.node.sharing.links import Shared, Standing

COLUMNS = ("link", "edition", "way", "made_for", "until", "state", "reads", "addresses", "last_read")
Days = Annotated[int, typer.Option(min=1, max=links.LIFE.days, help="For how many days the link is good.")]


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(share)
    group.command()(shares)
    group.command()(unshare)


@guarded
async def share(
    data: Data,
    edition: Annotated[str, typer.Argument(help="Its id, as `freehold node report` prints it, or latest.")],
    days: Days = links.LIFE.days,
    made_for: Annotated[str, typer.Option("--for", help="For whom it is; `shares` shows it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a link by which a report is read without signing in; it is shown this once."""
    async with open_node(NodeSettings.load(data)) as node:
        found, life = await links.edition_named(node, edition), timedelta(days=days)
        made = await links.share(node, found, life, made_for=plain(made_for))
    print_facts(facts_of(made), as_json=as_json)


@guarded
async def shares(data: Data, as_json: AsJson = False) -> None:
    """Show which links there are, who made them for whom, until when, and how often people read by them."""
    async with open_node(NodeSettings.load(data)) as node:
        found = [_row(each) for each in await links.standing(node)]
    print_rows(found, COLUMNS, as_json=as_json, title="Links to reports")


@guarded
async def unshare(
    data: Data,
    link: Annotated[str, typer.Argument(help="Its id as `freehold node shares` shows it, or an edition's for all.")],
    as_json: AsJson = False,
) -> None:
    """End a link, or all links to an edition, at once."""
    async with open_node(NodeSettings.load(data)) as node:
        ended = await links.withdraw(node, link)
    print_facts({"withdrawn": ended}, as_json=as_json)


def facts_of(made: Shared) -> dict[str, object]:
    """What is printed of a new link."""
    facts: dict[str, object] = {"link_id": made.link_id, "edition": made.edition_id, "link": made.url}
    return facts | ({"pdf": made.pdf} if made.pdf else {}) | {"until": made.until}


def _row(each: Standing) -> dict[str, object]:
    link, read = each.link, each.readings
    return {
        "link": link.link_id,
        "edition": link.edition_id,
        "way": link.way,
        "made_for": link.made_for,
        "made_at": link.made_at,
        "until": link.until,
        "state": each.state,
        "reads": read.reads,
        "addresses": read.addresses,
        "last_read": read.last,
    }
