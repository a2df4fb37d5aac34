"""Who the account's people are, when they are online, and how many began to follow."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from freehold.node.analysis.growth import Growth, growth
from freehold.node.analysis.ranks import Median, median_of
from freehold.node.collection.breakdowns import covered_as
from freehold.node.collection.days import ONLY_NOW
from freehold.node.mcp.instagram.account_days import (
    Known,
    Numbers,
    Wanted,
    due_days,
    joined,
    marks_of,
    numbers_of,
    stored_numbers,
)
from freehold.node.mcp.instagram.account_insights import DayValue, PartValue
from freehold.node.mcp.instagram.arguments import DAY_MINUTES, AccountId, MaxAge
from freehold.node.mcp.instagram.reading import (
    TIME_ZONE,
    Completeness,
    Number,
    Part,
    account_of,
    completeness,
    oldest,
    span_of,
)
from freehold.node.mcp.tool import Answer, Arguments, Call, Source
from freehold.node.measures.question import Span
from freehold.node.store.coverage.queries import covered
from freehold.node.store.instagram import queries
from freehold.providers.meta import graph, instagram, spec

Audience = Literal["follower_demographics", "engaged_audience_demographics"]
ONLINE, NEW = "online_followers", "follower_count"
TOO_FEW = f"Meta tells nothing below {spec.FEW_FOLLOWERS} people."
HOURS_OF = "Hours as Meta counts them; it does not say in which time zone. Its days end at midnight in Los Angeles."
MOST_PARTS = 45


class DemographicsAsked(Arguments):
    """Whose people: those who follow, or who engaged in the last 30 days; and by what."""

    account_id: AccountId = None
    metric: Audience = "follower_demographics"
    breakdown: Literal["age", "gender", "country", "city"] = "age"
    limit: Annotated[int, Field(ge=1, le=MOST_PARTS)] = 20
    max_age_minutes: MaxAge = 7 * DAY_MINUTES


class Share(PartValue):
    """A part of the people, and its share of those whom Meta tells of, 0 to 1."""

    share: float


class Demographics(Answer):
    """The parts of an audience, the largest first. Where there is none, `reason` says why."""

    account_id: str
    metric: str
    breakdown: str
    day: date
    time_zone: str = TIME_ZONE
    parts: list[Share]
    told: Number
    reason: str | None = None


class OnlineAsked(Arguments):
    """Of which account, and over how many days."""

    account_id: AccountId = None
    days: Annotated[int, Field(ge=1, le=90)] = 28
    max_age_minutes: MaxAge = DAY_MINUTES


class Hour(Part):
    """How many followers are online in an hour on the median day."""

    hour: int
    followers: Number


class OnlineFollowers(Answer):
    """Followers online by hour, 0 to 23, over the days that are known, from `first` to `last` of them."""

    account_id: str
    first: date
    last: date
    days_known: int
    time_zone: str = TIME_ZONE
    completeness: Completeness
    hours: list[Hour]
    busiest: list[int]
    note: str


class GrowthAsked(Arguments):
    """Of which account, over how many days; they are compared with as many before."""

    account_id: AccountId = None
    days: Annotated[int, Field(ge=1, le=364)] = 28
    max_age_minutes: MaxAge = DAY_MINUTES


class MedianShown(Part):
    """A median of `size` values with its 95 % interval, which a small sample does not have."""

    value: Number
    low: Number | None = None
    high: Number | None = None
    size: int


class FollowerGrowth(Answer):
    """New followers. `differs`: whether they differ from the days before by more than chance and the likeness of
    neighbouring days explain; absent below 14 known days on either side.
    """

    account_id: str
    first: date
    last: date
    new: Number
    days_known: int
    days_missing: int
    time_zone: str = TIME_ZONE
    completeness: Completeness
    per_day: MedianShown | None = None
    per_day_before: MedianShown | None = None
    differs: bool | None = None
    unusual_days: list[DayValue]
    followers_now: int | None = None
    note: str


async def get_audience_demographics(call: Call, asked: DemographicsAsked) -> Demographics:
    """Who follows an account, or engaged with it in the last 30 days, by age, gender, country or city. Meta tells the
    45 largest parts, and nothing below 100 people. Stored every day or week.
    """
    asset = await account_of(call, asked.account_id)
    today = span_of(call, None, None, 1).last + timedelta(days=1)
    name, max_age = covered_as(asked.metric, asked.breakdown), timedelta(minutes=asked.max_age_minutes)
    async with call.node.database.reading() as session:
        found = await queries.newest_parts(session, asset.asset_id, asked.metric, asked.breakdown)
        marks = await covered(session, asset.asset_id, date.min, today, [name])
    newest = max((mark for mark in marks.values() if mark.reason != ONLY_NOW), key=lambda mark: mark.day, default=None)
    fresh = newest is not None and bool(max_age) and call.now() - newest.read_at <= max_age
    if newest is not None and newest.state == "empty" and found and found[0].day < newest.day:
        found = []
    parts, day = {each.part: each.value for each in found}, found[0].day if found else today
    if newest is None or not fresh:
        request = instagram.demographics_call(call.version, asset.asset_id, asked.metric, asked.breakdown)
        read = graph.understood(partial(instagram.read_demographics, day=today), await call.send(request))
        parts, day = {each.part: each.value for each in sorted(read, key=lambda each: -each.value)}, today
    told = sum(parts.values())
    return Demographics(
        source="stored" if fresh else "live",
        as_of=_read_at(marks, name, day, call.now()) if fresh else call.now(),
        account_id=asset.asset_id,
        metric=asked.metric,
        breakdown=asked.breakdown,
        day=day,
        parts=[Share(part=k, value=v, share=round(v / told, 4)) for k, v in list(parts.items())[: asked.limit]],
        told=told,
        reason=None if parts else (newest.reason if fresh and newest else TOO_FEW),
    )


def _read_at(marks: Known, name: str, day: date, otherwise: datetime) -> datetime:
    """When a day was read."""
    mark = marks.get((name, day))
    return mark.read_at if mark else oldest((each.read_at for each in marks.values()), otherwise)


async def get_online_followers(call: Call, asked: OnlineAsked) -> OnlineFollowers:
    """How many followers are online in each hour of the day, the median of the days that are known. From the store, and
    what is too old there of the last 30 days from Meta. Needs 100 followers.
    """
    asset, span = await account_of(call, asked.account_id), span_of(call, None, None, asked.days)
    found, known, source = await _online(call, asset.asset_id, span, timedelta(minutes=asked.max_age_minutes))
    by_hour: dict[int, list[float]] = defaultdict(list)
    for (_, hour), value in found.items():
        by_hour[int(hour)].append(value)
    hours = [Hour(hour=hour, followers=median_of(values).value) for hour, values in sorted(by_hour.items())]
    days = {day for day, _ in found}
    return OnlineFollowers(
        source=source,
        as_of=oldest((known[ONLINE, day].read_at for day in days if (ONLINE, day) in known), call.now()),
        account_id=asset.asset_id,
        first=min(days, default=span.first),
        last=max(days, default=span.last),
        days_known=len(days),
        completeness=completeness(known, [ONLINE], span, {(ONLINE, day) for day in days}),
        hours=hours,
        busiest=[each.hour for each in sorted(hours, key=lambda each: (-each.followers, each.hour))[:3]],
        note=HOURS_OF,
    )


async def _online(
    call: Call, account_id: str, span: Span, max_age: timedelta
) -> tuple[dict[tuple[date, str], float], Known, Source]:
    """Followers online by day and hour, what is known of the days, and where from."""
    async with call.node.database.reading() as session:
        stored = await queries.account_values(session, account_id, [ONLINE], span.first, span.last, breakdown="hour")
        known: Known = await covered(session, account_id, span.first, span.last, [ONLINE])
    found = {(each.day, each.part): each.value for each in stored}
    oldest_kept = span.last - timedelta(days=spec.FOLLOWER_CHANGE_DAYS - 1)
    due = [
        day for day in due_days(Wanted(account_id, (ONLINE,), span, max_age), known, call.now()) if day >= oldest_kept
    ]
    if not due:
        return found, known, "stored"
    request = instagram.online_followers_call(call.version, account_id, due[0], due[-1])
    read = graph.understood(instagram.read_online_followers, await call.send(request))
    new = {(each.day, each.part): each.value for each in read if each.day in due}
    kept = {key: value for key, value in found.items() if key[0] not in due}
    marks = marks_of({(ONLINE, day) for day, _ in new}, [ONLINE], due, "day", call.now())
    live = {(day, hour): value for (day, hour), value in new.items() if day is not None}
    return {**kept, **live}, {**known, **marks}, "live"


async def follower_growth(call: Call, asked: GrowthAsked) -> FollowerGrowth:
    """How many people began to follow, against as many days before: whether that differs by more than chance, and on
    which days there were unusually many. Meta tells new followers of the last 30 days; older ones once stored.
    """
    asset, span = await account_of(call, asked.account_id), span_of(call, None, None, asked.days)
    both = Span(span.first - timedelta(days=asked.days), span.last)
    new = await _new_followers(call, asset.asset_id, both, timedelta(minutes=asked.max_age_minutes))
    async with call.node.database.reading() as session:
        profile = await queries.account(session, asset.asset_id)
    return FollowerGrowth(
        source="computed",
        as_of=new.as_of,
        account_id=asset.asset_id,
        followers_now=None if profile is None else profile.followers,
        completeness=completeness(new.known, [NEW], span, set(new.values)),
        note="New followers alone: who left is in get_account_insights, follows_and_unfollows by follow_type.",
        **_growth(growth(new.of(NEW), span.first, span.last)),
    )


async def _new_followers(call: Call, account_id: str, span: Span, max_age: timedelta) -> Numbers:
    """New followers by day: what Meta still has is fresh enough, what is older is as it was stored."""
    first = max(span.first, span.last - timedelta(days=spec.FOLLOWER_CHANGE_DAYS - 1))
    recent = await numbers_of(call, Wanted(account_id, (NEW,), Span(first, span.last), max_age))
    if first == span.first:
        return recent
    before = Span(span.first, first - timedelta(days=1))
    return joined(await stored_numbers(call, Wanted(account_id, (NEW,), before, max_age)), recent)


def _growth(found: Growth) -> dict[str, Any]:
    return {
        "first": found.first,
        "last": found.last,
        "new": found.new,
        "days_known": found.known,
        "days_missing": found.missing,
        "per_day": shown_median(found.per_day),
        "per_day_before": shown_median(found.per_day_before),
        "differs": found.differs,
        "unusual_days": [DayValue(day=day, value=value) for day, value in found.unusual],
    }


def shown_median(found: Median | None) -> MedianShown | None:
    """A median as answers have it."""
    if found is None:
        return None
    low, high = (None if each is None else round(each, 4) for each in (found.low, found.high))
    return MedianShown(value=round(found.value, 4), low=low, high=high, size=found.size)
