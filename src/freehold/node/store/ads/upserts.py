"""Writing what was read of ads."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, not_

from freehold.kernel.database import WriteSession
from freehold.node.store.ads.tables import CAMPAIGN_REACH, ad_campaign_reach, ad_campaigns, ad_insights, ad_sets, ads
from freehold.node.store.coverage.tables import coverage
from freehold.node.store.coverage.upserts import Coverage, save_coverage
from freehold.node.store.merge import merge
from freehold.providers.meta import ads as meta_ads
from freehold.providers.meta.ads import Ad, AdInsight, AdSet, Campaign, CampaignReach


async def save_campaigns(
    session: WriteSession, account_id: str, currency: str, campaigns: Iterable[Campaign], now: datetime
) -> None:
    """Write campaigns of an ad account."""
    rows = [_owned(asdict(campaign), account_id, now) | {"currency": currency} for campaign in campaigns]
    await merge(session, ad_campaigns, ("campaign_id",), rows)


async def save_ad_sets(
    session: WriteSession, account_id: str, currency: str, found: Iterable[AdSet], now: datetime
) -> None:
    """Write ad sets of an ad account."""
    rows = [_owned(asdict(ad_set), account_id, now) | {"currency": currency} for ad_set in found]
    await merge(session, ad_sets, ("ad_set_id",), rows)


async def save_ads(session: WriteSession, account_id: str, found: Iterable[Ad], now: datetime) -> None:
    """Write ads of an ad account."""
    await merge(session, ads, ("ad_id",), [_owned(asdict(ad), account_id, now) for ad in found])


async def save_ad_insights(
    session: WriteSession,
    account_id: str,
    insights: Iterable[AdInsight],
    objectives: Mapping[str, str],
    now: datetime,
) -> None:
    """Write ads' days; `objectives` (campaign -> objective) decides what counts as a result."""
    rows = []
    for insight in insights:
        row = _owned(asdict(insight), account_id, now)
        row["results"] = meta_ads.result(insight.actions, objectives.get(insight.campaign_id, ""))
        row["actions"] = json.dumps(insight.actions, sort_keys=True)
        row["action_values_minor"] = json.dumps(insight.action_values_minor, sort_keys=True)
        rows.append(row)
    await merge(session, ad_insights, ("ad_id", "day"), rows)


async def replace_campaign_reach(
    session: WriteSession, account_id: str, window: tuple[date, date], found: Iterable[CampaignReach], now: datetime
) -> None:
    """Write how many people each campaign reached in a window (its first and last day), in place of any other window's.

    Coverage has the days of this window afterwards, and no others.
    """
    first, last = window
    reach, known = ad_campaign_reach, coverage.c
    rows = [_owned(asdict(item), account_id, now) | {"first_day": first, "last_day": last} for item in found]
    here = and_(
        reach.c.first_day == first,
        reach.c.last_day == last,
        reach.c.campaign_id.in_([row["campaign_id"] for row in rows]),
    )
    await session.execute(delete(reach).where(reach.c.ad_account_id == account_id, not_(here)))
    mine = (known.subject_id == account_id, known.metric == CAMPAIGN_REACH)
    await session.execute(delete(coverage).where(*mine, not_(known.day.between(first, last))))
    await merge(session, reach, ("campaign_id", "first_day", "last_day"), rows)
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    await save_coverage(session, [Coverage(account_id, CAMPAIGN_REACH, day, "complete") for day in days], now)


def _owned(row: dict[str, Any], account_id: str, now: datetime) -> dict[str, Any]:
    return {**row, "ad_account_id": account_id, "read_at": now}
