"""SQL over what a look is taken at: ads' days, budgets, windows of reach, pages' days, competitors' ads, and names."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Row, func, literal, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from freehold.kernel.database import ReadSession
from freehold.node.store.ads.tables import ad_breakdowns, ad_campaigns, ad_insights, ad_reach, ad_sets, ads
from freehold.node.store.competitors.tables import competitor_ad_matches, competitor_ads, competitors
from freehold.node.store.facebook.tables import facebook_page_insights, facebook_posts


class AdSums(NamedTuple):
    """A day of one group of an account's ads; money in minor units.

    `resulting_spend` is that of ads whose objective counts results, and `results` are None where none of them does.
    """

    group: str
    day: date
    spend: int
    resulting_spend: int
    results: int | None
    impressions: int
    clicks: int
    link_clicks: int


class OneAdDay(NamedTuple):
    """What one ad did on one day."""

    ad_set_id: str
    ad_id: str
    day: date
    impressions: int
    clicks: int


class Window(NamedTuple):
    """People reached in a window, each counted once; `frequency` is impressions a person."""

    object_id: str
    first: date
    last: date
    reach: int
    frequency: float


class RunningBudget(NamedTuple):
    """What a campaign or ad set may spend in its lifetime, in minor units."""

    object_id: str
    amount: int
    currency: str
    begins: datetime
    ends: datetime


class PageDay(NamedTuple):
    """A page's metric on a day."""

    metric: str
    day: date
    value: float


class PagePost(NamedTuple):
    """A page's post with its latest value of one metric."""

    post_id: str
    published_at: datetime
    status_type: str
    message: str
    value: float


class ArchivedAd(NamedTuple):
    """A competitor's ad; `stopped` is None while it runs, as far as is known."""

    ad_id: str
    advertiser: str
    started: date
    stopped: date | None


async def campaign_sums(session: ReadSession, ad_account_id: str, first: date, last: date) -> list[AdSums]:
    """Each campaign's days."""
    of = ad_insights.c
    query = select(of.campaign_id, of.day, *_sums(of)).where(
        of.ad_account_id == ad_account_id, of.day.between(first, last)
    )
    rows = (await session.execute(query.group_by(of.campaign_id, of.day).order_by(of.campaign_id, of.day))).all()
    return [_ad_sums(row) for row in rows]


async def objectives(session: ReadSession, ad_account_id: str) -> dict[str, str]:
    """What each campaign is after."""
    of = ad_campaigns.c
    query = select(of.campaign_id, of.objective).where(of.ad_account_id == ad_account_id)
    return {row.campaign_id: row.objective for row in await session.execute(query)}


async def position_sums(session: ReadSession, ad_account_id: str, first: date, last: date) -> list[AdSums]:
    """The days of each position at which ads were shown."""
    of = ad_breakdowns.c
    mine = (of.ad_account_id == ad_account_id, of.day.between(first, last), of.breakdown == "placement")
    query = select(of.second_part, of.day, *_sums(of)).where(*mine)
    rows = (await session.execute(query.group_by(of.second_part, of.day).order_by(of.second_part, of.day))).all()
    return [_ad_sums(row) for row in rows]


async def ad_days(session: ReadSession, ad_account_id: str, first: date, last: date) -> list[OneAdDay]:
    """Each ad's days, by ad set and ad."""
    of = ad_insights.c
    query = select(of.ad_set_id, of.ad_id, of.day, of.impressions, of.clicks).where(
        of.ad_account_id == ad_account_id, of.day.between(first, last)
    )
    return [OneAdDay(*row) for row in (await session.execute(query.order_by(of.ad_set_id, of.ad_id, of.day))).all()]


async def reach_windows(session: ReadSession, ad_account_id: str, level: str, first: date, last: date) -> list[Window]:
    """The windows of a level that end from `first` to `last`, the shorter of those with one end first."""
    of = ad_reach.c
    query = select(of.object_id, of.first_day, of.last_day, of.reach, of.frequency).where(
        of.ad_account_id == ad_account_id, of.level == level, of.last_day.between(first, last)
    )
    rows = (await session.execute(query.order_by(of.object_id, of.last_day, of.first_day.desc()))).all()
    return [Window(*row) for row in rows]


async def running_budgets(session: ReadSession, ad_account_id: str, now: datetime) -> list[RunningBudget]:
    """The lifetime budgets of campaigns and ad sets that run now and have an end."""
    found = []
    for table, key, ends in (
        (ad_campaigns, ad_campaigns.c.campaign_id, ad_campaigns.c.stopped_at),
        (ad_sets, ad_sets.c.ad_set_id, ad_sets.c.ends_at),
    ):
        of = table.c
        query = select(key, of.lifetime_budget_minor, of.currency, of.started_at, ends).where(
            of.ad_account_id == ad_account_id,
            of.effective_status == "ACTIVE",
            of.lifetime_budget_minor > 0,
            of.started_at < now,
            ends > now,
        )
        found += [RunningBudget(*row) for row in (await session.execute(query.order_by(key))).all()]
    return found


