"""The answer to a question: its rows, which days are missing, and the evidence that it rests on."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from freehold.kernel.database import ReadSession
from freehold.node.analysis.results import RIPE_AFTER
from freehold.node.collection.ad_breakdowns import metric_of
from freehold.node.collection.ad_days import AD_DAYS
from freehold.node.mcp.instagram.reading import SHOWN_WORDS, Number, Part
from freehold.node.mcp.tool import Answer, Call, UntrustedText, words
from freehold.node.measures import queries
from freehold.node.measures.catalogue import OWNERS, STORED_AS, Metric, Source
from freehold.node.measures.posts import post_groups, unlisted_days
from freehold.node.measures.queries import Group
from freehold.node.measures.question import Grain, Question
from freehold.node.measures.unread import Unread

YOUNG_POSTS: Final = "Posts younger than 3 days have not gathered most of what they will."
OF_POSTS: Final[frozenset[Source]] = frozenset({"posts", "page_posts"})
ATTRIBUTION: Final = "Meta's default attribution; results may rise for up to 28 days"
MOST_GAPS: Final = 12


class Stored(Answer):
    """An answer from the store alone. One without a row has no age: `as_of` is absent."""

    as_of: datetime | None = None  # type: ignore[assignment] # only live answers are read again


class Days(Part):
    """Days from `since` to `until`, both included."""

    since: date
    until: date


class NotRead(Days):
    """Days that are not known, each of them of all of these accounts."""

    account_ids: list[str]


class Row(Part):
    """One group; `since` is the first day of its period, if the grain is not total, and `until` the last one that is
    asked for: a week or month at an end may have fewer days. A value that is absent is none. Of
    a row that is not `complete` some days are not known, and in no value: of its account, if it is of one, else of any.
    `posts_not_read` counts by metric the posts of which it was not read: they are in no value, and are no zeros.
    """

    dimensions: dict[str, str]
    since: date | None = None
    until: date | None = None
    currency: str | None = None
    complete: bool
    values: dict[str, Number | None]
    posts_not_read: dict[str, int] | None = None


class Evidence(Part):
    """What an answer rests on: the question as it was understood, and how many stored rows answered it. Days are those
    of `time_zone`, weekdays and hours those of `clock`.
    """

    metrics: list[str]
    dimensions: list[str]
    filters: dict[str, list[str]]
    account_ids: list[str]
    days: Days
    grain: Grain
    time_zone: str
    clock: str | None = None
    rows_read: int


@dataclass(frozen=True)
class Answered:
    """Everything that the store says to a question."""

    question: Question
    zone: str
    groups: Sequence[Group]
    unread: Unread
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
            clock=asked.clock if asked.by_clock else None,
            rows_read=sum(group.rows for group in self.groups),
        )

    @property
    def attribution(self) -> str | None:
        """By which attribution results are counted, if there are any."""
        return ATTRIBUTION if "results" in self.question.parts else None

    def values(self, group: Group) -> dict[str, float | None]:
        """The metrics of a group."""
        return {metric.name: metric.value(group.sums) for metric in self.question.asked}

    def posts_not_read(self, *groups: Group) -> dict[str, int] | None:
        """How many posts of some groups, or of all, are in no value, by metric; None where there is none."""
        found = {
            metric.name: sum(metric.without(each.sums) for each in groups or self.groups)
            for metric in self.question.asked
        }
        return {name: count for name, count in found.items() if count} or None

    def key(self, group: Group) -> dict[str, str]:
        """The dimensions of a group by name."""
        return dict(zip(self.question.dimensions, group.dimensions, strict=True))

    def by(self, *dimensions: str) -> "Answered":
        """The same, with its groups added up to some of its dimensions."""
        places = [self.question.dimensions.index(name) for name in dimensions]
        question = replace(self.question, dimensions=dimensions)
        return replace(self, question=question, groups=queries.added_up(self.groups, places))

    @property
    def complete(self) -> bool:
        """Whether every day is known of every account."""
        return not self.unread.days

    def knows(self, since: date, dimensions: tuple[str, ...]) -> bool:
        """Whether of a group every day of the period that begins with `since` is known: of the account that its
        dimensions name, else of all.
        """
        names = self.question.dimensions
        owner = OWNERS[self.question.source]
        account = dimensions[names.index(owner)] if owner in names else None
        return not self.unread.touches(self.question.period(since), account)

    def absent(self, metric: Metric, since: date, dimensions: tuple[str, ...]) -> float | None:
        """What a group has that has no row in a period: of ads and posts nothing, 0, where every day is known."""
        counted = metric.source != "account_days" and len(metric.parts) == 1
        return 0 if counted and self.knows(since, dimensions) else None

    def gaps(self) -> list[NotRead]:
        """The days that are not known."""
        return gaps(self.unread)


def earliest(read: Iterable[datetime | None]) -> datetime | None:
    """When the oldest part of an answer was read; None where nothing was: an answer without rows has no age."""
    return min((at for at in read if at is not None), default=None)


def gaps(unread: Unread) -> list[NotRead]:
    """The days that are not known as stretches, the newest first; at most a dozen."""
    found = [NotRead(since=span.first, until=span.last, account_ids=accounts) for span, accounts in unread.stretches()]
    return found[::-1][:MOST_GAPS]


def gathering(call: Call, question: Question) -> bool:
    """Whether posts of the span may be too young to have gathered most of what they will."""
    return call.now().date() - question.span.last <= RIPE_AFTER + timedelta(days=1)


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


async def _unread(session: ReadSession, question: Question, zone: str) -> Unread:
    """The days of which something that was asked for is not known; posts are known by their list, not by coverage."""
    if question.source in OF_POSTS:
        return Unread(await unlisted_days(session, question, ZoneInfo(zone)))
    if question.source == "ad_days":
        metrics = [metric_of(question.breakdown) if question.breakdown else AD_DAYS]
    else:
        metrics = [STORED_AS[name] for name in question.metrics]
    return Unread(await queries.unread_days(session, question.accounts, metrics, question.span))
