"""Ads: campaigns, ad sets, ads, what each ad did day by day, and each campaign's reach over the whole window."""

from datetime import date, timedelta
from functools import partial

from freehold.node.collection.source import Source, Window, pages, priority_of
from freehold.node.collection.streams import Stream
from freehold.node.governor import Priority
from freehold.node.store.ads import queries, upserts
from freehold.node.store.ads.tables import CAMPAIGN_REACH
from freehold.node.store.coverage.upserts import Coverage, CoverageState
from freehold.providers.calls import Rejected, Unavailable
from freehold.providers.meta import ads, graph
from freehold.providers.meta.ads import CampaignReach

OBJECTS_PER_PAGE = 200
ROWS_PER_PAGE = 500
SMALLEST_PAGE = 100
WINDOW_DAYS = 30
KIND = "ad_account"
AD_DAYS = "ad_insights"
"""The name under which coverage keeps an ad account's days."""


async def read_campaigns(source: Source, _window: Window) -> None:
    """The campaigns as they are now."""
    page = partial(ads.campaigns_call, source.version, source.asset_id)
    async for each in pages(source, "campaigns", page, ads.read_campaigns, OBJECTS_PER_PAGE):
        async with each.saving() as session:
            await upserts.save_campaigns(session, source.asset_id, source.currency, each.found, source.clock.now())


async def read_ad_sets(source: Source, _window: Window) -> None:
    """The ad sets as they are now."""
    page = partial(ads.ad_sets_call, source.version, source.asset_id)
    async for each in pages(source, "ad_sets", page, ads.read_ad_sets, OBJECTS_PER_PAGE):
        async with each.saving() as session:
            await upserts.save_ad_sets(session, source.asset_id, source.currency, each.found, source.clock.now())


async def read_ads(source: Source, _window: Window) -> None:
    """The ads as they are now."""
    page = partial(ads.ads_call, source.version, source.asset_id)
    async for each in pages(source, "ads", page, ads.read_ads, OBJECTS_PER_PAGE):
        async with each.saving() as session:
            await upserts.save_ads(session, source.asset_id, each.found, source.clock.now())


async def read_all_days(source: Source, window: Window) -> None:
    """What each ad did on each day of the window, the newest days first."""
    for first, last in graph.windows(window.first, window.last, WINDOW_DAYS):
        await read_days(source, first, last, priority_of(window, last))


async def read_days(source: Source, first: date, last: date, priority: Priority = Priority.SCHEDULED) -> None:
    """What each ad did on each of the days; a window that is too much for one call is cut in two."""
    try:
        await _read_rows(source, first, last, priority)
    except (Rejected, Unavailable) as error:
        if isinstance(error, Unavailable) or not error.reduce_data or first == last:
            await _note(source, first, last, "missing", error.message)
            return
        middle = first + (last - first) // 2
        await read_days(source, first, middle, priority)
        await read_days(source, middle + timedelta(days=1), last, priority)
        return
    await _note(source, first, last, "complete", "")


async def _read_rows(source: Source, first: date, last: date, priority: Priority) -> None:
    async with source.database.reading() as session:
        objectives = await queries.objectives(session, source.asset_id)

    page = partial(ads.insights_call, source.version, source.asset_id, "ad", first, last)
    read = partial(ads.read_insights, currency=source.currency)
    async for each in pages(source, f"days:{first}:{last}", page, read, ROWS_PER_PAGE, SMALLEST_PAGE, priority):
        async with each.saving() as session:
            await upserts.save_ad_insights(session, source.asset_id, each.found, objectives, source.clock.now())


async def read_campaign_reach(source: Source, window: Window) -> None:
    """How many people each campaign reached in the whole window: reach of days cannot be added up."""
    first, last = window.first, window.last
    page = partial(ads.insights_call, source.version, source.asset_id, "campaign", first, last)
    reached: list[CampaignReach] = []
    try:
        name = f"campaign_reach:{first}:{last}"
        async for each in pages(source, name, page, ads.read_campaign_reach, ROWS_PER_PAGE, SMALLEST_PAGE):
            reached += each.found
    except (Rejected, Unavailable) as error:
        await _note(source, first, last, "missing", error.message, metric=CAMPAIGN_REACH)
        return
    async with source.database.writing() as session:
        await upserts.replace_campaign_reach(session, source.asset_id, (first, last), reached, source.clock.now())


async def _note(
    source: Source, first: date, last: date, state: CoverageState, reason: str, metric: str = AD_DAYS
) -> None:
    await source.note(
        [Coverage(source.asset_id, metric, day, state, reason) for day in Window(first, last, last).days()]
    )


STREAMS = (
    Stream("ad_campaigns", KIND, read_campaigns),
    Stream("ad_sets", KIND, read_ad_sets),
    Stream("ads", KIND, read_ads),
    Stream("ad_days", KIND, read_all_days),
    Stream("ad_reach", KIND, read_campaign_reach),
)
"""Everything that is read of an ad account, in this order."""
