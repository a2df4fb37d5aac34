"""Reading ads: what campaigns did and cost."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, literal, select

from freehold.kernel.database import ReadSession
from freehold.node.store.ads.tables import (
    ad_accounts,
    ad_breakdowns,
    ad_campaigns,
    ad_insights,
    ad_reach,
    ad_sets,
    ads,
)
from freehold.node.store.coverage.tables import coverage
from freehold.providers.meta import graph

_CURRENCY = select(ad_accounts.c.currency).where(ad_accounts.c.ad_account_id == bindparam("ad_account_id"))
"""Built once: it runs on most calls of tools."""


@dataclass(frozen=True)
class CampaignResult:
    """A campaign over a window: money in minor units, `reach` as Meta counted it once for the whole window."""

    campaign_id: str
    name: str
    objective: str
    currency: str
    spend_minor: int
    impressions: int
    link_clicks: int
    results: int | None
    reach: int | None

    @property
    def cost_per_result_minor(self) -> int | None:
        """Spend for each result, rounded; None without results."""
        return round(self.spend_minor / self.results) if self.results else None


class RowKey(NamedTuple):
    """An ad's day, or with `first` and `second` a part of it."""

    ad_id: str
    day: date
    first: str
    second: str


async def row_ids(
    session: ReadSession, ad_account_id: str, breakdown: str, first: date, last: date
) -> dict[RowKey, int]:
    """The rows of an account's days, or with a breakdown of their parts, and their ids in the table."""
    table, wanted = _daily_rows(ad_account_id, breakdown, first, last)
    parts = (table.c.first_part, table.c.second_part) if breakdown else (literal(""), literal(""))
    rows = await session.execute(select(table.c.id, table.c.ad_id, table.c.day, *parts).where(wanted))
    return {RowKey(*key): row_id for row_id, *key in rows.all()}


async def has_rows(session: ReadSession, ad_account_id: str, breakdown: str, first: date, last: date) -> bool:
    """Whether anything is there of an account's days, or of their parts by a breakdown."""
    table, wanted = _daily_rows(ad_account_id, breakdown, first, last)
    return (await session.execute(select(table.c.id).where(wanted).limit(1))).first() is not None


async def ended_ads(session: ReadSession, ad_account_id: str) -> set[str]:
    """The ads of an account that were deleted or archived."""
    ended = ads.c.effective_status.in_(("DELETED", "ARCHIVED"))
    query = select(ads.c.ad_id).where(ads.c.ad_account_id == ad_account_id, ended)
    return set((await session.execute(query)).scalars())


@dataclass(frozen=True)
class CampaignDay:
    """What a campaign spent and brought on one day; `results` is None where its objective counts none."""

    campaign_id: str
    campaign: str
    day: date
    currency: str
    spend_minor: int
    results: int | None


async def daily_spend(session: ReadSession, ad_account_id: str, first: date, last: date) -> dict[date, int]:
    """Spend by day in minor units."""
    query = (
        select(ad_insights.c.day, func.sum(ad_insights.c.spend_minor).label("spend"))
        .where(ad_insights.c.ad_account_id == ad_account_id, ad_insights.c.day.between(first, last))
        .group_by(ad_insights.c.day)
        .order_by(ad_insights.c.day)
    )
    return {row.day: int(row.spend) for row in (await session.execute(query)).all()}


async def campaign_results(session: ReadSession, ad_account_id: str, first: date, last: date) -> list[CampaignResult]:
    """What each campaign that spent did in a window, the dearest first; sums of its ads' days."""
    one, of = ad_insights.c, ad_campaigns.c
    query = (
        select(
            one.campaign_id,
            func.coalesce(of.name, one.campaign_id).label("name"),
            func.coalesce(of.objective, "").label("objective"),
            one.currency,
            func.sum(one.spend_minor).label("spend"),
            func.sum(one.impressions).label("impressions"),
            func.sum(one.link_clicks).label("link_clicks"),
            func.sum(one.results).label("results"),
        )
        .join_from(
            ad_insights,
            ad_campaigns,
            and_(one.campaign_id == of.campaign_id, of.ad_account_id == ad_account_id),
            isouter=True,
        )
        .where(one.ad_account_id == ad_account_id, one.day.between(first, last))
        .group_by(one.campaign_id, of.name, of.objective, one.currency)
        .order_by(func.sum(one.spend_minor).desc())
    )
    reach = await _campaign_reach(session, ad_account_id, first, last)
    return [
        CampaignResult(
            row.campaign_id,
            row.name,
            row.objective,
            row.currency,
            int(row.spend),
            int(row.impressions),
            int(row.link_clicks),
            None if row.results is None else int(row.results),
            reach.get(row.campaign_id),
        )
        for row in (await session.execute(query)).all()
    ]


