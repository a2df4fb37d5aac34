"""Writing rows in bulk: each once, the newest reading in place of the older."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table

from freehold.kernel.database import WriteSession, insert

_SEQUENCE = frozenset({"id"})


async def merge(
    session: WriteSession,
    table: Table,
    keys: Sequence[str],
    rows: list[dict[str, Any]],
    where: ColumnElement[bool] | None = None,
) -> None:
    """Write rows, in place of those with the same keys; `where` says which of those give way."""
    if not rows:
        return
    statement = insert(session, table)
    changed = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in {*keys, *_SEQUENCE}
    }
    await session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=changed, where=where), rows)
