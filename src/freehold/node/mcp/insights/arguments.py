"""Arguments of a question, and the question that they make."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from freehold.contracts.grant import AssetKind
from freehold.kernel.problems import Problem
from freehold.node.assets import ConnectedAsset
from freehold.node.failures import asset_refused
from freehold.node.mcp import assets
from freehold.node.mcp.meta_ads.periods import DateRange, TimeRange, span_of
from freehold.node.mcp.tool import Arguments, Call
from freehold.node.measures import queries
from freehold.node.measures.catalogue import OWNERS, Source
from freehold.node.measures.question import IDENTIFIED, LONGEST, Question, Span, checked, source_of
from freehold.node.measures.zones import zone_of_posts
from freehold.providers.meta import graph

Name = Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")]
Values = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(min_length=1, max_length=200)]

Against = Literal["previous", "year_before"] | DateRange
"""The period beside which another is put: the days before it, its weekdays a year before, or days that are named."""
AccountIds = Annotated[
    list[Annotated[str, Field(pattern=r"^(act_)?\d{1,40}$")]] | None,
    Field(min_length=1, max_length=50, description="by default every account that the key may see"),
]
Filters = Annotated[
    dict[Name, Values], Field(default_factory=dict, max_length=5, description="dimension: the values to keep")
]

KINDS: Final[Mapping[Source, AssetKind]] = {
    "ad_days": "ad_account",
    "account_days": "instagram_account",
    "posts": "instagram_account",
    "page_posts": "facebook_page",
}
"""What the accounts of each source are."""
NOTHING_CONNECTED: Final = "No account of this kind is confirmed for this client."


class Asked(Arguments):
    """What is asked: metrics of one source, over which days, split by what."""

    metrics: Annotated[list[Name], Field(min_length=1, max_length=10, description="names of list_metrics")]
    period: TimeRange = "last_28d"
    dimensions: Annotated[list[Name], Field(default_factory=list, max_length=3)]
    filters: Filters
    account_ids: AccountIds = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


async def question_of(
    call: Call, asked: Asked, grain: Literal["total", "day", "week", "month"]
) -> tuple[Question, str]:
    """The question, and the time zone in which its days are counted. Raises `Problem` 403, 404 or 422."""
    source = source_of(asked.metrics)
    accounts = await _filtered(call, source, await _accounts(call, source, asked.account_ids), asked.filters)
    async with call.node.database.reading() as session:
        clock = await zone_of_posts(session, call.node.settings.posts_timezone)
    zone = _zone(source, accounts, clock)
    question = Question(
        metrics=tuple(dict.fromkeys(asked.metrics)),
        span=_span(asked.period, _today(call, zone)),
        accounts=tuple(each.asset_id for each in accounts),
        dimensions=tuple(dict.fromkeys(asked.dimensions)),
        filters={name: tuple(values) for name, values in asked.filters.items()},
        grain=grain,
        clock=clock.key,
    )
    await _check_owned(call, checked(question))
    return question, zone.key


def earlier_of(question: Question, against: Against) -> Question:
    """The same question to the period that it is compared with, as one total."""
    if isinstance(against, DateRange):
        span = Span(against.since, against.until)
    else:
        span = question.span.before() if against == "previous" else question.span.year_before()
    return replace(question, span=span, grain="total")


async def _accounts(call: Call, source: Source, wanted: list[str] | None) -> list[ConnectedAsset]:
    found = await assets.usable(call, KINDS[source])
    if wanted is not None:
        return _chosen(found, wanted)
    if not found:
        hint = "The client connects, and a person ticks it; see `freehold node assets`."
        raise Problem(404, "asset_missing", NOTHING_CONNECTED, hint)
    return found


async def _filtered(
    call: Call, source: Source, accounts: list[ConnectedAsset], filters: Mapping[str, list[str]]
) -> list[ConnectedAsset]:
    """Those that filters leave: the accounts that they name, and those of the objects. Raises `Problem` 403."""
    if not filters:
        return accounts
    named = filters.get(OWNERS[source])
    if named is not None:
        accounts = _chosen(accounts, named)
    async with call.node.database.reading() as session:
        owners = {each for name, ids in filters.items() for each in await queries.owners(session, name, ids)}
    return [each for each in accounts if each.asset_id in owners] or accounts


async def _check_owned(call: Call, question: Question) -> None:
    """What no account that is asked about has would be answered by nothing, as if it had done nothing."""
    names = IDENTIFIED.intersection(question.filters) - {OWNERS[question.source]}
    if not names:
        return
    async with call.node.database.reading() as session:
        for name in sorted(names):
            ids = question.filters[name]
            if not (await queries.owners(session, name, ids)).intersection(question.accounts):
                told = f"The accounts that are asked about have no {name} {', '.join(ids)}."
                hint = f"Ask by the dimension {name}: rows have the ids that there are."
                raise Problem(422, "value_unknown", told, hint)


def _chosen(found: list[ConnectedAsset], wanted: list[str]) -> list[ConnectedAsset]:
    chosen = [each for each in found if each.asset_id in wanted]
    if len(chosen) < len(set(wanted)):
        refused = asset_refused()
        hint = f"Choose from: {', '.join(each.asset_id for each in found)}. Without any, all are meant."
        raise Problem(refused.status, refused.code, refused.detail, hint if found else refused.hint)
    return chosen


def _zone(source: Source, accounts: list[ConnectedAsset], clock: ZoneInfo) -> ZoneInfo:
    """Where the days of a source begin: of ads in the zone that all accounts have, of Instagram's posts by `clock`."""
    if source != "ad_days":
        return clock if source == "posts" else graph.INSTAGRAM_DAY
    zones = {each.timezone for each in accounts if each.timezone}
    if len(zones) > 1:
        told = f"These ad accounts count their days in {', '.join(sorted(zones))}."
        raise Problem(422, "time_zones_differ", told, "Ask about accounts of one time zone: name them in account_ids.")
    return graph.zone_named(next(iter(zones), None))


def _span(period: TimeRange, today: date) -> Span:
    """The days of a period; `maximum` is the longest that a question may be over."""
    first, last = span_of(period, today)
    return Span(max(first, last - timedelta(days=LONGEST - 1)) if period == "maximum" else first, last)


def _today(call: Call, zone: ZoneInfo) -> date:
    return call.now().astimezone(zone).date()
