"""Gathers from the store what a look is taken at: every ticked asset, and the ads of whom the client watches."""

from collections.abc import Sequence
from datetime import datetime

from freehold.kernel.database import ReadSession
from freehold.node.advice import queries
from freehold.node.advice.ad_rows import ad_account_rows
from freehold.node.advice.periods import Periods, periods_of
from freehold.node.advice.social_rows import instagram_rows, page_rows
from freehold.node.analysis.inputs import Inputs
from freehold.node.analysis.rivals import RivalAd
from freehold.node.assets import ConnectedAsset
from freehold.node.measures.zones import posts_zone


async def gather(
    session: ReadSession, assets: Sequence[ConnectedAsset], now: datetime, chosen: str | None = None
) -> Inputs:
    """The last four whole weeks of these assets, and what came before as far as it is stored. `chosen` is the
    name of the time zone in which hours of posts are counted, if one was chosen.
    """
    periods, zone = periods_of(assets, now), posts_zone(assets, chosen)
    instagram = [each.asset_id for each in assets if each.kind == "instagram_account"]
    pages = [each.asset_id for each in assets if each.kind == "facebook_page"]
    ad_accounts = [each for each in assets if each.kind == "ad_account"]
    return Inputs(
        first=periods.first,
        last=periods.last,
        now=now,
        accounts=(
            *[await instagram_rows(session, each, periods, zone) for each in instagram],
            *[await page_rows(session, each, periods, zone) for each in pages],
        ),
        ad_accounts=tuple([await ad_account_rows(session, each, periods) for each in ad_accounts]),
        rivals=await _rivals(session, periods),
        zone=zone.key,
    )


async def _rivals(session: ReadSession, periods: Periods) -> tuple[RivalAd, ...]:
    found = await queries.archived_ads(session, periods.first)
    return tuple(RivalAd(each.ad_id, each.advertiser, each.started, each.stopped) for each in found)