async def campaigns_with(session: ReadSession, ad_account_id: str, objective: str) -> list[str]:
    """The ids of an account's campaigns that are after the same."""
    of = ad_campaigns.c
    query = select(of.campaign_id).where(of.ad_account_id == ad_account_id, of.objective == objective)
    return list((await session.execute(query.order_by(of.campaign_id))).scalars())


async def campaign_days(session: ReadSession, ad_account_id: str, first: date, last: date) -> list[CampaignDay]:
    """Each campaign's days in a window, by campaign and day; sums of its ads."""
    one, of = ad_insights.c, ad_campaigns.c
    keys = (one.campaign_id, of.name, one.day, one.currency)
    query = (
        select(*keys, func.sum(one.spend_minor).label("spend"), func.sum(one.results).label("results"))
        .join_from(ad_insights, ad_campaigns, one.campaign_id == of.campaign_id, isouter=True)
        .where(one.ad_account_id == ad_account_id, one.day.between(first, last))
        .group_by(*keys)
        .order_by(one.campaign_id, one.day)
    )
    return [
        CampaignDay(
            row.campaign_id,
            row.name or row.campaign_id,
            row.day,
            row.currency,
            int(row.spend),
            None if row.results is None else int(row.results),
        )
        for row in (await session.execute(query)).all()
    ]


async def campaign_reach_covered(session: ReadSession, ad_account_id: str, first: date, last: date) -> bool:
    """Whether the reach of an account's campaigns was read for exactly this window, even if none reached anybody."""
    of = coverage.c
    query = select(of.state).where(
        of.subject_id == ad_account_id, of.metric == reach_metric("campaign", first, last), of.day == last
    )
    return (await session.execute(query)).scalar_one_or_none() == "complete"


def reach_metric(level: str, first: date, last: date) -> str:
    """The name under which coverage has the reach of a level in windows of this length, at their last day."""
    return f"ad_reach:{level}:{(last - first).days + 1}d"


def reach_days(level: str, metric: str) -> int | None:
    """How many days the windows of a `reach_metric` of this level have; None for another metric."""
    name, _, days = metric.rpartition(":")
    return int(days.removesuffix("d")) if name == f"ad_reach:{level}" else None


async def zone(session: ReadSession, ad_account_id: str) -> ZoneInfo:
    """The zone in which an account's days are counted; UTC where it is not known."""
    query = select(ad_accounts.c.timezone).where(ad_accounts.c.ad_account_id == ad_account_id)
    return graph.zone_named((await session.execute(query)).scalar_one_or_none())


async def currency(session: ReadSession, ad_account_id: str) -> str | None:
    """The currency of an account, as Meta said when the account was read; None before."""
    return (await session.execute(_CURRENCY, {"ad_account_id": ad_account_id})).scalar_one_or_none()


async def rows_a_day(session: ReadSession, ad_account_id: str, first: date, last: date) -> int:
    """About how many ads of an account deliver on a day: those that are active now, or what these days had at most."""
    active = select(func.count()).where(ads.c.ad_account_id == ad_account_id, ads.c.effective_status == "ACTIVE")
    days = (
        select(func.count().label("rows"))
        .where(ad_insights.c.ad_account_id == ad_account_id, ad_insights.c.day.between(first, last))
        .group_by(ad_insights.c.day)
        .subquery()
    )
    most = select(func.coalesce(func.max(days.c.rows), 0))
    counted = [int((await session.execute(query)).scalar_one()) for query in (active, most)]
    return max(counted)


async def changed_since(session: ReadSession, ad_account_id: str, at: datetime) -> tuple[bool, bool]:
    """Whether a campaign, and whether an ad set of an account, is known to have changed after an instant."""
    found = []
    for table in (ad_campaigns, ad_sets):
        query = select(table.c.updated_at).where(table.c.ad_account_id == ad_account_id, table.c.updated_at > at)
        found.append((await session.execute(query.limit(1))).first() is not None)
    return found[0], found[1]


async def _campaign_reach(session: ReadSession, ad_account_id: str, first: date, last: date) -> dict[str, int]:
    of = ad_reach.c
    query = select(of.object_id, of.reach).where(
        of.ad_account_id == ad_account_id, of.level == "campaign", of.first_day == first, of.last_day == last
    )
    return {row.object_id: int(row.reach) for row in (await session.execute(query)).all()}


def _daily_rows(ad_account_id: str, breakdown: str, first: date, last: date) -> tuple[Table, ColumnElement[bool]]:
    table = ad_breakdowns if breakdown else ad_insights
    wanted = and_(table.c.ad_account_id == ad_account_id, table.c.day.between(first, last))
    return table, and_(wanted, table.c.breakdown == breakdown) if breakdown else wanted
