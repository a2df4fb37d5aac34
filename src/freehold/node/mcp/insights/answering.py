"""The answer to a question: its rows, which days are missing, and the evidence that it rests on."""

import asyncio
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from freehold.kernel.database import ReadSession
from freehold.node.collection.ad_breakdowns import metric_of
from freehold.node.collection.ad_days import AD_DAYS
from freehold.node.mcp.instagram.reading import SHOWN_WORDS, Number, Part
from freehold.node.mcp.tool import Answer, Call, UntrustedText, words
from freehold.node.measures import queries
from freehold.node.measures.catalogue import STORED_AS, Metric
from freehold.node.measures.posts import post_groups, unlisted_days
from freehold.node.measures.queries import Group
from freehold.node.measures.question import Grain, Question

ATTRIBUTION: Final = "Meta's default attribution; results may rise for up to 28 days"
MOST_GAPS: Final = 12


class Stored(Answer):
    """An answer from the store alone. One without a row has no age: `as_of` is absent."""

    as_of: datetime | None = None  # type: ignore[assignment] # only live answers are read again


class Days(Part):
    """Days from `since` to `until`, both included."""

    since: date
    until: date


class Row(Part):
    """One group; `since` is the first day of its period, if the grain is not total. A value that is absent is none. Of
    a row that is not `complete` some days are not known, and in no value.
    """

    dimensions: dict[str, str]
    since: date | None = None
    currency: str | None = None
    complete: bool
    values: dict[str, Number | None]


class Evidence(Part):
    """What an answer rests on: the question as it was understood, and how many stored rows answered it."""

    metrics: list[str]
    dimensions: list[str]
    filters: dict[str, list[str]]
    account_ids: list[str]
    days: Days
    grain: Grain
    time_zone: str
    rows_read: int


@dataclass(frozen=True)
class Answered:
    """Everything that the store says to a question."""

    question: Question
    zone: str
    groups: Sequence[Group]
    unread: Sequence[date]
    """In order."""
    as_of: datetime | None
    """When the oldest row was read; None where there is none."""

    @property
    def evidence(self) -> Evidence:
        """What it rests on."""
        asked = self.question
        return Evidence(
            metrics=list(asked.metrics),
            dimensions=list(asked.dimensions),
            filters={name: list(values) for name, values in asked.filters.items()},
            account_ids=list(asked.accounts),
            days=Days(since=asked.span.first, until=asked.span.last),
            grain=asked.grain,
            time_zone=self.zone,
            rows_read=sum(group.rows for group in self.groups),
        )

    @property
    def attribution(self) -> str | None:
        """By which attribution results are counted, if there are any."""
        return ATTRIBUTION if "results" in self.question.parts else None

    def values(self, group: Group) -> dict[str, float | None]:
        """The metrics of a group."""
        return {metric.name: metric.value(group.sums) for metric in self.question.asked}

    def key(self, group: Group) -> dict[str, str]:
        """The dimensions of a group by name."""
        return dict(zip(self.question.dimensions, group.dimensions, strict=True))

    def by(self, *dimensions: str) -> "Answered":
        """The same, with its groups added up to some of its dimensions."""
        places = [self.question.dimensions.index(name) for name in dimensions]
        question = replace(self.question, dimensions=dimensions)
        return replace(self, question=question, groups=queries.added_up(self.groups, places))

    def knows(self, since: date) -> bool:
        """Whether every day of the period that begins with `since` is known."""
        days = self.question.period(since)
        place = bisect_left(self.unread, days.first)
        return place == len(self.unread) or self.unread[place] > days.last

    def absent(self, metric: Metric, since: date) -> float | None:
        """What a group has that has no row in a period: of ads and posts nothing, 0, where every day is known."""
        counted = metric.source != "account_days" and len(metric.parts) == 1
        return 0 if counted and self.knows(since) else None

    def gaps(self) -> list[Days]:
        """The days that are not known."""
        return stretches(self.unread)


def earliest(read: Iterable[datetime | None]) -> datetime | None:
    """When the oldest part of an answer was read; None where nothing was: an answer without rows has no age."""
    return min((at for at in read if at is not None), default=None)


def stretches(days: Sequence[date]) -> list[Days]:
    """Days, which are in order, as stretches, the newest first; at most a dozen."""
    runs = groupby(enumerate(days), lambda each: each[1].toordinal() - each[0])
    found = [[day for _, day in run] for _, run in runs]
    return [Days(since=run[0], until=run[-1]) for run in reversed(found)][:MOST_GAPS]


async def answered(call: Call, question: Question, zone: str) -> Answered:
    """What the store says. Raises `Problem` 422 where the answer would be too long."""
    async with call.node.database.reading() as session:
        groups = await _groups(session, question, zone)
        unread = await _unread(session, question, zone)
    return Answered(question, zone, groups, unread, earliest(group.read_at for group in groups))


async def both_answered(call: Call, one: Question, other: Question, zone: str) -> tuple[Answered, Answered]:
    """What the store says to two questions, asked side by side: each is added up by a core of its own. Raises as
    `answered` does.
    """
    try:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(answered(call, question, zone)) for question in (one, other)]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    first, second = (task.result() for task in asked)
    return first, second


async def labels(call: Call, keys: Iterable[Mapping[str, str]]) -> dict[str, dict[str, UntrustedText]]:
    """The names that people gave to what the keys of shown rows name, and the beginnings of captions, by dimension and
    id.
    """
    shown: defaultdict[str, set[str]] = defaultdict(set)
    for key in keys:
        for dimension, value in key.items():
            shown[dimension].add(value)
    async with call.node.database.reading() as session:
        found = {dimension: await queries.names(session, dimension, ids) for dimension, ids in shown.items()}
    return {dimension: _words(dimension, names) for dimension, names in found.items() if names}


def _words(dimension: str, names: Mapping[str, str]) -> dict[str, UntrustedText]:
    most = SHOWN_WORDS if dimension == "post" else None
    return {each: text for each, name in names.items() if (text := words(name, most)) is not None}


async def _groups(session: ReadSession, question: Question, zone: str) -> list[Group]:
    if question.source == "ad_days":
        return await queries.ad_groups(session, question)
    if question.source == "account_days":
        return await queries.account_groups(session, question)
    return await post_groups(session, question, ZoneInfo(zone))


async def _unread(session: ReadSession, question: Question, zone: str) -> list[date]:
    """The days of which something that was asked for is not known; posts are known by their list, not by coverage."""
    if question.source == "posts":
        return await unlisted_days(session, question, ZoneInfo(zone))
    if question.source == "ad_days":
        metrics = [metric_of(question.breakdown) if question.breakdown else AD_DAYS]
    else:
        metrics = [STORED_AS[name] for name in question.metrics]
    found: set[date] = set()
    for metric in metrics:
        found.update(await queries.unread_days(session, question.accounts, metric, question.span))
    return sorted(found)
