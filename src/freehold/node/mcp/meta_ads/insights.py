"""What ads did and cost: from the store where it holds the whole window, else from Meta."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.assets import ConnectedAsset
from freehold.node.mcp.cursors import cursor, place_of
from freehold.node.mcp.meta_ads import queries, stored_insights
from freehold.node.mcp.meta_ads.arguments import AccountId, After, Limit, Listed, OptionalId
from freehold.node.mcp.meta_ads.insight_rows import InsightRow, row_of
from freehold.node.mcp.meta_ads.periods import TimeRange, span_of
from freehold.node.mcp.meta_ads.reading import account_of, owner_of, read_object, units_of, unknown_object
from freehold.node.mcp.meta_ads.stored_insights import Stored, Subject
from freehold.node.mcp.meta_ads.unseen import Unseen, without_delivery
from freehold.node.mcp.tool import Arguments, Call, Source
from freehold.providers.calls import JSON, Rejected
from freehold.providers.meta import ad_insights, graph, spec
from freehold.providers.meta.ad_insights import Level, Question, Result, Span

LEVELS: tuple[Level, ...] = ("account", "campaign", "adset", "ad")
ATTRIBUTION = ("7d_click", "1d_view")
"""What Meta counts actions by, whatever windows are told beside, unless an ad set has chosen less."""
Window = Literal["1d_click", "7d_click", "28d_click", "1d_view", "1d_ev"]
Breakdown = Literal[
    "age", "gender", "country", "region", "publisher_platform", "platform_position", "impression_device",
    "device_platform", "hourly_stats_aggregated_by_advertiser_time_zone",
]  # fmt: skip
_NEEDS = {"platform_position": "publisher_platform", "impression_device": "publisher_platform"}
"""Meta refuses these alone."""
_TELLING: tuple[tuple[Level, str], ...] = (("ad", "adset_id"), ("adset", "campaign_id"), ("campaign", "objective"))
"""Kinds, and a field of each that those after it do not have."""
NO_SUCH_FIELD = 100
"""Meta's code for asking a field of what has none of that name."""


class InsightsAsked(Arguments):
    """What is asked of which account, campaign, ad set or ad."""

    object_id: Annotated[str | None, Field(pattern=r"^(act_)?\d{1,40}$", description="or one of the next four")] = None
    account_id: AccountId = None
    campaign_id: OptionalId = None
    adset_id: OptionalId = None
    ad_id: OptionalId = None
    time_range: TimeRange = "last_28d"
    time_increment: Literal["all_days", "daily"] = "all_days"
    level: Literal["account", "campaign", "adset", "ad"] | None = Field(default=None, description="the object's own")
    breakdown: Breakdown | list[Breakdown] | None = None
    action_attribution_windows: list[Window] = Field(default=[], max_length=5)
    action_breakdowns: list[Literal["action_type", "action_device", "action_destination", "action_reaction"]] = Field(
        default=[], max_length=4
    )
    compact: bool = Field(default=True, description="leaves out action types that count the same thing again")
    limit: Limit = 25
    after: After = None
    max_age_minutes: Annotated[int, Field(ge=0, le=10_080, description="for finished days; 0 asks Meta")] = 1_440


class Insights(Listed):
    """Results, and what they mean: `settled_until` is the last day whose conversions no longer grow.

    `attribution` is what actions and results are counted by; `windows` are told beside it. `complete`: the list ends
    here. Objects without delivery are told where all rows are here, else why not.
    """

    level: str
    since: date
    until: date
    currency: str
    timezone: str
    attribution: list[str]
    windows: list[str] | None
    complete: bool
    includes_today: bool
    settled_until: date
    rows: list[InsightRow]
    without_delivery: list[Unseen] | None
    without_delivery_total: int | None
    without_delivery_unknown: str | None


@dataclass(frozen=True)
class Asked:
    """A question that is understood: of what, which days, and the words in which Meta is asked."""

    account: ConnectedAsset
    subject: Subject
    span: Span
    today: date
    currency: str
    timezone: str
    question: Question


@dataclass(frozen=True)
class Part:
    """A part of an answer: its rows, where the list goes on, and the ids of all rows where those are known."""

    rows: Sequence[Result]
    more: dict[str, Any] | None
    source: Source
    as_of: datetime
    seen: frozenset[str] | None


async def get_insights(call: Call, asked: InsightsAsked) -> Insights:
    """Impressions, reach, clicks, spend, results and actions of an account, campaign, ad set or ad, or of its parts."""
    understood, place = await understand(call, asked), place_of(call, asked.after)
    stored = await _stored(call, asked, understood, place)
    if stored is not None:
        return await told(call, asked, understood, _part_of(stored, asked, understood, place.get("offset", 0)))
    ask = ad_insights.insights_call(
        call.version,
        understood.account.asset_id,
        understood.question,
        limit=asked.limit,
        after=place.get("after"),
        object_id=understood.subject.object_id or None,
    )
    return await told(call, asked, understood, live_part(call, asked, understood, await call.send(ask)))


def live_part(call: Call, asked: InsightsAsked, understood: Asked, answer: JSON) -> Part:
    """A page of Meta's; raises `Rejected` for one that is not as Meta says."""
    rows = graph.understood(
        lambda page: ad_insights.read_results(page, understood.currency, understood.question), answer
    )
    following = graph.next_cursor(answer)
    whole = following is None and asked.after is None
    seen = _ids(rows, understood) if whole else None
    return Part(rows, {"after": following} if following else None, "live", call.now(), seen)


