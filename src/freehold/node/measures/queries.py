"""SQL of questions: sums of the stored days, grouped as asked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Select, Table, case, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from freehold.kernel.database import ReadSession
from freehold.kernel.problems import Problem
from freehold.node.measures.catalogue import AD_OBJECTS, AD_PARTS, STORED_AS
from freehold.node.measures.question import Question, Span
from freehold.node.store.ads.tables import ad_accounts, ad_breakdowns, ad_campaigns, ad_insights, ad_sets, ads
from freehold.node.store.coverage.tables import coverage
from freehold.node.store.facebook.tables import facebook_pages, facebook_posts
from freehold.node.store.instagram.tables import instagram_accounts, instagram_insights, instagram_posts

MOST_GROUPS: Final = 20_000
_NAMED: Final = {
    "account": [(instagram_accounts.c.account_id, instagram_accounts.c.username, instagram_accounts.c.account_id)],
    "page": [(facebook_pages.c.page_id, facebook_pages.c.name, facebook_pages.c.page_id)],
    "ad_account": [(ad_accounts.c.ad_account_id, ad_accounts.c.name, ad_accounts.c.ad_account_id)],
    "campaign": [(ad_campaigns.c.campaign_id, ad_campaigns.c.name, ad_campaigns.c.ad_account_id)],
    "ad_set": [(ad_sets.c.ad_set_id, ad_sets.c.name, ad_sets.c.ad_account_id)],
    "ad": [(ads.c.ad_id, ads.c.name, ads.c.ad_account_id)],
    "post": [
        (instagram_posts.c.post_id, instagram_posts.c.caption, instagram_posts.c.account_id),
        (facebook_posts.c.post_id, facebook_posts.c.message, facebook_posts.c.page_id),
    ],
}
"""What people named: the columns of its id, its name, and the account that it is of, wherever it stands."""


@dataclass(frozen=True)
class Group:
    """The sums of one group: its values of the dimensions, the first day of its period, its currency if it has one.

    `rows` is how many stored rows were summed, `read_at` when the oldest of them was read.
    """

    dimensions: tuple[str, ...]
    since: date
    currency: str
    sums: Mapping[str, float | None]
    rows: int
    read_at: datetime


class WeekOf(FunctionElement[date]):
    """The Monday of a day's week."""

    type, inherit_cache = Date(), True


class MonthOf(FunctionElement[date]):
    """The first day of a day's month."""

    type, inherit_cache = Date(), True


@compiles(WeekOf, "postgresql")
def _week(element: FunctionElement[date], compiler: Any, **options: Any) -> str:
    return f"CAST(date_trunc('week', {compiler.process(element.clauses, **options)}) AS DATE)"


@compiles(MonthOf, "postgresql")
def _month(element: FunctionElement[date], compiler: Any, **options: Any) -> str:
    return f"CAST(date_trunc('month', {compiler.process(element.clauses, **options)}) AS DATE)"


@compiles(WeekOf, "sqlite")
def _sqlite_week(element: FunctionElement[date], compiler: Any, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)}, '-6 days', 'weekday 1')"


@compiles(MonthOf, "sqlite")
def _sqlite_month(element: FunctionElement[date], compiler: Any, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)}, 'start of month')"


async def ad_groups(session: ReadSession, question: Question) -> list[Group]:
    """The sums of ads' days by dimensions, period and currency."""
    table = ad_breakdowns if question.breakdown else ad_insights
    dimensions = {name: _ad_column(table, name) for name in question.dimensions}
    query = _grouped(table, question, dimensions, table.c.currency).where(
        table.c.ad_account_id.in_(question.accounts), table.c.day.between(question.span.first, question.span.last)
    )
    for name, values in question.filters.items():
        query = query.where(_ad_column(table, name).in_(values))
    if question.breakdown:
        query = query.where(table.c.breakdown == question.breakdown)
    return await _groups(session, question, query, [_summed(table, part) for part in question.parts])


async def account_groups(session: ReadSession, question: Question) -> list[Group]:
    """The sums of the accounts' days by account and period, of each metric apart and then side by side."""
    table = instagram_insights
    found: dict[tuple[tuple[str, ...], date], Group] = {}
    accounts = question.filters.get("account", question.accounts)
    for part in question.parts:
        query = _grouped(table, question, dict.fromkeys(question.dimensions, table.c.subject_id)).where(
            table.c.subject_id.in_([each for each in question.accounts if each in accounts]),
            table.c.metric == STORED_AS[part],
            table.c.period == "day",
            table.c.breakdown == "",
            table.c.part == "",
            table.c.day.between(question.span.first, question.span.last),
        )
        for group in await _groups(session, question, query, [table.c.value], names=(part,)):
            before = found.get((group.dimensions, group.since))
            found[group.dimensions, group.since] = group if before is None else _beside(before, group)
    return list(found.values())


def added_up(groups: Iterable[Group], places: Sequence[int]) -> list[Group]:
    """Groups added up to those of their dimensions that stand at `places`; those of several currencies stay apart."""
    found: dict[tuple[tuple[str, ...], date, str], list[Group]] = {}
    for group in groups:
        key = tuple(group.dimensions[place] for place in places)
        found.setdefault((key, group.since, group.currency), []).append(group)
    return [_together(*key, of) for key, of in found.items()]


