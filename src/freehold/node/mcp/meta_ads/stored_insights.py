"""Results from the store: sums of ads' days, where every day of the window was read and its reach is known."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import RowMapping

from freehold.node.collection.ad_days import AD_DAYS
from freehold.node.mcp.meta_ads import queries
from freehold.node.mcp.meta_ads.queries import Days
from freehold.node.mcp.tool import Call
from freehold.node.store.ads.queries import reach_metric
from freehold.node.store.coverage.queries import Covered, covered
from freehold.providers.meta.ad_insights import Level, Result, Span

LONGEST: Final = 92
"""Days of the longest window that is summed here: a longer one is Meta's to sum."""


@dataclass(frozen=True)
class Subject:
    """What results are asked of, and by what level they are told; `object_id` is empty for the account itself."""

    account_id: str
    account_name: str
    kind: Level
    object_id: str
    level: Level


@dataclass(frozen=True)
class Stored:
    """Results as they were read; `as_of` is when the oldest part of them was."""

    results: list[Result]
    as_of: datetime


async def read(
    call: Call, subject: Subject, span: Span, today: date, max_age: timedelta, *, daily: bool
) -> Stored | None:
    """The results of a window of finished days; None where the store does not hold them whole, or too old.

    Reach counts people, so that of a window is told only where it was asked for as such; that of a day only by ad.
    """
    first, last = span
    if last >= today or (last - first).days >= LONGEST or (daily and subject.level != "ad"):
        return None
    async with call.node.database.reading() as session:
        metrics = (AD_DAYS, reach_metric(subject.level, first, last))
        known = await covered(session, subject.account_id, first, last, metrics)
        marks = _marks(known, subject, span, daily=daily)
        if marks is None or call.now() - max(mark.read_at for mark in marks) > max_age:
            return None
        wanted = Days(subject.account_id, first, last, subject.kind, subject.object_id)
        rows = await queries.sums(session, wanted, subject.level, daily=daily)
        reached = {} if daily else await queries.reach(session, subject.account_id, subject.level, first, last)
        names = {} if subject.level == "account" else await queries.names(session, subject.account_id, subject.level)
        objectives = await queries.objectives(session, subject.account_id)
    if _lacks(rows, subject, names, objectives):
        return None
    found = [
        _result(
            subject,
            row,
            subject.account_name if subject.level == "account" else names[row["key"]][0],
            objectives,
            (row["day"], row["day"]) if daily else span,
            reached.get(row["key"]),
        )
        for row in rows
    ]
    found.sort(key=lambda each: (each.first_day, -each.spend_minor, each.about[f"{subject.level}_id"]))
    return Stored(found, min(mark.read_at for mark in marks))


def _lacks(rows: Sequence[RowMapping], subject: Subject, names: Collection[str], objectives: Collection[str]) -> bool:
    """Whether a row is about something whose name or objective is not stored: its result could not be told."""
    if subject.level == "account":
        return False
    return any(row["key"] not in names or row["campaign_id"] not in objectives for row in rows)


def _marks(
    known: dict[tuple[str, date], Covered], subject: Subject, span: Span, *, daily: bool
) -> list[Covered] | None:
    """The marks of every day of a window, and of its reach; None where one is missing."""
    first, last = span
    wanted = [(AD_DAYS, first + timedelta(days=number)) for number in range((last - first).days + 1)]
    if not daily:
        wanted.append((reach_metric(subject.level, first, last), last))
    marks = [known.get(each) for each in wanted]
    found = [mark for mark in marks if mark is not None and mark.state == "complete"]
    return found if len(found) == len(wanted) else None


def _result(
    subject: Subject,
    row: RowMapping,
    name: str,
    objectives: dict[str, str],
    span: Span,
    reach: int | None,
) -> Result:
    level = subject.level
    about = {f"{level}_id": row["key"].removeprefix("act_"), f"{level}_name": name}
    if level != "account":
        about["objective"] = objectives[row["campaign_id"]]
    daily = span[0] == span[1] and level == "ad" and reach is None and row["days"] == 1
    return Result(
        about=about,
        parts={},
        first_day=span[0],
        last_day=span[1],
        currency=row["currency"],
        reach=row["reach"] if daily else reach,
        actions=_added(row["actions"]),
        action_values_minor=_added(row["action_values_minor"]),
        actions_by_window={},
        action_values_by_window_minor={},
        actions_by_part={},
        **{name: row[name] for name in queries.SUMMED},
    )


def _added(objects: str) -> dict[str, int]:
    """Counts by name, added up over JSON objects with commas between; parsed at once, they take half the time."""
    total: dict[str, int] = {}
    for counts in json.loads(f"[{objects}]"):
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    return total
