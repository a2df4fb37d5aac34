"""The views that may leave as files, and their rows as a stream."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Float, Select, TableClause, Text, column, select, table
from sqlalchemy.types import TypeEngine

from freehold.kernel.database import Database, Instant, outages_as_problems

AT_ONCE = 1_000
"""Rows in memory at a time."""


@dataclass(frozen=True)
class View:
    """A view for programs, with the columns that choose and order its rows."""

    source: TableClause
    account: str
    day: str
    key: Sequence[str]
    """Which columns make a row one of its kind: the order of the file."""


def _view(name: str, account: str, day: str, key: Sequence[str], /, **kinds: TypeEngine[Any]) -> View:
    return View(table(name, *(column(each, kind) for each, kind in kinds.items())), account, day, key)


def _each(names: str, kind: TypeEngine[Any]) -> dict[str, TypeEngine[Any]]:
    return dict.fromkeys(names.split(), kind)


VIEWS = {
    view.source.name: view
    for view in (
        _view(
            "instagram_account_days",
            "account_id",
            "day",
            ("account_id", "day"),
            account_id=Text(),
            day=Date(),
            **_each("reach views accounts_engaged total_interactions likes comments saves shares", Float()),
            **_each("profile_links_taps follower_change", Float()),
        ),
        _view(
            "instagram_post_results",
            "account_id",
            "read_on",
            ("account_id", "post_id", "read_on"),
            **_each("post_id account_id product_type caption permalink", Text()),
            published_at=Instant(),
            read_on=Date(),
            **_each("views reach total_interactions likes comments saved shares", Float()),
        ),
        _view(
            "ad_campaign_days",
            "ad_account_id",
            "day",
            ("ad_account_id", "campaign_id", "day", "currency"),
            **_each("ad_account_id campaign_id campaign_name objective", Text()),
            day=Date(),
            currency=Text(),
            **_each("spend_minor impressions clicks link_clicks", BigInteger()),
            results=Float(),
        ),
    )
}
"""Name -> view. Days are those of the account's own time zone; `docs/guides/bi.md` has each column."""


@dataclass(frozen=True)
class Choice:
    """Which rows: of these accounts (all where there is none), from the first day to the last, both included."""

    accounts: Collection[str] = ()
    first: date | None = None
    last: date | None = None


async def stream_rows(database: Database, view: View, choice: Choice) -> AsyncIterator[tuple[Any, ...]]:
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
    if choice.accounts:
        query = query.where(columns[view.account].in_(choice.accounts))
    if choice.first:
        query = query.where(columns[view.day] >= choice.first)
    if choice.last:
        query = query.where(columns[view.day] <= choice.last)
    return query
