"""Questions about posts: grouped by what they are and when they were published, as the account's own clock has it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from freehold.kernel.database import ReadSession
from freehold.node.analysis.features import WEEKDAYS
from freehold.node.analysis.results import format_of
from freehold.node.measures.queries import Group
from freehold.node.measures.question import Grain, Question, Span
from freehold.node.store.instagram.queries import MeasuredPost, feed, listed, measured
from freehold.node.store.instagram.upserts import Feed

COUNTED: Final = "posts"
"""The part that counts posts themselves; `METRIC.posts` counts those of which METRIC was read."""
_MOST: Final = 20_000
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Value:
    """What one post adds to a part of its group."""

    account_id: str
    post_id: str
    kind: str
    at: datetime
    part: str
    value: float
    read_at: datetime


async def post_groups(session: ReadSession, question: Question, zone: ZoneInfo) -> list[Group]:
    """The sums of the posts published in the span, whose latest values count whenever they were gathered."""
    groups: dict[tuple[tuple[str, ...], date], list[_Value]] = {}
    for each in await _values(session, question, zone):
        values = {name: _DIMENSIONS[name](each) for name in (*question.dimensions, *question.filters)}
        if all(values[name] in chosen for name, chosen in question.filters.items()):
            key = tuple(values[name] for name in question.dimensions)
            groups.setdefault((key, _period(question, each.at.date())), []).append(each)
    return [_group(key, since, values) for (key, since), values in groups.items()]


async def unlisted_days(session: ReadSession, question: Question, zone: ZoneInfo) -> dict[str, list[date]]:
    """The days of which not all posts of an account are known, by account: days that were not over when its posts were
    listed last, and those before the oldest post that ever was, unless its list was read to the end.
    """
    feeds = [await feed(session, account_id) for account_id in question.accounts]
    return {each.account_id: _unlisted(each, question.span, zone) for each in feeds}


def _unlisted(feed: Feed, span: Span, zone: ZoneInfo) -> list[date]:
    until = feed.listed_at or _NEVER
    since = _NEVER if feed.whole else feed.listed_since or until
    days = (span.first + timedelta(days=number) for number in range(span.days))
    return [day for day in days if _midnight(day, zone) < since or _midnight(day + timedelta(days=1), zone) > until]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


async def _values(session: ReadSession, question: Question, zone: ZoneInfo) -> list[_Value]:
    since = _midnight(question.span.first, zone)
    until = _midnight(question.span.last + timedelta(days=1), zone) - timedelta(microseconds=1)
    found = []
    for account_id in question.accounts:
        read = {}
        for name in dict.fromkeys(name for part in question.parts for name in part.partition(".")[0].split("&")):
            if name != COUNTED:
                read[name] = await measured(session, account_id, name, since, until)
                continue
            for post in await listed(session, account_id, since, until, _MOST):
                kind, at = format_of(post.media_type, post.product_type), post.published_at.astimezone(zone)
                found.append(_Value(account_id, post.post_id, kind, at, name, 1, post.read_at))
        found += [value for part in question.parts if part != COUNTED for value in _of(account_id, part, read, zone)]
    return found


def _of(account_id: str, part: str, read: Mapping[str, Sequence[MeasuredPost]], zone: ZoneInfo) -> Iterator[_Value]:
    """What each post adds to a part."""
    name, _, counted = part.partition(".")
    name, _, known = name.partition("&")
    both = {measure.post_id for measure in read[known or name]}
    for measure in read[name]:
        if measure.post_id in both:
            kind, at = format_of(measure.media_type, measure.product_type), measure.published_at.astimezone(zone)
            value = 1 if counted else measure.value
            yield _Value(account_id, measure.post_id, kind, at, part, value, measure.read_at)


_DIMENSIONS: Final[dict[str, Callable[[_Value], str]]] = {
    "account": lambda each: each.account_id,
    "post": lambda each: each.post_id,
    "format": lambda each: each.kind,
    "weekday": lambda each: WEEKDAYS[each.at.weekday()],
    "hour": lambda each: f"{each.at.hour:02}",
}


def _period(question: Question, day: date) -> date:
    """The first day of the period that a day is in."""
    begins: dict[Grain, date] = {
        "total": question.span.first,
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
    }
    return max(begins[question.grain], question.span.first)


def _group(key: tuple[str, ...], since: date, values: list[_Value]) -> Group:
    sums: dict[str, float | None] = {}
    for each in values:
        sums[each.part] = (sums.get(each.part) or 0) + each.value
    whole = {part: int(value) if value == int(value) else value for part, value in sums.items() if value is not None}
    posts = len({each.post_id for each in values})
    return Group(key, since, "", whole, posts, min(each.read_at for each in values))
