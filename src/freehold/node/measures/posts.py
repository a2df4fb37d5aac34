"""Questions about posts: grouped by what they are and when they were published, as the account's own clock has it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from freehold.kernel.database import ReadSession
from freehold.node.analysis.features import WEEKDAYS
from freehold.node.analysis.results import format_of
from freehold.node.measures.catalogue import WITHOUT
from freehold.node.measures.queries import Group
from freehold.node.measures.question import Grain, Question, Span
from freehold.node.store.instagram.queries import MeasuredPost, StoredPost, feed, listed, measured
from freehold.node.store.instagram.upserts import Feed

COUNTED: Final = "posts"
"""The part that counts posts themselves; `METRIC.posts` counts those of which METRIC was read."""
_MOST: Final = 100_000
"""More than any account may publish in the days of the longest question."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Post:
    """A post of the span, and what it adds to the parts of its group; what was not read of it is not in `values`."""

    account_id: str
    post_id: str
    kind: str
    at: datetime
    values: Mapping[str, float]
    read_at: datetime


async def post_groups(session: ReadSession, question: Question, zone: ZoneInfo) -> list[Group]:
    """The sums of the posts published in the span, whose latest values count whenever they were gathered. A post of
    which a part was not read is no part of that sum, and is counted.
    """
    groups: dict[tuple[tuple[str, ...], date], list[_Post]] = {}
    for each in await _posts(session, question, zone):
        values = {name: _DIMENSIONS[name](each) for name in (*question.dimensions, *question.filters)}
        if all(values[name] in chosen for name, chosen in question.filters.items()):
            key = tuple(values[name] for name in question.dimensions)
            groups.setdefault((key, _period(question, each.at.date())), []).append(each)
    return [_group(question, key, since, posts) for (key, since), posts in groups.items()]


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


async def _posts(session: ReadSession, question: Question, zone: ZoneInfo) -> list[_Post]:
    since = _midnight(question.span.first, zone)
    until = _midnight(question.span.last + timedelta(days=1), zone) - timedelta(microseconds=1)
    names = {name for part in question.parts for name in part.partition(".")[0].split("&")} - {COUNTED}
    found = []
    for account_id in question.accounts:
        read = {
            name: {each.post_id: each for each in await measured(session, account_id, name, since, until)}
            for name in names
        }
        posts = await listed(session, account_id, since, until, _MOST)
        found += [
            _post(each, {name: of[each.post_id] for name, of in read.items() if each.post_id in of}, question, zone)
            for each in posts
        ]
    return found


def _post(post: StoredPost, read: Mapping[str, MeasuredPost], question: Question, zone: ZoneInfo) -> _Post:
    """A post with what it adds to each part; as old as the oldest of its figures, or as when it was listed."""
    kind, at = format_of(post.media_type, post.product_type), post.published_at.astimezone(zone)
    values = {part: value for part in question.parts if (value := _value(part, read)) is not None}
    read_at = [each.read_at for each in read.values()]
    if COUNTED in question.parts or not read_at:
        read_at.append(post.read_at)
    return _Post(post.account_id, post.post_id, kind, at, values, min(read_at))


def _value(part: str, read: Mapping[str, MeasuredPost]) -> float | None:
    """What a post adds to a part; None where that is not known."""
    name, _, counted = part.partition(".")
    name, *known = name.split("&")
    if name == COUNTED:
        return 1
    if name not in read or any(each not in read for each in known):
        return None
    return 1 if counted else read[name].value


_DIMENSIONS: Final[dict[str, Callable[[_Post], str]]] = {
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


def _group(question: Question, key: tuple[str, ...], since: date, posts: Sequence[_Post]) -> Group:
    sums: dict[str, float | None] = {}
    for part in question.parts:
        known = [each.values[part] for each in posts if part in each.values]
        whole = sum(known)
        sums[part] = (int(whole) if whole == int(whole) else whole) if known else None
        sums[f"{part}{WITHOUT}"] = len(posts) - len(known)
    read = [each for each in posts if each.values]
    return Group(key, since, "", sums, len(read), min(each.read_at for each in read or posts))