async def names(session: ReadSession, dimension: str, ids: set[str]) -> dict[str, str]:
    """The names of accounts, campaigns, ad sets or ads, and the captions of posts, by id; of others there are none."""
    found: dict[str, str] = {}
    for key, name, _ in _NAMED.get(dimension, ()) if ids else ():
        found |= {row[0]: row[1] for row in (await session.execute(select(key, name).where(key.in_(ids)))).all()}
    return found


async def owners(session: ReadSession, dimension: str, ids: Collection[str]) -> set[str]:
    """The accounts of campaigns, ad sets, ads or posts, and accounts themselves; of other dimensions none."""
    found: set[str] = set()
    for key, _, owner in _NAMED.get(dimension, ()):
        found |= set((await session.execute(select(owner).where(key.in_(ids)).distinct())).scalars())
    if not found and dimension in AD_OBJECTS:  # what was archived before the first collection has days alone
        of = ad_insights.c
        query = select(of.ad_account_id).where(of[AD_OBJECTS[dimension]].in_(ids)).distinct()
        found = set((await session.execute(query)).scalars())
    return found


async def unread_days(
    session: ReadSession, accounts: Collection[str], metrics: Collection[str], span: Span
) -> dict[str, list[date]]:
    """The days on which coverage does not have all metrics of an account, complete or empty by Meta's rules, in order
    by account.
    """
    of = coverage.c
    query = (
        select(of.subject_id, of.day)
        .where(
            of.subject_id.in_(accounts),
            of.metric.in_(metrics),
            of.day.between(span.first, span.last),
            of.state.in_(("complete", "empty")),
        )
        .group_by(of.subject_id, of.day)
        .having(func.count() == len(metrics))
    )
    known = {tuple(row) for row in (await session.execute(query)).all()}
    days = [span.first + timedelta(days=number) for number in range(span.days)]
    return {account: [day for day in days if (account, day) not in known] for account in accounts}


def _summed(table: Table, part: str) -> ColumnElement[Any]:
    """The column of a part; of `a&b` the values of a where b is known."""
    name, _, known = part.partition("&")
    column: ColumnElement[Any] = table.c[name]
    return column if not known else case((table.c[known].is_not(None), column))


def _ad_column(table: Table, dimension: str) -> ColumnElement[str]:
    column: ColumnElement[str] = table.c[AD_OBJECTS.get(dimension) or AD_PARTS[dimension][1]]
    return column


def _grouped(
    table: Table,
    question: Question,
    dimensions: Mapping[str, ColumnElement[str]],
    currency: ColumnElement[str] | None = None,
) -> Select[Any]:
    """The groups of a question without their sums: dimensions, period, and currency where there is one."""
    periods: Mapping[str, Any] = {"day": table.c.day, "week": WeekOf(table.c.day), "month": MonthOf(table.c.day)}
    keys: list[ColumnElement[Any]] = [*dimensions.values(), *([] if currency is None else [currency])]
    if question.grain != "total":
        keys.append(periods[question.grain])
    columns: list[ColumnElement[Any]] = [*keys, func.count(), func.min(table.c.read_at)]
    return select(*columns).group_by(*keys).limit(MOST_GROUPS + 1)


async def _groups(
    session: ReadSession,
    question: Question,
    query: Select[Any],
    columns: list[Any],
    names: tuple[str, ...] | None = None,
) -> list[Group]:
    rows = (await session.execute(query.add_columns(*(func.sum(column) for column in columns)))).all()
    if len(rows) > MOST_GROUPS:
        told = f"The answer would have more than {MOST_GROUPS} rows."
        raise Problem(422, "answer_too_long", told, "Ask for fewer days, a coarser grain, or fewer dimensions.")
    return [_group(question, tuple(row), names or question.parts) for row in rows if row[-len(columns) - 2]]


def _group(question: Question, row: tuple[Any, ...], parts: tuple[str, ...]) -> Group:
    place, sums = len(question.dimensions), row[-len(parts) :]
    rows, read_at = row[-len(parts) - 2], row[-len(parts) - 1]
    keys = row[place : -len(parts) - 2]
    since = question.span.first if question.grain == "total" else max(keys[-1], question.span.first)
    currency = keys[0] if question.source == "ad_days" else ""
    return Group(row[:place], since, currency, dict(zip(parts, map(_number, sums), strict=True)), rows, read_at)


def _number(value: Any) -> float | None:
    """A sum as PostgreSQL (a decimal) and SQLite (an integer) give it; whole numbers stay whole."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def _together(dimensions: tuple[str, ...], since: date, currency: str, of: Sequence[Group]) -> Group:
    sums: dict[str, float | None] = {}
    for group in of:
        for part, value in group.sums.items():
            before = sums.get(part)
            sums[part] = value if before is None else before + (value or 0)
    rows, read_at = sum(group.rows for group in of), min(group.read_at for group in of)
    return Group(dimensions, since, currency, sums, rows, read_at)


def _beside(one: Group, other: Group) -> Group:
    return Group(
        one.dimensions,
        one.since,
        one.currency,
        {**one.sums, **other.sums},
        one.rows + other.rows,
        min(one.read_at, other.read_at),
    )
