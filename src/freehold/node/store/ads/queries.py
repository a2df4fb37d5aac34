"""Reading ads: what campaigns did and cost."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select

from freehold.kernel.database import ReadSession
from freehold.node.store.ads.tables import ad_accounts, ad_campaigns, ad_insights, ad_reach, ad_sets, ads
from freehold.node.store.coverage.tables import coverage


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


@dataclass(frozen=True)
class CampaignDay:
    """What a campaign spent and brought on one day; `results` is None where its objective counts none."""

    campaign_id: str
    campaign: str
    day: date
    currency: str
    spend_minor: int
    results: int | None


async def objectives(session: ReadSession, ad_account_id: str) -> dict[str, str]:
    """Campaign -> objective."""
    query = select(ad_campaigns.c.campaign_id, ad_campaigns.c.objective)
    rows = await session.execute(query.where(ad_campaigns.c.ad_account_id == ad_account_id))
    return {row.campaign_id: row.objective for row in rows.all()}


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
        .join_from(ad_insights, ad_campaigns, one.campaign_id == of.campaign_id, isouter=True)
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


async def zone(session: ReadSession, ad_account_id: str) -> ZoneInfo:
    """The zone in which an account's days are counted; UTC where it is not known."""
    query = select(ad_accounts.c.timezone).where(ad_accounts.c.ad_account_id == ad_account_id)
    name = (await session.execute(query)).scalar_one_or_none()
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


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
