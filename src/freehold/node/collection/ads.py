"""Ads: campaigns, ad sets, ads, what each ad did day by day, and each campaign's reach over the whole window."""

from datetime import date, timedelta
from functools import partial

from freehold.node.collection.source import Source, Window, pages
from freehold.node.store import queries, upserts
from freehold.node.store.upserts import Coverage
from freehold.providers.calls import Rejected
from freehold.providers.meta import ads, graph

OBJECTS_PER_PAGE = 200
ROWS_PER_PAGE = 500
WINDOW_DAYS = 30
AD_DAYS = "ad_insights"
"""The name under which coverage keeps an ad account's days."""
CAMPAIGN_REACH = "campaign_reach"
"""The same for the campaigns' reach over a window."""


async def collect(source: Source, window: Window) -> None:
    """Read everything of one ad account; raises `ProviderError` when it cannot be read at all."""
    await read_objects(source)
    for first, last in graph.windows(window.first, window.last, WINDOW_DAYS):
        await read_days(source, first, last)
    await read_campaign_reach(source, window.first, window.last)


async def read_objects(source: Source) -> None:
    """Campaigns, ad sets and ads as they are now."""
    account, currency, version = source.asset_id, source.currency, source.version
    async for answer in pages(source, partial(ads.campaigns_call, version, account), OBJECTS_PER_PAGE):
        async with source.database.writing() as session:
            await upserts.save_campaigns(session, account, currency, ads.read_campaigns(answer), source.clock.now())
    async for answer in pages(source, partial(ads.ad_sets_call, version, account), OBJECTS_PER_PAGE):
        async with source.database.writing() as session:
            await upserts.save_ad_sets(session, account, currency, ads.read_ad_sets(answer), source.clock.now())
    async for answer in pages(source, partial(ads.ads_call, version, account), OBJECTS_PER_PAGE):
        async with source.database.writing() as session:
            await upserts.save_ads(session, account, ads.read_ads(answer), source.clock.now())


async def read_days(source: Source, first: date, last: date) -> None:
    """What each ad did on each of the days; a window that is too much for one call is cut in two."""
    try:
        await _read_rows(source, "ad", first, last)
    except Rejected as error:
        if not error.reduce_data or first == last:
            await _note(source, first, last, "missing", error.message)
            return
        middle = first + (last - first) // 2
        await read_days(source, first, middle)
        await read_days(source, middle + timedelta(days=1), last)
        return
    await _note(source, first, last, "complete", "")


async def read_campaign_reach(source: Source, first: date, last: date) -> None:
    """How many people each campaign reached in the whole window: reach of days cannot be added up."""
    try:
        await _read_rows(source, "campaign", first, last)
    except Rejected as error:
        await _note(source, first, last, "missing", error.message, metric=CAMPAIGN_REACH)
        return
    await _note(source, first, last, "complete", "", metric=CAMPAIGN_REACH)


async def _read_rows(source: Source, level: ads.Level, first: date, last: date) -> None:
    async with source.database.reading() as session:
        objectives = await queries.objectives(session, source.asset_id)

    page = partial(ads.insights_call, source.version, source.asset_id, level, first, last)
    async for answer in pages(source, page, ROWS_PER_PAGE, smallest=100):
        insights = ads.read_insights(answer, level, source.currency)
        async with source.database.writing() as session:
            await upserts.save_ad_insights(session, source.asset_id, insights, objectives, source.clock.now())


async def _note(
    source: Source, first: date, last: date, state: upserts.CoverageState, reason: str, metric: str = AD_DAYS
) -> None:
    marks = [Coverage(source.asset_id, metric, day, state, reason) for day in Window(first, last, last).days()]
    async with source.database.writing() as session:
        await upserts.save_coverage(session, marks, source.clock.now())
