"""Writing recommendations: each topic once while it stands, and what people decide stays decided."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, update

from freehold.kernel.database import WriteSession, insert
from freehold.node.store.recommendations.queries import DOCUMENTS, STANDING, Recommendation, Status, quiet_topics
from freehold.node.store.recommendations.tables import ai_recommendations

_OF = ai_recommendations.c
_OF_THE_ONE = frozenset(
    {"recommendation_id", "made_at", "status", "changed_by", "changed_at", "acted_at", "outcome", "measured_at"}
)
"""What stays as it is when a recommendation is told anew."""


async def add(
    session: WriteSession, made: Sequence[Recommendation], found_since: datetime, passing: Collection[str]
) -> list[str]:
    """Write new recommendations, apart from those whose topic is quiet (`queries.quiet_topics`); gives their ids.

    Asked and written in one transaction; where another process was quicker, the database's index decides.
    """
    quiet = await quiet_topics(session, [each.topic for each in made], found_since, passing)
    statement = insert(session, ai_recommendations).on_conflict_do_nothing()
    new = [each for each in made if each.topic not in quiet]
    return [each.recommendation_id for each in new if (await session.execute(statement, _row(each))).rowcount]


async def found_again(session: WriteSession, topics: Collection[str], now: datetime) -> None:
    """A look has found what these are about once more, whatever was decided on them."""
    statement = update(ai_recommendations).where(_OF.topic.in_(tuple(topics)))
    await session.execute(statement.values(found_at=now))


async def renew(session: WriteSession, made: Sequence[Recommendation]) -> None:
    """What nobody has decided on says from now on what was made of the same topic; it stays the one that it is."""
    for each in made:
        said = {name: value for name, value in _row(each).items() if name not in _OF_THE_ONE}
        await session.execute(
            update(ai_recommendations).where(_OF.topic == each.topic, _OF.status == "new").values(**said)
        )


async def close(session: WriteSession, topics: Collection[str], now: datetime) -> None:
    """A look has found the opposite of these: the node dismisses them, and what is followed is done."""
    statement = update(ai_recommendations).where(_OF.topic.in_(tuple(topics)), _OF.status.in_(STANDING))
    status = case((_OF.status == "accepted", "done"), else_="dismissed")
    await session.execute(statement.values(status=status, changed_by="", changed_at=now))


async def change_status(
    session: WriteSession, recommendation_id: str, status: Status, changed_by: str, now: datetime
) -> bool:
    """Write down what somebody decided; whoever accepts or has done it follows it from then on, until it is dismissed.

    False when there is none of this id, or when it would stand beside another of the same topic.
    """
    mine = _OF.recommendation_id == recommendation_id
    topic = select(_OF.topic).where(mine, _OF.topic != "").scalar_subquery()
    if status in STANDING:
        other = ai_recommendations.alias("other").c
        taken = select(other.topic).where(
            other.topic == topic, other.recommendation_id != recommendation_id, other.status.in_(STANDING)
        )
        if (await session.execute(taken.limit(1))).first() is not None:
            return False
    values: dict[str, Any] = {"status": status, "changed_by": changed_by, "changed_at": now}
    if status in {"accepted", "done"}:
        values["acted_at"] = func.coalesce(_OF.acted_at, now)
    else:
        values["acted_at"] = None
    changed = await session.execute(update(ai_recommendations).where(mine, _OF.topic != "").values(**values))
    return bool(changed.rowcount)


async def write_outcome(
    session: WriteSession, recommendation_id: str, outcome: Mapping[str, Any], now: datetime
) -> bool:
    """Write down what was measured, once; False where it was before."""
    statement = update(ai_recommendations).where(
        _OF.recommendation_id == recommendation_id, _OF.measured_at.is_(None), _OF.acted_at.is_not(None)
    )
    written = json.dumps(dict(outcome), ensure_ascii=False)
    return bool((await session.execute(statement.values(outcome=written, measured_at=now))).rowcount)


def _row(made: Recommendation) -> dict[str, Any]:
    """The row of a new one. Its note is people's, and stays unnamed."""
    row = {name: value for name, value in asdict(made).items() if name != "note"}
    documents = {name: json.dumps(row[name], ensure_ascii=False) if row[name] else "" for name in DOCUMENTS}
    return {**row, **documents}
