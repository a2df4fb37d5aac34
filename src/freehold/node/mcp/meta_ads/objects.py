"""Campaigns, ad sets and ads: lists from the store when it is fresh enough, else from Meta; single ones from Meta."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field

from freehold.kernel.database import ReadSession
from freehold.node.assets import ConnectedAsset
from freehold.node.mcp.cursors import cursor, place_of
from freehold.node.mcp.meta_ads import queries, shapes
from freehold.node.mcp.meta_ads.arguments import (
    AccountId,
    After,
    Limit,
    Listed,
    MaxAge,
    ObjectId,
    OfAccount,
    OptionalId,
)
from freehold.node.mcp.meta_ads.queries import Wanted
from freehold.node.mcp.meta_ads.reading import Owned, account_of, currency_in, currency_of, read_at, read_object
from freehold.node.mcp.meta_ads.shapes import AdRow, AdSetRow, CampaignRow
from freehold.node.mcp.tool import Arguments, Call, Source
from freehold.providers.calls import JSON
from freehold.providers.meta import ad_objects, ads, graph, spec

Status = Annotated[
    str,
    Field(pattern=r"^[A-Z_]{0,30}$", description="an effective status, as PAUSED; all but deleted and archived ones"),
]
T = TypeVar("T")


class CampaignsAsked(Arguments):
    """Which campaigns are wanted."""

    account_id: AccountId = None
    limit: Limit = 25
    status_filter: Status = ""
    objective_filter: Annotated[str, Field(pattern=r"^[A-Z_]{0,40}$")] = ""
    after: After = None
    max_age_minutes: MaxAge = 60


class AdSetsAsked(Arguments):
    """Which ad sets are wanted."""

    account_id: AccountId = None
    limit: Limit = 25
    campaign_id: OptionalId = None
    status_filter: Status = ""
    after: After = None
    max_age_minutes: MaxAge = 60


class AdsAsked(Arguments):
    """Which ads are wanted."""

    account_id: AccountId = None
    limit: Limit = 25
    campaign_id: OptionalId = None
    adset_id: OptionalId = None
    status_filter: Status = ""
    after: After = None
    max_age_minutes: MaxAge = 60


class CampaignAsked(Arguments):
    """Which campaign is meant."""

    campaign_id: ObjectId


class AdSetAsked(Arguments):
    """Which ad set is meant."""

    adset_id: ObjectId


class AdAsked(Arguments):
    """Which ad is meant."""

    ad_id: ObjectId


class Campaigns(Listed):
    """Campaigns of an account."""

    currency: str
    campaigns: list[CampaignRow]


class AdSets(Listed):
    """Ad sets of an account."""

    currency: str
    adsets: list[AdSetRow]


class Ads(Listed):
    """Ads of an account."""

    ads: list[AdRow]


class CampaignDetails(OfAccount):
    """A campaign, and what else Meta tells of it in its own words."""

    currency: str
    campaign: CampaignRow
    details: dict[str, Any]


class AdSetDetails(OfAccount):
    """An ad set, and what else Meta tells of it: targeting, promoted object, attribution."""

    currency: str
    adset: AdSetRow
    details: dict[str, Any]


class AdDetails(OfAccount):
    """An ad, and what else Meta tells of it, its creative among that."""

    ad: AdRow
    details: dict[str, Any]


async def get_campaigns(call: Call, asked: CampaignsAsked) -> Campaigns:
    """Campaigns of an ad account with status, objective and budget."""
    wanted = _wanted(asked.limit, asked.status_filter, objective=asked.objective_filter or None)
    page = await _page(call, _CAMPAIGNS, asked, wanted)
    found = [shapes.campaign(row, page.currency) for row in page.found]
    return Campaigns(**page.envelope(), currency=page.currency, campaigns=found)


async def get_campaign_details(call: Call, asked: CampaignAsked) -> CampaignDetails:
    """One campaign as Meta has it now, with spend cap, special ad categories and remaining budget."""
    owned = await read_object(call, asked.campaign_id, ad_objects.CAMPAIGN_DETAILS)
    (row,) = _understood(ads.read_campaigns, owned)
    currency = await currency_of(call, owned.account)
    shown = shapes.campaign(row, currency)
    told = shapes.further(owned.answer, *CampaignRow.model_fields, "daily_budget", "lifetime_budget", "created_time")
    return CampaignDetails(**_of(call, owned), currency=currency, campaign=shown, details=told)


async def get_adsets(call: Call, asked: AdSetsAsked) -> AdSets:
    """Ad sets of an ad account or of one campaign, with status, budget, bid and optimization goal."""
    wanted = _wanted(asked.limit, asked.status_filter, campaign_id=asked.campaign_id)
    page = await _page(call, _AD_SETS, asked, wanted)
    found = [shapes.ad_set(row, page.currency) for row in page.found]
    return AdSets(**page.envelope(), currency=page.currency, adsets=found)


async def get_adset_details(call: Call, asked: AdSetAsked) -> AdSetDetails:
    """One ad set as Meta has it now, with targeting, promoted object, attribution and learning stage."""
    owned = await read_object(call, asked.adset_id, ad_objects.AD_SET_DETAILS)
    (row,) = _understood(ads.read_ad_sets, owned)
    currency = await currency_of(call, owned.account)
    shown = shapes.ad_set(row, currency)
    told = shapes.further(
        owned.answer, *AdSetRow.model_fields, "daily_budget", "lifetime_budget", "bid_amount", "created_time"
    )
    return AdSetDetails(**_of(call, owned), currency=currency, adset=shown, details=told)


async def get_ads(call: Call, asked: AdsAsked) -> Ads:
    """Ads of an ad account, of one campaign or of one ad set, with status and creative id."""
    wanted = _wanted(asked.limit, asked.status_filter, campaign_id=asked.campaign_id, ad_set_id=asked.adset_id)
    page = await _page(call, _ADS, asked, wanted)
    return Ads(**page.envelope(), ads=[shapes.ad(row) for row, _ in page.found])


async def get_ad_details(call: Call, asked: AdAsked) -> AdDetails:
    """One ad as Meta has it now, with its creative and tracking."""
    owned = await read_object(call, asked.ad_id, ad_objects.AD_DETAILS)
    ((row, _),) = _understood(ads.read_ads, owned)
    told = shapes.further(owned.answer, *AdRow.model_fields, "created_time")
    return AdDetails(**_of(call, owned), ad=shapes.ad(row), details=told)


@dataclass(frozen=True)
class _Kind(Generic[T]):
    """A list of an account: its name in coverage, its edge at Meta, and how both are read."""

    name: str
    edge: str
    fields: Sequence[str]
    stored: Callable[[ReadSession, Wanted], Awaitable[list[T]]]
    understand: Callable[[JSON], list[T]]
    key: Callable[[T], tuple[datetime | None, str]]
    """By what the stored list is ordered: when it was made, and its id."""


_CAMPAIGNS = _Kind(
    "ad_campaigns",
    "campaigns",
    spec.CAMPAIGN_FIELDS,
    queries.campaigns,
    ads.read_campaigns,
    lambda row: (row.created_at, row.campaign_id),
)
_AD_SETS = _Kind(
    "ad_sets", "adsets", spec.AD_SET_FIELDS, queries.sets, ads.read_ad_sets, lambda row: (row.created_at, row.ad_set_id)
)
_ADS = _Kind(
    "ads",
    "ads",
    (*spec.AD_FIELDS, "creative{id}"),
    queries.ads,
    ads.read_ads,
    lambda row: (row[0].created_at, row[0].ad_id),
)


@dataclass(frozen=True)
class _Page(Generic[T]):
    account: ConnectedAsset
    currency: str
    source: Source
    as_of: datetime
    found: list[T]
    next_cursor: str | None

    def envelope(self) -> dict[str, Any]:
        """What an answer says of the page."""
        about = {"source": self.source, "as_of": self.as_of, "account_id": self.account.asset_id}
        return {**about, "next_cursor": self.next_cursor}


def _wanted(limit: int, status: str, **narrowed: str | None) -> Wanted:
    return Wanted("", limit, statuses=(status,) if status else (), **narrowed)  # type: ignore[arg-type]


async def _page(call: Call, kind: _Kind[T], asked: CampaignsAsked | AdSetsAsked | AdsAsked, wanted: Wanted) -> _Page[T]:
    """A page of a list: it goes on where it began, and begins in the store when that is fresh enough."""
    account = await account_of(call, asked.account_id)
    wanted = replace(wanted, account_id=account.asset_id)
    place, stored_at, found = place_of(call, asked.after), None, list[T]()
    async with call.node.database.reading() as session:
        currency = await currency_in(session, account)
        if "id" in place:
            stored_at = datetime.fromisoformat(place["as_of"])
        elif not place and asked.max_age_minutes:
            stored_at = await read_at(session, call, account.asset_id, kind.name, asked.max_age_minutes)
        if stored_at is not None:
            found = await kind.stored(session, replace(wanted, below=_below(place), limit=wanted.limit + 1))
    currency = currency or await currency_of(call, account)
    if stored_at is None:
        return await _live(call, kind, account, currency, wanted, place.get("after"))
    page, rest = found[: wanted.limit], None
    if len(found) > wanted.limit:
        made_at, last_id = kind.key(page[-1])
        made = made_at.isoformat() if made_at else None
        rest = cursor(call, {"id": last_id, "made": made, "as_of": stored_at.isoformat()})
    return _Page(account, currency, "stored", stored_at, page, rest)


def _below(place: Mapping[str, Any]) -> tuple[datetime | None, str] | None:
    """The object after which a stored list goes on: it stays the same, whatever comes or goes meanwhile."""
    if "id" not in place:
        return None
    return (datetime.fromisoformat(place["made"]) if place["made"] else None), place["id"]


async def _live(
    call: Call, kind: _Kind[T], account: ConnectedAsset, currency: str, wanted: Wanted, after: str | None
) -> _Page[T]:
    narrowed = {"campaign.id": wanted.campaign_id, "adset.id": wanted.ad_set_id, "objective": wanted.objective}
    filters = [(field, "IN", [value]) for field, value in narrowed.items() if value is not None]
    part = ad_objects.Slice(wanted.limit, after, wanted.statuses, filters)
    answer = await call.send(ad_objects.list_call(call.version, account.asset_id, kind.edge, kind.fields, part))
    found = graph.understood(kind.understand, answer)
    following = graph.next_cursor(answer)
    rest = cursor(call, {"after": following}) if following else None
    return _Page(account, currency, "live", call.now(), found, rest)


def _understood(read: Callable[[JSON], list[T]], owned: Owned) -> list[T]:
    return graph.understood(read, {"data": [owned.answer]})


def _of(call: Call, owned: Owned) -> dict[str, Any]:
    return {"source": "live", "as_of": call.now(), "account_id": owned.account.asset_id}
