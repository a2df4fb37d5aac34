"""Writing rows in bulk: each once, the newest reading in place of the older, and what is unchanged left alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Insert,
    Select,
    Table,
    and_,
    bindparam,
    false,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
)

from freehold.kernel.database import WriteSession, insert
from freehold.node.store.staging import source_of

READ_AT = "read_at"
"""The column that says when a row was read; that alone changes nothing."""
REPLACED_AT = "replaced_at"
"""The column of a history that says when the newer reading came."""

ONE: ColumnElement[int] = literal_column("1")
"""Said to PostgreSQL in the statement itself: it cannot tell how many rows a range over keys holds, and what it takes
for millions it first compiles (JIT), for a fifth of a second.
"""

Row = dict[str, Any]
_Columns = Callable[[str], ColumnElement[Any]]


@dataclass(frozen=True)
class Merged:
    """What became of the rows: `written` are new or other than before, `unchanged` were left as they are."""

    written: int
    unchanged: int


async def merge(
    session: WriteSession,
    table: Table,
    keys: Sequence[str],
    rows: list[Row],
    where: ColumnElement[bool] | None = None,
    *,
    history: Table | None = None,
    refresh: bool = False,
) -> Merged:
    """Write `rows` (all with the same columns, `keys` among them), in place of those with the same keys.

    Of several rows with the same keys the last one counts. A row that differs from what is there only in `read_at` is
    not written: `read_at` tells when the values were first read as they stand, and how fresh they are is told by
    coverage, which is written with `refresh`. `where` says which rows give way. `history`, a table with columns of
    `table` and `replaced_at` (when the newer version was read), takes the older version of each row that changes.
    """
    chosen = _once(keys, rows)
    if not chosen:
        return Merged(0, 0)
    plan = _Plan(table, tuple(keys), tuple(chosen[0]), where, refresh)
    merge_into = _merge_one_by_one if session.dialect.name == "sqlite" else _merge_at_once
    written = await merge_into(session, plan, chosen, history)
    return Merged(written, len(chosen) - written)


@dataclass(frozen=True)
class _Plan:
    """What is written where."""

    table: Table
    keys: tuple[str, ...]
    names: tuple[str, ...]
    """Columns that the rows have, keys among them."""
    where: ColumnElement[bool] | None
    refresh: bool

    def same(self, other: _Columns) -> ColumnElement[bool]:
        """Whether a row that is there has the keys of another.

        Said as a range, which only the index over all the keys can answer: of a table without statistics, PostgreSQL
        takes equalities to any index over one of them.
        """
        there, given = tuple_(*(self.table.c[name] for name in self.keys)), tuple_(*map(other, self.keys))
        return and_(there >= given, there <= given)

    def gives_way(self, other: _Columns) -> ColumnElement[bool]:
        """Whether a row that is there is to be replaced by another with its keys."""
        compared = [name for name in self.names if name not in self.keys and (self.refresh or name != READ_AT)]
        differs = or_(false(), *(self.table.c[name].is_distinct_from(other(name)) for name in compared))
        return differs if self.where is None else and_(differs, self.where)

    def upsert(self, session: WriteSession, rows: Select[Any] | None) -> Insert:
        """The statement that writes `rows`, or the rows that it is executed with."""
        statement = insert(session, self.table)
        statement = statement if rows is None else statement.from_select(list(self.names), rows)
        new = statement.excluded
        return statement.on_conflict_do_update(
            index_elements=list(self.keys),
            set_={name: new[name] for name in self.names if name not in self.keys},
            where=self.gives_way(lambda name: new[name]),
        )

    def older(self, history: Table, other: _Columns) -> tuple[list[str], Select[Any]]:
        """The columns of `history`, and the row that will be replaced by another: locked, so that no version of
        another writer's is passed over.
        """
        kept = [name for column in self.table.columns if (name := column.name) in history.c and name != "id"]
        row = select(*(self.table.c[name] for name in kept), other(READ_AT).label(REPLACED_AT))
        return [*kept, REPLACED_AT], row.where(self.same(other), self.gives_way(other)).with_for_update(of=self.table)


async def _merge_one_by_one(session: WriteSession, plan: _Plan, rows: list[Row], history: Table | None) -> int:
    """As SQLite does it: nothing travels, so each row may have its own statement. Gives how many were written."""
    if history is not None:

        def given(name: str) -> ColumnElement[Any]:
            return bindparam(f"new_{name}", type_=plan.table.c[name].type)

        names, older = plan.older(history, given)
        new = [{f"new_{name}": value for name, value in row.items()} for row in rows]
        await session.execute(history.insert().from_select(names, older), new)
    return (await session.execute(plan.upsert(session, None), rows)).rowcount


async def _merge_at_once(session: WriteSession, plan: _Plan, rows: list[Row], history: Table | None) -> int:
    """As PostgreSQL does it: all rows travel together. Gives how many were written."""
    async with source_of(session, plan.table, rows) as source:
        new = source.rows.c
        if history is not None:
            await session.execute(text("SET LOCAL enable_seqscan = off"))
            names, older = plan.older(history, lambda name: new[name])
            replaced = older.correlate(source.rows).limit(ONE).lateral("older")
            found = select(*(replaced.c[name] for name in names)).select_from(source.rows.join(replaced, true()))
            await session.execute(history.insert().from_select(names, found), source.parameters)
            await session.execute(text("SET LOCAL enable_seqscan = on"))
        wanted = select(*(new[name] for name in plan.names))
        result = await session.execute(plan.upsert(session, wanted), source.parameters)
        return result.rowcount


def _once(keys: Sequence[str], rows: list[Row]) -> list[Row]:
    """The last row of each key, in the order of keys: writers that meet lock rows in one order, and do not block."""
    key = itemgetter(*keys)
    last = {key(row): row for row in rows}
    return [last[at] for at in sorted(last)]
