"""How far a run has come, kept together with what was read: no page is lost, and none is read for nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from freehold.kernel.database import ReadSession, WriteSession, insert
from freehold.node.runs.tables import collection_places


@dataclass(frozen=True)
class Place:
    """A list, or one call, of a run: where its next page begins and how large that is, or that all of it is read."""

    name: str
    cursor: str | None = None
    page_size: int = 0
    finished: bool = False


async def place_of(session: ReadSession, run_id: str, asset_id: str, name: str) -> Place:
    """How far the run has come there; the beginning where it has not been there."""
    of = collection_places.c
    query = select(of.cursor, of.page_size, of.finished).where(
        of.run_id == run_id, of.asset_id == asset_id, of.place == name
    )
    row = (await session.execute(query)).first()
    return Place(name) if row is None else Place(name, row.cursor, row.page_size, row.finished)


async def keep_place(
    session: WriteSession, run_id: str, asset_id: str, place: Place, floor_calls: float, now: datetime
) -> None:
    """Write down how far the run has come; `floor_calls` is added to what the place needed at least so far."""
    values: dict[str, Any] = {
        "run_id": run_id,
        "asset_id": asset_id,
        "place": place.name,
        "cursor": place.cursor,
        "page_size": place.page_size,
        "finished": place.finished,
        "floor_calls": floor_calls,
        "at": now,
    }
    statement = insert(session, collection_places).values(**values)
    changed = {name: values[name] for name in ("cursor", "page_size", "finished", "at")}
    changed["floor_calls"] = collection_places.c.floor_calls + floor_calls
    await session.execute(statement.on_conflict_do_update(index_elements=["run_id", "asset_id", "place"], set_=changed))


async def add_lines(session: WriteSession, run_id: str, asset_id: str, place: Place, now: datetime) -> None:
    """Write down more of a list that a page adds to: the lines in the `cursor` of `place` go after those there."""
    values: dict[str, Any] = {
        "run_id": run_id,
        "asset_id": asset_id,
        "place": place.name,
        "cursor": place.cursor,
        "page_size": place.page_size,
        "finished": place.finished,
        "floor_calls": 0.0,
        "at": now,
    }
    statement = insert(session, collection_places).values(**values)
    longer = collection_places.c.cursor.concat(f"\n{place.cursor}")
    changed = {"cursor": longer, "at": now}
    await session.execute(statement.on_conflict_do_update(index_elements=["run_id", "asset_id", "place"], set_=changed))


async def forget_place(session: WriteSession, run_id: str, asset_id: str, name: str) -> None:
    """Take out what was written down of a place, if anything was."""
    of = collection_places.c
    chosen = delete(collection_places).where(of.run_id == run_id, of.asset_id == asset_id, of.place == name)
    await session.execute(chosen)


async def forget_places(session: WriteSession, run_id: str) -> None:
    """Have the run begin everywhere anew; what it needed at least so far stays counted."""
    mine, of_calls = collection_places.c.run_id == run_id, collection_places.c.floor_calls > 0
    await session.execute(delete(collection_places).where(mine, ~of_calls))
    anew = {"cursor": None, "page_size": 0, "finished": False}
    await session.execute(update(collection_places).where(mine, of_calls).values(**anew))


async def floor_of(session: ReadSession, run_id: str) -> float:
    """The calls that everything read in the run needs at least."""
    query = select(func.coalesce(func.sum(collection_places.c.floor_calls), 0.0))
    return float((await session.execute(query.where(collection_places.c.run_id == run_id))).scalar_one())


async def newest_place(session: ReadSession, run_id: str) -> str | None:
    """The place that the run kept last, without what tells it from others of its kind."""
    of = collection_places.c
    query = select(of.place).where(of.run_id == run_id).order_by(of.at.desc(), of.id.desc()).limit(1)
    found = (await session.execute(query)).scalar()
    return None if found is None else str(found).partition(":")[0]
