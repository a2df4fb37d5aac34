"""Reading recommendations: what stands, what people decided, what is followed, and what was measured of it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select

from freehold.kernel.database import ReadSession
from freehold.node.store.recommendations.tables import ai_recommendations

Status = Literal["new", "accepted", "dismissed", "done"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
STANDING: Final[tuple[Status, ...]] = ("new", "accepted")
"""The statuses of advice that is not made a second time meanwhile."""
_OF = ai_recommendations.c
_ADVISED = _OF.topic != ""
"""Rows without a topic are from before advice was made."""


@dataclass(frozen=True)
class Recommendation:
    """Advice as it is written down.

    `evidence` has the finding and every number that may be told of it; `forecast` what is expected of following it and
    how that is measured; `outcome` what was measured. `title` and `text` are in `language`, worded by `worded_by`.
    """

    recommendation_id: str
    topic: str
    kind: str
    account_id: str
    title: str
    text: str
    action: str
    why: str
    language: str
    worded_by: str
    confidence: str
    effort: str
    first_day: date
    last_day: date
    evidence: Mapping[str, Any]
    forecast: Mapping[str, Any] | None
    made_at: datetime
    found_at: datetime
    status: Status = "new"
    changed_by: str = ""
    changed_at: datetime | None = None
    acted_at: datetime | None = None
    outcome: Mapping[str, Any] | None = None
    measured_at: datetime | None = None
    note: str | None = None


DOCUMENTS: Final = ("evidence", "forecast", "outcome")
"""The columns that are kept as JSON, empty for none."""


async def find(session: ReadSession, recommendation_id: str) -> Recommendation | None:
    """One, or None where there is none of this id."""
    rows = await session.execute(select(ai_recommendations).where(_ADVISED, _OF.recommendation_id == recommendation_id))
    row = rows.mappings().first()
    return None if row is None else _recommendation(row)


async def listed(
    session: ReadSession,
    *,
    statuses: Collection[Status] = (),
    account_ids: Collection[str] | None = None,
    found_since: datetime | None = None,
    limit: int = 200,
) -> list[Recommendation]:
    """Recommendations, the newest first: of some statuses or of all, about some assets or about whatever.

    "" among the assets stands for those about none, such as competitors'. `found_since` leaves out what no look has
    found since.
    """
    query = select(ai_recommendations).where(_ADVISED, *_about(account_ids))
    query = query.order_by(_OF.made_at.desc(), _OF.recommendation_id).limit(limit)
    if statuses:
        query = query.where(_OF.status.in_(tuple(statuses)))
    if found_since is not None:
        query = query.where(_OF.found_at >= found_since)
    return [_recommendation(row) for row in (await session.execute(query)).mappings()]


async def quiet_topics(
    session: ReadSession, topics: Collection[str], found_since: datetime, passing: Collection[str]
) -> set[str]:
    """Those of `topics` of which nothing new is to be made.

    One stands; or was dismissed, for good unless it was of a kind that is `passing`; or was decided on, and looks have
    gone on finding it since `found_since`. What the node has closed itself keeps nothing quiet.
    """
    for_good = and_(_OF.status == "dismissed", _OF.changed_by != "", _OF.kind.not_in(tuple(passing)))
    still = and_(_OF.status.in_(("dismissed", "done")), _OF.changed_by != "", _OF.found_at >= found_since)
    query = select(_OF.topic).where(_OF.topic.in_(tuple(topics)), or_(_OF.status.in_(STANDING), for_good, still))
    return set((await session.execute(query)).scalars())


async def undecided(session: ReadSession, topics: Collection[str]) -> dict[str, Any]:
    """The evidence of those about `topics` that nobody has decided on, by topic."""
    query = select(_OF.topic, _OF.evidence).where(_OF.topic.in_(tuple(topics)), _OF.status == "new")
    return {topic: json.loads(evidence) for topic, evidence in await session.execute(query)}


async def to_measure(session: ReadSession, acted_before: datetime, limit: int = 500) -> list[Recommendation]:
    """Those that have been followed since before then, whose forecast was not measured yet, the longest first."""
    wanted = (_ADVISED, _OF.forecast != "", _OF.acted_at < acted_before, _OF.measured_at.is_(None))
    query = select(ai_recommendations).where(*wanted).order_by(_OF.acted_at, _OF.recommendation_id).limit(limit)
    return [_recommendation(row) for row in (await session.execute(query)).mappings()]


async def measured(
    session: ReadSession, account_ids: Collection[str] | None = None, limit: int = 1_000
) -> list[Recommendation]:
    """Those whose forecast was measured, the newest measurement first; about some assets, or about whatever."""
    query = select(ai_recommendations).where(_ADVISED, _OF.measured_at.is_not(None), *_about(account_ids))
    rows = await session.execute(query.order_by(_OF.measured_at.desc(), _OF.recommendation_id).limit(limit))
    return [_recommendation(row) for row in rows.mappings()]


async def counts(session: ReadSession, account_ids: Collection[str] | None = None) -> dict[str, int]:
    """How many there are of each status that any has; and as `waiting` how many are followed and not measured yet."""
    mine = (_ADVISED, *_about(account_ids))
    query = select(_OF.status, func.count()).where(*mine).group_by(_OF.status)
    found = {status: int(count) for status, count in (await session.execute(query)).all()}
    waiting = (*mine, _OF.forecast != "", _OF.acted_at.is_not(None), _OF.measured_at.is_(None))
    rows = await session.execute(select(func.count()).select_from(ai_recommendations).where(*waiting))
    return {**found, "waiting": int(rows.scalar_one())}


def _about(account_ids: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    """Those about some assets; "" stands for what is about none, such as competitors. None: about whatever."""
    return () if account_ids is None else (_OF.account_id.in_(tuple(account_ids)),)


def _recommendation(row: RowMapping) -> Recommendation:
    read = {name: json.loads(row[name]) if row[name] else None for name in DOCUMENTS}
    return Recommendation(**{**row, **read})
