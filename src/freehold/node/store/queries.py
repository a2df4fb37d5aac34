"""Reading what was collected, for collection itself, reports and people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from freehold.kernel.database import ReadSession
from freehold.node.store.tables import (
    CAMPAIGN_REACH,
    ad_campaign_reach,
    ad_campaigns,
    ad_insights,
    coverage,
    instagram_accounts,
    instagram_insights,
    instagram_posts,
)


@dataclass(frozen=True)
class Covered:
    """One metric's state on a day."""

    metric: str
    day: date
    state: str
    reason: str
    read_at: datetime


@dataclass(frozen=True)
class PostResult:
    """A post and its latest lifetime values by metric."""

    post_id: str
    caption: str
    product_type: str
    permalink: str
    published_at: datetime
    values: dict[str, float]


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
class Profile:
    """An Instagram account as it was read last."""

    account_id: str
    username: str
    name: str
    followers: int
    posts: int
    read_at: datetime


@dataclass(frozen=True)
class Counts:
    """How much has been collected."""

    instagram_posts: int
    instagram_insights: int
    ad_campaigns: int
    ad_insights: int


async def profiles(session: ReadSession, account_ids: Sequence[str]) -> list[Profile]:
    """The accounts that have been read, in the order of their names."""
    columns = [instagram_accounts.c[name] for name in Profile.__dataclass_fields__]
    query = select(*columns).where(instagram_accounts.c.account_id.in_(tuple(account_ids)))
    rows = (await session.execute(query.order_by(instagram_accounts.c.username))).all()
    return [Profile(*row) for row in rows]


async def daily(session: ReadSession, account_id: str, metric: str, first: date, last: date) -> dict[date, float]:
    """An account metric by day; days that are not there are absent."""
    query = select(instagram_insights.c.day, instagram_insights.c.value).where(
        instagram_insights.c.subject_id == account_id,
        instagram_insights.c.metric == metric,
        instagram_insights.c.period == "day",
        instagram_insights.c.breakdown == "",
        instagram_insights.c.day.between(first, last),
    )
    return {row.day: row.value for row in (await session.execute(query.order_by(instagram_insights.c.day))).all()}


async def demographics(session: ReadSession, account_id: str, metric: str, breakdown: str) -> dict[str, float]:
    """The parts of a demographic as they were read last, the largest first."""
    mine = (
        instagram_insights.c.subject_id == account_id,
        instagram_insights.c.metric == metric,
        instagram_insights.c.breakdown == breakdown,
    )
    newest = select(func.max(instagram_insights.c.day)).where(*mine).scalar_subquery()
    query = select(instagram_insights.c.part, instagram_insights.c.value).where(
        *mine, instagram_insights.c.day == newest
    )
    rows = (await session.execute(query.order_by(instagram_insights.c.value.desc()))).all()
    return {row.part: row.value for row in rows}


async def posts(session: ReadSession, account_id: str, since: datetime, until: datetime) -> list[PostResult]:
    """The posts published in a time, newest first, with the latest value of each of their metrics."""
    found = select(instagram_posts).where(
        instagram_posts.c.account_id == account_id, instagram_posts.c.published_at.between(since, until)
    )
    rows = list((await session.execute(found.order_by(instagram_posts.c.published_at.desc()))).mappings())
    values = await _post_values(session, account_id)
    return [
        PostResult(
            row["post_id"],
            row["caption"],
            row["product_type"],
            row["permalink"],
            row["published_at"],
            values.get(row["post_id"], {}),
        )
        for row in rows
    ]


async def _post_values(session: ReadSession, account_id: str) -> dict[str, dict[str, float]]:
    query = select(instagram_insights.c.subject_id, instagram_insights.c.metric, instagram_insights.c.value).where(
        instagram_insights.c.account_id == account_id, instagram_insights.c.subject_kind == "post"
    )
    found: dict[str, dict[str, float]] = {}
    for row in (await session.execute(query.order_by(instagram_insights.c.day))).all():
        found.setdefault(row.subject_id, {})[row.metric] = row.value
    return found


async def covered(session: ReadSession, subject_id: str) -> dict[tuple[str, date], Covered]:
    """What is known of a subject's coverage, by metric and day."""
    query = select(coverage.c.metric, coverage.c.day, coverage.c.state, coverage.c.reason, coverage.c.read_at).where(
        coverage.c.subject_id == subject_id
    )
    found = [Covered(*row) for row in (await session.execute(query)).all()]
    return {(item.metric, item.day): item for item in found}


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


async def campaign_reach_covered(session: ReadSession, ad_account_id: str, first: date, last: date) -> bool:
    """Whether the reach of an account's campaigns was read for exactly this window, even if none reached anybody.

    Only one window is kept, and coverage has its days.
    """
    if await _campaign_reach(session, ad_account_id, first, last):
        return True
    query = select(coverage.c.day).where(
        coverage.c.subject_id == ad_account_id, coverage.c.metric == CAMPAIGN_REACH, coverage.c.state == "complete"
    )
    days = set((await session.execute(query)).scalars())
    return len(days) == (last - first).days + 1 and {first, last} == {min(days), max(days)}


async def _campaign_reach(session: ReadSession, ad_account_id: str, first: date, last: date) -> dict[str, int]:
    of = ad_campaign_reach.c
    query = select(of.campaign_id, of.reach).where(
        of.ad_account_id == ad_account_id, of.first_day == first, of.last_day == last
    )
    return {row.campaign_id: int(row.reach) for row in (await session.execute(query)).all()}


async def read_since(
    session: ReadSession, subject_ids: Sequence[str], metrics: Sequence[str], at: datetime
) -> set[str]:
    """Those subjects of which one of the metrics was read at `at` or later."""
    query = select(coverage.c.subject_id).where(
        coverage.c.subject_id.in_(tuple(subject_ids)),
        coverage.c.metric.in_(tuple(metrics)),
        coverage.c.state == "complete",
        coverage.c.read_at >= at,
    )
    return set((await session.execute(query)).scalars())


async def counts(session: ReadSession) -> Counts:
    """How many rows of each kind there are."""
    counted = (instagram_posts, instagram_insights, ad_campaigns, ad_insights)
    parts = [select(func.count()).select_from(table).scalar_subquery() for table in counted]
    return Counts(*map(int, (await session.execute(select(*parts))).one()))