async def object_spend(
    session: ReadSession, ad_account_id: str, object_id: str, first: date, last: date
) -> dict[date, int]:
    """What a campaign or ad set spent by day."""
    of = ad_insights.c
    mine = (of.campaign_id == object_id) | (of.ad_set_id == object_id)
    query = select(of.day, func.sum(of.spend_minor)).where(
        of.ad_account_id == ad_account_id, of.day.between(first, last), mine
    )
    return {day: int(spend) for day, spend in (await session.execute(query.group_by(of.day))).all()}


async def page_days(
    session: ReadSession, page_id: str, metrics: Sequence[str], first: date, last: date
) -> list[PageDay]:
    """A page's own metrics by day."""
    of = facebook_page_insights.c
    query = select(of.metric, of.day, of.value).where(
        of.subject_id == page_id, of.metric.in_(tuple(metrics)), of.period == "day", of.day.between(first, last)
    )
    return [PageDay(*row) for row in (await session.execute(query.order_by(of.metric, of.day))).all()]


async def page_posts(session: ReadSession, page_id: str, metric: str, since: datetime) -> list[PagePost]:
    """The page's posts since then of which the metric was read, with its latest value, oldest first."""
    of, value = facebook_posts.c, facebook_page_insights.c
    kept = facebook_page_insights.alias().c
    newest = (
        select(func.max(kept.day))
        .where(kept.subject_id == of.post_id, kept.metric == metric, kept.period == "lifetime")
        .correlate(facebook_posts)
        .scalar_subquery()
    )
    query = (
        select(of.post_id, of.published_at, of.status_type, of.message, value.value)
        .join(facebook_page_insights, value.subject_id == of.post_id)
        .where(
            of.page_id == page_id,
            of.published_at >= since,
            value.metric == metric,
            value.period == "lifetime",
            value.day == newest,
        )
    )
    return [PagePost(*row) for row in (await session.execute(query.order_by(of.published_at, of.post_id))).all()]


async def archived_ads(session: ReadSession, since: date) -> list[ArchivedAd]:
    """The ads of whom is watched that ran since then, each once."""
    of, matches = competitor_ads.c, competitor_ad_matches.c
    watched = (
        select(matches.ad_archive_id)
        .join(competitors, competitors.c.competitor_id == matches.competitor_id)
        .where(competitors.c.removed_at.is_(None))
    )
    stopped = func.coalesce(of.delivery_stopped_on, of.gone_on)
    query = select(of.ad_archive_id, of.page_name, of.delivery_started_on, stopped).where(
        of.ad_archive_id.in_(watched),
        of.delivery_started_on.is_not(None),
        stopped.is_(None) | (stopped >= since),
    )
    return [ArchivedAd(*row) for row in (await session.execute(query.order_by(of.ad_archive_id))).all()]


async def ad_names(session: ReadSession, object_ids: Collection[str]) -> dict[str, str]:
    """What people called campaigns, ad sets and ads, by id."""
    found: dict[str, str] = {}
    for key, name in (
        (ad_campaigns.c.campaign_id, ad_campaigns.c.name),
        (ad_sets.c.ad_set_id, ad_sets.c.name),
        (ads.c.ad_id, ads.c.name),
    ):
        rows = (await session.execute(select(key, name).where(key.in_(tuple(object_ids))))).all()
        found.update((row[0], row[1]) for row in rows)
    return found


async def ad_places(session: ReadSession, object_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Where ad sets and ads belong, by id: the names of their `campaign` and, of ads, of their `ad_set`.

    What was archived before the first collection is not stored, and an ad set is told only beside its campaign.
    """
    chosen, of_campaign = tuple(object_ids), ad_campaigns.c.campaign_id
    of_sets = select(ad_sets.c.ad_set_id, ad_campaigns.c.name, literal("")).where(ad_sets.c.ad_set_id.in_(chosen))
    of_ads = select(ads.c.ad_id, ad_campaigns.c.name, ad_sets.c.name).where(ads.c.ad_id.in_(chosen))
    found: dict[str, dict[str, str]] = {}
    for query in (
        of_sets.join(ad_campaigns, of_campaign == ad_sets.c.campaign_id),
        of_ads.join(ad_campaigns, of_campaign == ads.c.campaign_id).outerjoin(
            ad_sets, ad_sets.c.ad_set_id == ads.c.ad_set_id
        ),
    ):
        for object_id, campaign, ad_set in await session.execute(query):
            if campaign.strip():
                named = {"ad_set": ad_set} if ad_set and ad_set.strip() else {}
                found[object_id] = {"campaign": campaign, **named}
    return found


def _sums(of: ReadOnlyColumnCollection[str, Column[Any]]) -> list[ColumnElement[Any]]:
    resulting = func.sum(of.spend_minor).filter(of.results.is_not(None))
    sums = [func.sum(of[name]) for name in ("spend_minor", "results", "impressions", "clicks", "link_clicks")]
    return [sums[0], func.coalesce(resulting, 0), *sums[1:]]


def _ad_sums(row: Row[Any]) -> AdSums:
    """PostgreSQL gives sums as decimals."""
    group, day, *sums = tuple(row)
    return AdSums(group, day, *(None if each is None else int(each) for each in sums))  # type: ignore[arg-type]
