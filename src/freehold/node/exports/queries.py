"""The views that may leave as files, and their rows as a stream."""

from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from freehold.kernel.database import Database, Instant, outages_as_problems
from freehold.node.store.views import NARROW, WIDE, View

AT_ONCE = 1_000
"""Rows in memory at a time."""


VIEWS = {**NARROW, **WIDE}
"""Name -> view. Days are those of the account's own time zone; `docs/guides/bi.md` has each column."""


@dataclass(frozen=True)
class Choice:
    """Which rows: of these accounts (all where there is none), from the first day to the last, both included.

    A view without accounts or days is not narrowed by them.
    """

    accounts: Collection[str] = ()
    first: date | None = None
    last: date | None = None


async def stream_rows(database: Database, view: View, choice: Choice) -> AsyncGenerator[tuple[Any, ...]]:
    """The rows of one snapshot, ordered by the view's key; raises `Problem` 503 when the database is away."""
    with outages_as_problems(database.engine.url):
        async with database.engine.connect() as session:
            # A cursor at the server lives in a transaction, which `Database.reading` does without.
            found = await session.stream(_chosen(view, choice).execution_options(yield_per=AT_ONCE))
            async for row in found:
                yield tuple(row)


def _chosen(view: View, choice: Choice) -> Select[Any]:
    columns = view.source.c
    query = select(*columns).order_by(*(columns[name] for name in view.key))
    if choice.accounts and view.account:
        query = query.where(columns[view.account].in_(choice.accounts))
    if choice.first and view.day:
        query = query.where(columns[view.day] >= _start(columns[view.day], choice.first))
    if choice.last and view.day:
        query = query.where(columns[view.day] < _start(columns[view.day], choice.last + timedelta(days=1)))
    return query


def _start(column: ColumnElement[Any], day: date) -> date:
    """Where a day begins for a column of days, or, in UTC, for one of instants."""
    return datetime.combine(day, time.min, UTC) if isinstance(column.type, Instant) else day
