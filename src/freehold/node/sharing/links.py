"""Links with which one edition of the report is read without signing in: made, followed, withdrawn, listed.

A link's address ends in a text that this node sealed (AES-256-GCM): nobody else can make one, an altered one does not
open. It holds the id of a row, which says to which edition it leads, until when, and for whom it was made. The text
itself is kept nowhere: whoever is given the same link again gets another text that holds the same id.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from freehold.kernel.crypto import InvalidCiphertextError, keyed_digest
from freehold.kernel.problems import ExplainedError
from freehold.node.context import Node
from freehold.node.reports import queries as editions
from freehold.node.reports.editions import PDF, folder_of
from freehold.node.reports.queries import Edition
from freehold.node.sharing import queries
from freehold.node.sharing.queries import Link, Read, Readings, Way
from freehold.node.sharing.readers import Reader

LIFE: Final = timedelta(days=7)
"""A link's longest life."""
LONG_ENOUGH: Final = LIFE / 2
"""A link that lives on for less is not given again. A notice is tried for three days."""
LATEST: Final = "latest"
File = Literal["report.html", "report.pdf"]
_CONTEXT: Final = "report_link"
_MOST_LISTED: Final = 200
_EXAMPLES: Final = 3


class NothingSharedError(ExplainedError):
    """There is no such edition, no such link, or no such number of days; the message says what there is."""


@dataclass(frozen=True)
class Shared:
    """A link and an address of it, which is known this once. `pdf` is empty without a PDF."""

    link_id: str
    edition_id: str
    until: datetime
    url: str
    pdf: str


@dataclass(frozen=True)
class Found:
    """A file that a link leads to."""

    path: Path
    link_id: str
    edition_id: str


@dataclass(frozen=True)
class Standing:
    """A link, what has become of it, and what people read by it."""

    link: Link
    state: Literal["open", "expired", "withdrawn"]
    readings: Readings


async def share(
    node: Node, edition: Edition, life: timedelta = LIFE, *, way: Way = "command", made_for: str = ""
) -> Shared:
    """Make a link to an edition. Raises `NothingSharedError` for a life of no time or of more than seven days."""
    if not timedelta() < life <= LIFE:
        raise NothingSharedError(f"A link lives for 1 to {LIFE.days} days; choose --days within that.")
    now = node.clock.now()
    link = Link(secrets.token_hex(8), edition.edition_id, now, now + life, way=way, made_for=made_for)
    async with node.database.writing() as session:
        await queries.add(session, link)
    return _shown(node, edition, link)


async def share_once(node: Node, edition: Edition, way: Way, made_for: str) -> Shared:
    """The link to an edition that was made in this way for the same reader, as long as it lasts long enough.

    Where there is none it is made. Withdrawing it ends every address that was given of it.
    """
    lasts = node.clock.now() + LONG_ENOUGH
    async with node.database.reading() as session:
        found = await queries.lasting(session, edition.edition_id, way, made_for, lasts)
    return _shown(node, edition, found) if found else await share(node, edition, way=way, made_for=made_for)


def _shown(node: Node, edition: Edition, link: Link) -> Shared:
    url = f"{node.settings.public_url.rstrip('/')}/reports/{_sealed(node, link.link_id)}"
    pdf = f"{url}/{PDF}" if (folder_of(node, edition) / PDF).is_file() else ""
    return Shared(link.link_id, edition.edition_id, link.until, url, pdf)


async def edition_named(node: Node, name: str) -> Edition:
    """The edition of this id, or the newest for `latest`; raises `NothingSharedError`, with some that there are."""
    async with node.database.reading() as session:
        newest = await editions.listed(session, _EXAMPLES)
        found = (newest[0] if newest else None) if name == LATEST else await editions.find(session, name)
    if found is not None:
        return found
    told = ", ".join(each.edition_id for each in newest) or "none: write one with `freehold node report`"
    raise NothingSharedError(f'There is no edition "{name}". The newest are {told}.')


async def follow(node: Node, sealed: str, file: File) -> Found | None:
    """The file that a link leads to, `sealed` being the end of its address.

    None for one that has expired or was withdrawn, is altered, another node's or no link at all, and where the file is
    no longer kept or was never made: whoever asks learns nothing of which.
    """
    try:
        link_id = node.keys.keyring.current().decrypt(sealed, _CONTEXT).decode()
    except InvalidCiphertextError:
        return None
    async with node.database.reading() as session:
        edition = await queries.open_edition(session, link_id, node.clock.now())
    if edition is None:
        return None
    path = folder_of(node, edition) / file
    return Found(path, link_id, edition.edition_id) if path.is_file() else None


async def note(node: Node, sealed: str, found: Found, reader: Reader, address: str) -> None:
    """Write down that a link was followed.

    Of the address a digest stays, whose key is the link itself: it tells readers of one link apart, and whoever has the
    database alone can neither try addresses nor find somebody among the readers of another link.
    """
    digest = keyed_digest(sealed.encode(), address)
    read = Read(node.clock.now(), found.link_id, found.edition_id, found.path.name, reader, digest)
    async with node.database.writing() as session:
        await queries.note(session, read)


async def withdraw(node: Node, name: str) -> int:
    """End the link of this id, or all to this edition; gives how many. Raises `NothingSharedError` if none is open."""
    async with node.database.writing() as session:
        ended = await queries.withdraw(session, name, node.clock.now())
    if not ended:
        raise NothingSharedError(f'No open link is or leads to "{name}"; `freehold node shares` lists them.')
    return ended


async def standing(node: Node) -> list[Standing]:
    """The newest two hundred links, the newest first, with what became of them."""
    now = node.clock.now()
    async with node.database.reading() as session:
        links = await queries.listed(session, _MOST_LISTED)
        read = await queries.readings(session, [each.link_id for each in links])
    return [Standing(each, _state(each, now), read.get(each.link_id, Readings())) for each in links]


def _state(link: Link, now: datetime) -> Literal["open", "expired", "withdrawn"]:
    if link.withdrawn_at is not None:
        return "withdrawn"
    return "expired" if link.until <= now else "open"


def _sealed(node: Node, link_id: str) -> str:
    return node.keys.keyring.current().encrypt(link_id.encode(), _CONTEXT)
