"""Who the account's people are, when they are online, and how many began to follow."""

from collections import defaultdict
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from freehold.node.analysis.growth import Growth, growth
from freehold.node.analysis.ranks import Median, median_of
from freehold.node.collection.breakdowns import covered_as
from freehold.node.mcp.instagram.account_insights import DayValue, PartValue
from freehold.node.mcp.instagram.arguments import AccountId
from freehold.node.mcp.instagram.reading import Part, Span, account_of, newest, span_of
from freehold.node.mcp.tool import Answer, Arguments, Call
from freehold.node.store.coverage.queries import states
from freehold.node.store.instagram import queries
from freehold.providers.meta import graph, instagram, spec

Audience = Literal["follower_demographics", "engaged_audience_demographics"]
ONLINE = "online_followers"
HOURS_OF = "Hours as Meta counts them; it does not say in which time zone. Its days end at midnight in Los Angeles."
MOST_PARTS = 45


class DemographicsAsked(Arguments):
    """Whose people: those who follow, or who engaged in the last 30 days; and by what."""

    account_id: AccountId = None
    metric: Audience = "follower_demographics"
    breakdown: Literal["age", "gender", "country", "city"] = "age"
    limit: Annotated[int, Field(ge=1, le=MOST_PARTS)] = 20


class Share(PartValue):
    """A part of the people, and its share of those whom Meta tells of, 0 to 1."""

    share: float


class Demographics(Answer):
    """The parts of an audience, the largest first. Where there is none, `reason` says why."""

    account_id: str
    metric: str
    breakdown: str
    day: date
    parts: list[Share]
    told: float
    reason: str | None = None


class OnlineAsked(Arguments):
    """Of which account, and over how many days."""

    account_id: AccountId = None
    days: Annotated[int, Field(ge=1, le=90)] = 28


class Hour(Part):
    """How many followers are online in an hour on the median day."""

    hour: int
    followers: float


class OnlineFollowers(Answer):
    """Followers online by hour, 0 to 23, over the days that are known."""

    account_id: str
    first: date
    last: date
    days_known: int
    hours: list[Hour]
    busiest: list[int]
    note: str


class GrowthAsked(Arguments):
    """Of which account, over how many days; they are compared with as many before."""

    account_id: AccountId = None
    days: Annotated[int, Field(ge=1, le=365)] = 28


class MedianShown(Part):
    """A median of `size` values with its 95 % interval, which a small sample does not have."""

    value: float
    low: float | None = None
    high: float | None = None
    size: int


class FollowerGrowth(Answer):
    """New followers. `differs`: whether they differ from the days before by more than chance; absent: too few days."""

    account_id: str
    first: date
    last: date
    new: float
    days_known: int
    days_missing: int
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
    async with call.node.database.reading() as session:
        found = await queries.newest_parts(session, asset.asset_id, asked.metric, asked.breakdown)
        name = covered_as(asked.metric, asked.breakdown)
        known = await states(session, [asset.asset_id], today - timedelta(days=7), today, [name])
    parts = {each.part: each.value for each in found}
    day = found[0].day if found else today
    reason = known[-1].reason if known and not found else None
    if not found and not known:
        request = instagram.demographics_call(call.version, asset.asset_id, asked.metric, asked.breakdown)
        read = graph.understood(partial(instagram.read_demographics, day=today), await call.send(request))
        parts = {each.part: each.value for each in sorted(read, key=lambda each: -each.value)}
        reason = None if parts else f"Meta tells nothing below {spec.FEW_FOLLOWERS} people."
    told = sum(parts.values())
    return Demographics(
        source="stored" if found or known else "live",
        as_of=newest((each.read_at for each in found), call.now()),
        account_id=asset.asset_id,
        metric=asked.metric,
        breakdown=asked.breakdown,
        day=day,
        parts=[Share(part=k, value=v, share=round(v / told, 4)) for k, v in list(parts.items())[: asked.limit]],
        told=told,
        reason=reason,
    )


async def get_online_followers(call: Call, asked: OnlineAsked) -> OnlineFollowers:
    """How many followers are online in each hour of the day, the median of the days that are known. From the store;
    where it holds none, the last 30 days from Meta. Needs 100 followers.
    """
    asset, span = await account_of(call, asked.account_id), span_of(call, None, None, asked.days)
    async with call.node.database.reading() as session:
        stored = await queries.account_values(
            session, asset.asset_id, [ONLINE], span.first, span.last, breakdown="hour"
        )
    found = [(each.day, each.part, each.value) for each in stored]
    if not stored:
        first = max(span.first, span.last - timedelta(days=spec.FOLLOWER_CHANGE_DAYS - 1))
        request = instagram.online_followers_call(call.version, asset.asset_id, first, span.last)
        read = graph.understood(instagram.read_online_followers, await call.send(request))
        found = [(each.day, each.part, each.value) for each in read if each.day is not None]
    by_hour: dict[int, list[float]] = defaultdict(list)
    for _, hour, value in found:
        by_hour[int(hour)].append(value)
    hours = [Hour(hour=hour, followers=median_of(values).value) for hour, values in sorted(by_hour.items())]
    return OnlineFollowers(
        source="stored" if stored else "live",
        as_of=newest((each.read_at for each in stored), call.now()),
        account_id=asset.asset_id,
        first=span.first,
        last=span.last,
        days_known=len({day for day, _, _ in found}),
        hours=hours,
        busiest=[each.hour for each in sorted(hours, key=lambda each: (-each.followers, each.hour))[:3]],
        note=HOURS_OF,
    )


async def follower_growth(call: Call, asked: GrowthAsked) -> FollowerGrowth:
    """How many people began to follow, against as many days before: whether that differs by more than chance, and on
    which days there were unusually many. Meta tells new followers of the last 30 days; older ones once stored.
    """
    asset, span = await account_of(call, asked.account_id), span_of(call, None, None, asked.days)
    before = span.first - timedelta(days=asked.days)
    async with call.node.database.reading() as session:
        stored = await queries.account_values(session, asset.asset_id, ["follower_count"], before, span.last)
        profile = await queries.account(session, asset.asset_id)
    new = {each.day: each.value for each in stored}
    if not new:
        new = await _new_followers(call, asset.asset_id, span)
    found = growth(new, span.first, span.last)
    return FollowerGrowth(
        source="computed",
        as_of=newest((each.read_at for each in stored), call.now()),
        account_id=asset.asset_id,
        followers_now=None if profile is None else profile.followers,
        note="New followers alone: who left is in get_account_insights, follows_and_unfollows by follow_type.",
        **_growth(found),
    )


async def _new_followers(call: Call, account_id: str, span: Span) -> dict[date, float]:
    first = max(span.first, span.last - timedelta(days=spec.FOLLOWER_CHANGE_DAYS - 1))
    request = instagram.series_call(call.version, account_id, ["follower_count"], first, span.last)
    read = graph.understood(instagram.read_series, await call.send(request))
    return {each.day: each.value for each in read if each.day is not None}


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
