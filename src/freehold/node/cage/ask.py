"""Asks a question in SQL: it is understood, waits for its place, and is answered in the cage of the node's database."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy.engine import make_url

from freehold.node.cage import postgres, sqlite
from freehold.node.cage.bounds import Found
from freehold.node.cage.grammar import understood
from freehold.node.cage.refusals import refusal
from freehold.node.cage.words import Dialect
from freehold.node.context import Node

WAIT: Final = 10.0
"""Seconds for a place."""


@dataclass(frozen=True)
class Answered:
    """What was found, and the views that it is from."""

    found: Found
    views: tuple[str, ...]


def dialect_of(node: Node) -> Dialect:
    """Whose SQL the node's database speaks."""
    return "sqlite" if node.database.engine.dialect.name == "sqlite" else "postgresql"


async def ask(node: Node, sql: str, most: int) -> Answered:
    """The first `most` rows of a SELECT over the wide views.

    Raises `Problem` 422 for a question that is refused, wrong, or takes too much, 503 where it cannot be asked.
    """
    dialect = dialect_of(node)
    question = understood(sql, dialect)
    async with _place(node.sql_places):
        if dialect == "postgresql":
            url = node.settings.sql_database_url
            if url is None:
                raise refusal("not_set_up")
            found = await postgres.ask(url.get_secret_value(), question.sql, most, question.members)
            return Answered(found, question.views)
        path = make_url(node.settings.database()).database
        assert path is not None
        return Answered(await sqlite.ask(path, question.sql, most), question.views)


@contextlib.asynccontextmanager
async def _place(places: asyncio.Semaphore) -> AsyncIterator[None]:
    """One of the places for questions, as soon as it is free."""
    try:
        async with asyncio.timeout(WAIT):
            await places.acquire()
    except TimeoutError as error:
        raise refusal("unavailable") from error
    try:
        yield
    finally:
        places.release()
