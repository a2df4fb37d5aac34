"""Questions about posts: grouped by what they are and when they were published, as the account's own clock has it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from freehold.kernel.database import ReadSession
from freehold.node.analysis.features import WEEKDAYS
from freehold.node.analysis.results import format_of
from freehold.node.collection.days import end_of
from freehold.node.collection.page_posts import LISTED
from freehold.node.measures.catalogue import WITHOUT
from freehold.node.measures.queries import Group
from freehold.node.measures.question import Grain, Question, Span
from freehold.node.store.coverage.queries import covered
from freehold.node.store.facebook import queries as pages
from freehold.node.store.instagram.queries import MeasuredPost, feed, measured, published
from freehold.node.store.instagram.upserts import Feed

COUNTED: Final = "posts"
"""The part that counts posts themselves; `METRIC.posts` counts those of which METRIC was read."""
NO_TYPE: Final = "other"
"""What a page's post is called to which nothing was added."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Post:
    """A post of the span with its figures by stored name; what was not read of it is not in them. `at` is by the clock
    of the question.
    """

    account_id: str
    post_id: str
    kind: str
    at: datetime
    figures: Mapping[str, float]
    read_at: datetime


async def post_groups(session: ReadSession, question: Question, zone: ZoneInfo) -> list[Group]:
    """The sums of the posts published in the span, whose latest values count whenever they were gathered. A post of
    which a part was not read is no part of that sum, and is counted. Days are those of `zone`.
    """
    groups: dict[tuple[tuple[str, ...], date], list[_Post]] = {}
    for each in await _posts(session, question, zone):
        values = {name: _DIMENSIONS[name](each) for name in (*question.dimensions, *question.filters)}
        if all(values[name] in chosen for name, chosen in question.filters.items()):
            key = tuple(values[name] for name in question.dimensions)
            day = each.at.astimezone(zone).date()
            groups.setdefault((key, _period(question, day)), []).append(each)
    return [_group(question, key, since, posts) for (key, since), posts in groups.items()]


async def unlisted_days(session: ReadSession, question: Question, zone: ZoneInfo) -> dict[str, list[date]]:
    """The days of which not all posts of an account are known, by account: days that were not over when its posts were
    listed last, and those before the oldest post that ever was, unless its list was read to the end.
    """
    if question.source == "page_posts":
        return {page_id: await _unlisted_of_page(session, page_id, question.span) for page_id in question.accounts}
    feeds = [await feed(session, account_id) for account_id in question.accounts]
    return {each.account_id: _unlisted(each, question.span, zone) for each in feeds}


def _unlisted(feed: Feed, span: Span, zone: ZoneInfo) -> list[date]:
    until = feed.listed_at or _NEVER
    since = _NEVER if feed.whole else feed.listed_since or until
    return [
        day for day in _days(span) if _midnight(day, zone) < since or _midnight(day + timedelta(days=1), zone) > until
    ]


async def _unlisted_of_page(session: ReadSession, page_id: str, span: Span) -> list[date]:
    """Of a page coverage tells of each day when it was listed; a day that was not over then may have more posts."""
    known = await covered(session, page_id, span.first, span.last, (LISTED,))
    return [day for day in _days(span) if (mark := known.get((LISTED, day))) is None or mark.read_at < end_of(day)]


def _days(span: Span) -> Iterator[date]:
    return (span.first + timedelta(days=number) for number in range(span.days))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


async def _posts(session: ReadSession, question: Question, zone: ZoneInfo) -> list[_Post]:
    since = _midnight(question.span.first, zone)
    until = _midnight(question.span.last + timedelta(days=1), zone) - timedelta(microseconds=1)
    names = {name for part in question.parts for name in part.partition(".")[0].split("&")} - {COUNTED}
    of = _of_page if question.source == "page_posts" else _of_account
    clock = ZoneInfo(question.clock)
    found = [each for owner in question.accounts for each in await of(session, owner, names, since, until)]
    return [replace(each, at=each.at.astimezone(clock)) for each in found]


async def _of_account(
    session: ReadSession, account_id: str, names: Collection[str], since: datetime, until: datetime
) -> list[_Post]:
    """An Instagram account's posts; each is as old as the oldest of its figures, without one as when it was listed."""
    read = {name: await measured(session, account_id, name, since, until) for name in names}
    figures: defaultdict[str, dict[str, MeasuredPost]] = defaultdict(dict)
    for name, posts in read.items():
        for each in posts:
            figures[each.post_id][name] = each
    return [
        _Post(
            account_id,
            post.post_id,
            format_of(post.media_type, post.product_type),
            post.published_at,
            {name: each.value for name, each in figures[post.post_id].items()},
            min((each.read_at for each in figures[post.post_id].values()), default=post.read_at),
        )
        for post in await published(session, account_id, since, until)
    ]


async def _of_page(
    session: ReadSession, page_id: str, names: Collection[str], since: datetime, until: datetime
) -> list[_Post]:
    """A Facebook page's posts, which are read together with their figures."""
    return [
        _Post(
            page_id,
            post.post_id,
            post.status_type or NO_TYPE,
            post.published_at,
            {name: value for name, value in post.values.items() if name in names},
            post.read_at,
        )
        for post in await pages.measured(session, page_id, since, until)
    ]


def _value(part: str, figures: Mapping[str, float]) -> float | None:
    """What a post adds to a part; None where that is not known."""
    name, _, counted = part.partition(".")
    name, *known = name.split("&")
    if name == COUNTED:
        return 1
    if name not in figures or any(each not in figures for each in known):
        return None
    return 1 if counted else figures[name]


_DIMENSIONS: Final[dict[str, Callable[[_Post], str]]] = {
    "account": lambda each: each.account_id,
    "page": lambda each: each.account_id,
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
        known = [value for each in posts if (value := _value(part, each.figures)) is not None]
        whole = sum(known)
        sums[part] = (int(whole) if whole == int(whole) else whole) if known else None
        sums[f"{part}{WITHOUT}"] = len(posts) - len(known)
    read = posts if COUNTED in question.parts else [each for each in posts if each.figures]
    return Group(key, since, "", sums, len(read), min(each.read_at for each in read or posts))
