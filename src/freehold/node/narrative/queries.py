"""All SQL over what models were asked and what that used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from freehold.kernel.database import ReadSession, WriteSession, insert
from freehold.node.narrative.tables import model_calls, model_usage

_USED = model_usage.c


@dataclass(frozen=True)
class Usage:
    """What requests used: tokens, and millionths of a US dollar."""

    tokens: int
    cost_micros: int


async def used(session: ReadSession, month: str) -> Usage:
    """What a month has used so far, with what is reserved."""
    row = (await session.execute(select(_USED.tokens, _USED.cost_micros).where(_USED.month == month))).first()
    return Usage(0, 0) if row is None else Usage(row.tokens, row.cost_micros)


async def reserve(session: WriteSession, month: str, usage: Usage, tokens: int, cost_micros: int | None) -> bool:
    """Add to a month what a request may use; False, and nothing changes, where it would pass a limit."""
    fresh = insert(session, model_usage).values(month=month, tokens=0, cost_micros=0).on_conflict_do_nothing()
    await session.execute(fresh)
    fits = [_USED.month == month, _USED.tokens + usage.tokens <= tokens]
    if cost_micros is not None:
        fits.append(_USED.cost_micros + usage.cost_micros <= cost_micros)
    added = {"tokens": _USED.tokens + usage.tokens, "cost_micros": _USED.cost_micros + usage.cost_micros}
    return bool((await session.execute(update(model_usage).where(*fits).values(added))).rowcount)


async def correct(session: WriteSession, month: str, reserved: Usage, spent: Usage) -> None:
    """Put what was used in place of what was reserved."""
    changed = {
        "tokens": _USED.tokens + (spent.tokens - reserved.tokens),
        "cost_micros": _USED.cost_micros + (spent.cost_micros - reserved.cost_micros),
    }
    await session.execute(update(model_usage).where(_USED.month == month).values(changed))


async def begin(session: WriteSession, call: Mapping[str, Any]) -> int:
    """Write down that something is asked; gives the row's id."""
    made = insert(session, model_calls).values(**call).returning(model_calls.c.id)
    return int((await session.execute(made)).scalar_one())


async def end(session: WriteSession, call_id: int, outcome: Mapping[str, Any]) -> None:
    """Write down what came of it."""
    await session.execute(update(model_calls).where(model_calls.c.id == call_id).values(**outcome))
