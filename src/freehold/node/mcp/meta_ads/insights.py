"""What ads did and cost: from the store where it holds the whole window, else from Meta."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from freehold.kernel.problems import Problem
from freehold.node.assets import ConnectedAsset
from freehold.node.mcp.cursors import cursor, place_of, refused
from freehold.node.mcp.meta_ads import queries, stored_insights
from freehold.node.mcp.meta_ads.arguments import AccountId, After, Limit, Listed, OptionalId
from freehold.node.mcp.meta_ads.periods import TimeRange, span_of
from freehold.node.mcp.meta_ads.reading import account_of, currency_of, owner_of
from freehold.node.mcp.meta_ads.stored_insights import Stored, Subject
from freehold.node.mcp.tool import Arguments, Call, Source
from freehold.providers.meta import ad_insights, graph, spec
from freehold.providers.meta.ad_insights import Level, Question, Result, Span
from freehold.providers.meta.money import written

LEVELS: tuple[Level, ...] = ("account", "campaign", "adset", "ad")
DEFAULT_ATTRIBUTION = ("7d_click", "1d_view")
"""What Meta counts by when no window is asked for."""
MOST_WITHOUT = 50
"""So many objects without delivery are named at most."""
Window = Literal["1d_click", "7d_click", "28d_click", "1d_view", "1d_ev"]
Part = Literal[
    "age", "gender", "country", "region", "publisher_platform", "platform_position", "impression_device",
    "device_platform", "hourly_stats_aggregated_by_advertiser_time_zone",
]  # fmt: skip
_NEEDS = {"platform_position": "publisher_platform", "impression_device": "publisher_platform"}
"""Meta refuses these alone."""
_DOUBLES = ("omni_", "offsite_conversion.fb_pixel_", "onsite_web_", "onsite_conversion.", "web_in_store_")


class InsightsAsked(Arguments):
    """What is asked of which account, campaign, ad set or ad."""

    object_id: Annotated[str | None, Field(pattern=r"^(act_)?\d{1,40}$", description="or one of the next four")] = None
    account_id: AccountId = None
    campaign_id: OptionalId = None
    adset_id: OptionalId = None
    ad_id: OptionalId = None
    time_range: TimeRange = "last_30d"
    time_increment: Literal["all_days", "daily"] = "all_days"
    level: Literal["account", "campaign", "adset", "ad"] | None = Field(default=None, description="the object's own")
    breakdown: Part | list[Part] | None = None
    action_attribution_windows: list[Window] = Field(default=[], max_length=5)
    action_breakdowns: list[Literal["action_type", "action_device", "action_destination", "action_reaction"]] = Field(
        default=[], max_length=4
    )
    compact: bool = Field(default=True, description="leaves out action types that count the same thing again")
    limit: Limit = 25
    after: After = None
    max_age_minutes: Annotated[int, Field(ge=0, le=10_080, description="for finished days; 0 asks Meta")] = 1_440


class InsightRow(BaseModel):
    """What one object, or one part of it, did from one day to another."""

    id: str
    name: str | None
    date_start: date
    date_stop: date
    breakdown: dict[str, str] | None
    impressions: int
    reach: int | None
    frequency: float | None
    clicks: int
    link_clicks: int
    ctr_percent: float | None
    spend_minor: int
    spend: str
    cpm_minor: int | None
    cpc_minor: int | None
    results: int | None
    cost_per_result_minor: int | None
    actions: dict[str, int]
    action_values_minor: dict[str, int]
    actions_by_window: dict[str, dict[str, int]] | None


class Unseen(BaseModel):
    """An object that was shown to nobody."""

    id: str
    name: str
    effective_status: str


class Insights(Listed):
    """Results, and what they mean: `settled_until` is the last day whose conversions no longer grow."""

    level: str
    since: date
    until: date
    currency: str
    timezone: str
    attribution: list[str]
    complete: bool
    includes_today: bool
    settled_until: date
    rows: list[InsightRow]
    without_delivery: list[Unseen]


@dataclass(frozen=True)
class Asked:
    """A question that is understood: of what, which days, and the words in which Meta is asked."""

    account: ConnectedAsset
    subject: Subject
    span: Span
    today: date
    currency: str
    question: Question


async def get_insights(call: Call, asked: InsightsAsked) -> Insights:
    """Impressions, reach, clicks, spend, results and actions of an account, campaign, ad set or ad, or of its parts."""
    understood, place = await understand(call, asked), place_of(call, asked.after)
    stored = await _stored(call, asked, understood, place)
    if stored is not None:
        offset = place.get("offset", 0)
        rows = stored.results[offset : offset + asked.limit]
        more = {"offset": offset + asked.limit} if offset + asked.limit < len(stored.results) else None
        return await told(call, asked, understood, rows, more, "stored", stored.as_of)
    ask = ad_insights.insights_call(
        call.version,
        understood.account.asset_id,
        understood.question,
        limit=asked.limit,
        after=place.get("after"),
        object_id=understood.subject.object_id or None,
    )
    answer = await call.send(ask)
    found = graph.understood(
        lambda page: ad_insights.read_results(page, understood.currency, understood.question), answer
    )
    following = graph.next_cursor(answer)
    return await told(call, asked, understood, found, {"after": following} if following else None, "live", call.now())


async def _stored(call: Call, asked: InsightsAsked, understood: Asked, place: dict[str, Any]) -> Stored | None:
    """The answer of the store, where a list began there or may begin there; `Problem` where it is there no more."""
    goes_on = "offset" in place
    if "after" in place or not (goes_on or (asked.max_age_minutes and _is_plain(asked))):
        return None
    oldest = timedelta.max if goes_on else timedelta(minutes=asked.max_age_minutes)
    daily = asked.time_increment == "daily"
    span, today = understood.span, understood.today
    found = await stored_insights.read(call, understood.subject, span, today, oldest, daily=daily)
    if found is None and goes_on:
        raise refused()
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
    zone = graph.zone_named(account.timezone)
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
    return Asked(account, subject, span, today, await currency_of(call, account), question)


async def told(
    call: Call,
    asked: InsightsAsked,
    understood: Asked,
    rows: Sequence[Result],
    more: dict[str, Any] | None,
    source: Source,
    as_of: datetime,
) -> Insights:
    """An answer with all that has to be known to read it."""
    last = min(understood.span[1], understood.today)
    whole = more is None and asked.after is None
    return Insights(
        source=source,
        as_of=as_of,
        account_id=understood.account.asset_id,
        next_cursor=cursor(call, more) if more else None,
        level=understood.subject.level,
        since=understood.span[0],
        until=understood.span[1],
        currency=understood.currency,
        timezone=str(graph.zone_named(understood.account.timezone)),
        attribution=list(asked.action_attribution_windows or DEFAULT_ATTRIBUTION),
        complete=whole,
        includes_today=understood.span[0] <= understood.today <= understood.span[1],
        settled_until=min(last, understood.today - timedelta(days=spec.SETTLED_DAYS + 1)),
        rows=[_row(each, understood.subject.level, compact=asked.compact) for each in rows],
        without_delivery=await _without(call, understood.subject, rows) if whole else [],
    )


async def _subject(call: Call, asked: InsightsAsked) -> tuple[ConnectedAsset, Level, str]:
    """The account, what kind of object is meant, and its id, empty for the account itself."""
    ids: dict[Level, str | None] = {"ad": asked.ad_id, "adset": asked.adset_id, "campaign": asked.campaign_id}
    plain = asked.object_id
    if plain is not None and not plain.startswith("act_"):
        async with call.node.database.reading() as session:
            kind = await queries.kind_of_object(session, plain)
        if kind is None:
            raise Problem(
                422,
                "object_kind_unknown",
                "It is not known what kind of object this is.",
                "Name it as campaign_id, adset_id or ad_id.",
            )
        ids = {kind: plain}
    for level, object_id in ids.items():
        if object_id is not None:
            return await owner_of(call, object_id), level, object_id
    return await account_of(call, plain or asked.account_id), "account", ""


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


def _row(result: Result, level: Level, *, compact: bool) -> InsightRow:
    spent, shown = result.spend_minor, result.impressions
    counted = ad_insights.result(result.actions, result.about.get("objective", "")) if level != "account" else None
    return InsightRow(
        id=result.about[f"{level}_id"],
        name=result.about.get(f"{level}_name") or None,
        date_start=result.first_day,
        date_stop=result.last_day,
        breakdown=dict(result.parts) or None,
        impressions=shown,
        reach=result.reach,
        frequency=round(shown / result.reach, 2) if result.reach else None,
        clicks=result.clicks,
        link_clicks=result.link_clicks,
        ctr_percent=round(100 * result.clicks / shown, 3) if shown else None,
        spend_minor=spent,
        spend=written(spent, result.currency),
        cpm_minor=round(1000 * spent / shown) if shown else None,
        cpc_minor=round(spent / result.clicks) if result.clicks else None,
        results=counted,
        cost_per_result_minor=round(spent / counted) if counted else None,
        actions=compacted(result.actions) if compact else dict(result.actions),
        action_values_minor=compacted(result.action_values_minor) if compact else dict(result.action_values_minor),
        actions_by_window={name: dict(windows) for name, windows in result.actions_by_window.items()} or None,
    )


def compacted(actions: Mapping[str, int]) -> dict[str, int]:
    """Of actions that count the same thing by several names the one that counts most, the shortest name among equals.

    `omni_purchase` holds purchases in shops beside those of `purchase`: dropping it would lose them.
    """
    kept: dict[str, str] = {}
    for name in sorted(actions, key=lambda each: (-actions[each], len(each))):
        kept.setdefault(name.removeprefix(next((head for head in _DOUBLES if name.startswith(head)), "")), name)
    return {name: count for name, count in actions.items() if name in kept.values()}


async def _without(call: Call, subject: Subject, rows: Sequence[Result]) -> list[Unseen]:
    """Stored objects of the level, below the subject and not ended, that no row is about."""
    if subject.level == "account" or subject.kind != "account":
        return []
    seen = {row.about[f"{subject.level}_id"] for row in rows}
    async with call.node.database.reading() as session:
        known = await queries.names(session, subject.account_id, subject.level)
    unseen = [
        Unseen(id=each, name=name, effective_status=status)
        for each, (name, status) in sorted(known.items())
        if each not in seen and status not in queries.HIDDEN
    ]
    return unseen[:MOST_WITHOUT]
