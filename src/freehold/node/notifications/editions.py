"""Editions of the report in the outbox: what is told of one, and what goes out with it to whom.

A notice keeps two sentences. The link is made when it is sent, and each target gets one of its own, however often it is
tried: its address is not kept, and one that leaked can be withdrawn alone.
"""

import asyncio
import html
from dataclasses import replace
from pathlib import Path
from typing import Final

from freehold.kernel import logs
from freehold.node.context import Node
from freehold.node.notifications.notice import TITLE_LENGTH, Enclosure, Letter, Notice, legible
from freehold.node.notifications.targets import Target
from freehold.node.reports import queries
from freehold.node.reports.editions import EMAIL, EMAIL_TEXT, IMAGES, LINK, PDF, REPORT, SUMMARY, folder_of
from freehold.node.reports.queries import Edition
from freehold.node.sharing import links

log = logs.get(__name__)

KIND: Final = "report"
_READ: Final = {
    "de": "Der ganze Bericht, höchstens sieben Tage lang: {link}",
    "en": "The whole report, for seven days at most: {link}",
}


def key_of(edition: Edition) -> str:
    """What a notice of an edition is about."""
    return f"{KIND}:{edition.edition_id}"


def notice_of(node: Node, edition: Edition) -> Notice:
    """What is told of an edition, in its language: the same edition once, another edition of the same days anew."""
    title, _, text = (folder_of(node, edition) / SUMMARY).read_bytes().decode().partition("\n")
    return Notice(
        key=key_of(edition),
        kind=KIND,
        severity="info",
        title=" ".join(legible(title, lines=False).split())[:TITLE_LENGTH],
        text=legible(text),
    )


async def completed(node: Node, target: Target, letter: Letter) -> Letter:
    """A letter as it goes to a target: with a link where it tells of an edition, and to e-mail with the edition itself.

    Other letters are as they were, and so is one whose edition is no longer kept.
    """
    if letter.kind != KIND:
        return letter
    async with node.database.reading() as session:
        edition = await queries.find(session, letter.key.removeprefix(f"{KIND}:"))
    if edition is None or not (folder_of(node, edition) / REPORT).is_file():
        return letter
    folder = folder_of(node, edition)
    link = (await links.share_once(node, edition, "notice", target.name)).url
    read = _READ.get(edition.language, _READ["en"]).format(link=link)
    enclosed = await asyncio.to_thread(_whole, folder, edition, link) if target.is_mail else None
    return replace(letter, text=f"{letter.text}\n\n{read}".strip(), enclosed=enclosed)


def _whole(folder: Path, edition: Edition, link: str) -> Enclosure | None:
    """The edition for e-mail; None, which is logged, for one whose files cannot all be read."""
    try:
        return _enclosed(folder, edition, link)
    except (OSError, UnicodeDecodeError) as error:
        log.warning("report.not_whole", edition=edition.edition_id, error=type(error).__name__)
        return None


def _enclosed(folder: Path, edition: Edition, link: str) -> Enclosure | None:
    """The edition for e-mail, its link in place; None for an edition that was made without it."""
    if not (folder / EMAIL).is_file():
        return None
    return Enclosure(
        html=(folder / EMAIL).read_text("utf-8").replace(f'href="{LINK}"', f'href="{html.escape(link)}"'),
        text=(folder / EMAIL_TEXT).read_text("utf-8").replace(LINK, link),
        pictures={each.name: each.read_bytes() for each in sorted((folder / IMAGES).iterdir())},
        pdf=(folder / PDF).read_bytes() if (folder / PDF).is_file() else b"",
        pdf_name=f"report-{edition.first}-{edition.last}.pdf",
        language=edition.language,
    )