def _part_of(stored: Stored, asked: InsightsAsked, understood: Asked, offset: int) -> Part:
    end = offset + asked.limit
    more = {"offset": end, "as_of": stored.as_of.isoformat()} if end < len(stored.results) else None
    return Part(stored.results[offset:end], more, "stored", stored.as_of, _ids(stored.results, understood))


def _ids(rows: Sequence[Result], understood: Asked) -> frozenset[str]:
    return frozenset(row.about[f"{understood.subject.level}_id"] for row in rows)


async def _stored(call: Call, asked: InsightsAsked, understood: Asked, place: dict[str, Any]) -> Stored | None:
    """The answer of the store, where a list began there or may begin there; `Problem` where it is there no more."""
    goes_on = "offset" in place
    if "after" in place or not (goes_on or (asked.max_age_minutes and _is_plain(asked))):
        return None
    oldest = timedelta.max if goes_on else timedelta(minutes=asked.max_age_minutes)
    daily = asked.time_increment == "daily"
    span, today = understood.span, understood.today
    found = await stored_insights.read(call, understood.subject, span, today, oldest, daily=daily)
    if goes_on and (found is None or found.as_of.isoformat() != place["as_of"]):
        raise Problem(
            409, "list_changed", "These figures were read anew while the list was read.", "Begin anew, without after."
        )
    return found


async def understand(call: Call, asked: InsightsAsked) -> Asked:
    """Whose results are asked for, and how Meta is asked; raises `Problem` where that cannot be known."""
    account, kind, object_id = await _subject(call, asked)
    level: Level = asked.level or kind
    if LEVELS.index(level) < LEVELS.index(kind):
        raise Problem(
            422,
            "invalid_arguments",
            f"level {level} is above the object, which is of level {kind}.",
            "Leave level out.",
        )
    currency, timezone = await units_of(call, account)
    zone = graph.zone_named(timezone)
    today = call.now().astimezone(zone).date()
    span = span_of(asked.time_range, today)
    question = Question(
        level,
        _fields(level),
        days=span if asked.time_increment == "daily" else None,
        spans=() if asked.time_increment == "daily" else (span,),
        breakdowns=_parts(asked.breakdown),
        attribution=tuple(asked.action_attribution_windows),
        action_breakdowns=tuple(asked.action_breakdowns),
    )
    subject = Subject(account.asset_id, account.name, kind, object_id, level)
    return Asked(account, subject, span, today, currency, timezone, question)


async def told(call: Call, asked: InsightsAsked, understood: Asked, part: Part) -> Insights:
    """An answer with all that has to be known to read it."""
    first, until = understood.span
    last = min(until, understood.today)
    without = await without_delivery(call, understood.subject, until, understood.timezone, part.seen)
    return Insights(
        source=part.source,
        as_of=part.as_of,
        account_id=understood.account.asset_id,
        next_cursor=cursor(call, part.more) if part.more else None,
        level=understood.subject.level,
        since=first,
        until=until,
        currency=understood.currency,
        timezone=understood.timezone,
        attribution=list(ATTRIBUTION),
        windows=list(asked.action_attribution_windows) or None,
        complete=part.more is None,
        includes_today=first <= understood.today <= until,
        settled_until=min(last, understood.today - timedelta(days=spec.SETTLED_DAYS + 1)),
        rows=[row_of(each, understood.subject.level, compact=asked.compact) for each in part.rows],
        without_delivery=without.objects,
        without_delivery_total=without.total,
        without_delivery_unknown=without.unknown,
    )


async def _subject(call: Call, asked: InsightsAsked) -> tuple[ConnectedAsset, Level, str]:
    """The account, what kind of object is meant, and its id, empty for the account itself."""
    ids: dict[Level, str | None] = {"ad": asked.ad_id, "adset": asked.adset_id, "campaign": asked.campaign_id}
    plain = asked.object_id
    if plain is not None and not plain.startswith("act_"):
        async with call.node.database.reading() as session:
            kind = await queries.kind_of_object(session, plain)
        if kind is None:
            account, kind = await _at_meta(call, plain)
            return account, kind, plain
        ids = {kind: plain}
    for level, object_id in ids.items():
        if object_id is not None:
            return await owner_of(call, object_id), level, object_id
    return await account_of(call, plain or asked.account_id), "account", ""


async def _at_meta(call: Call, object_id: str) -> tuple[ConnectedAsset, Level]:
    """The account and the kind of an object that the store does not know: by the fields that Meta gives it."""
    for kind, field in _TELLING:
        try:
            return (await read_object(call, object_id, (field,))).account, kind
        except Rejected as error:
            if error.code != NO_SUCH_FIELD:
                raise
    raise unknown_object()


def _is_plain(asked: InsightsAsked) -> bool:
    """Whether the store could hold it: without parts, and by Meta's own attribution."""
    return not (asked.breakdown or asked.action_attribution_windows or asked.action_breakdowns)


def _fields(level: Level) -> tuple[str, ...]:
    about = {
        "account": ("account_id", "account_name"),
        "campaign": ("campaign_id", "campaign_name", "objective"),
        "adset": ("adset_id", "adset_name", "campaign_id", "objective"),
        "ad": ("ad_id", "ad_name", "adset_id", "campaign_id", "objective"),
    }
    counts = (
        "account_currency",
        "impressions",
        "reach",
        "clicks",
        "inline_link_clicks",
        "spend",
        "actions",
        "action_values",
    )
    return (*about[level], *counts)


def _parts(breakdown: str | Sequence[str] | None) -> tuple[str, ...]:
    """The breakdowns, with those that Meta wants beside them."""
    asked = [breakdown] if isinstance(breakdown, str) else list(breakdown or ())
    needed = [_NEEDS[name] for name in asked if name in _NEEDS]
    return tuple(dict.fromkeys((*needed, *asked)))
