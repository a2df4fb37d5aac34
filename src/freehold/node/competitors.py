"""Whom the client watches: checked before it is written down, since it becomes a part of questions to Meta."""

import re
from collections.abc import Sequence

from freehold.kernel.problems import ExplainedError
from freehold.node.context import Node
from freehold.node.store.competitors.queries import Competitor, watched
from freehold.node.store.competitors.upserts import unwatch, watch
from freehold.providers.meta import ad_library, discovery

KINDS = {"instagram": "instagram_account", "page": "facebook_page", "search": "search_terms"}
"""What may be watched: the word for it at the command line -> its kind."""
EVERYWHERE = "ALL"
_PAGE_ID = re.compile(r"\d{5,32}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


class NotWatchableError(ExplainedError):
    """This cannot be watched; the message says why."""


async def add(node: Node, kind: str, name: str, countries: Sequence[str], added_by: str) -> Competitor:
    """Watch an Instagram account (user name), a page (id) or words in ads, in countries (none: all).

    Raises `NotWatchableError`.
    """
    if kind not in KINDS:
        raise NotWatchableError(f"{kind} cannot be watched; choose from {', '.join(KINDS)}")
    cleaned, where = _cleaned(kind, name.strip()), _countries(countries)
    async with node.database.writing() as session:
        await watch(session, KINDS[kind], cleaned, where, added_by, node.clock.now())
    async with node.database.reading() as session:
        return next(each for each in await watched(session, [KINDS[kind]]) if each.name == cleaned)


async def listed(node: Node) -> list[Competitor]:
    """Everything that is watched."""
    async with node.database.reading() as session:
        return await watched(session)


async def remove(node: Node, competitor_id: int) -> None:
    """Watch it no longer; what was read stays. Raises `NotWatchableError` when it is not watched."""
    async with node.database.writing() as session:
        if not await unwatch(session, competitor_id, node.clock.now()):
            raise NotWatchableError(f"nothing with the id {competitor_id} is watched; see `competitors list`")


def _cleaned(kind: str, name: str) -> str:
    if kind == "instagram":
        username = name.removeprefix("@").lower()
        if not discovery.USERNAME.fullmatch(username):
            raise NotWatchableError("an Instagram user name has letters, digits, dots and underscores, 30 at most")
        return username
    if kind == "page":
        if not _PAGE_ID.fullmatch(name):
            raise NotWatchableError("a page is watched by its id, which is a number; its page shows it under About")
        return name
    if not 0 < len(name) <= ad_library.LONGEST_TERMS:
        raise NotWatchableError(f"words to search for are between 1 and {ad_library.LONGEST_TERMS} characters")
    return name


def _countries(countries: Sequence[str]) -> tuple[str, ...]:
    found = tuple(sorted({country.strip().upper() for country in countries})) or (EVERYWHERE,)
    if found != (EVERYWHERE,) and not all(_COUNTRY.fullmatch(country) for country in found):
        raise NotWatchableError("countries are ISO codes such as DE and GB; leave them out for all")
    return found
