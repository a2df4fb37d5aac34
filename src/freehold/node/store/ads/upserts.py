"""Writing what was read of ads."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from freehold.kernel.database import WriteSession
from freehold.node.store.ads.tables import (
    ad_accounts,
    ad_breakdowns,
    ad_campaigns,
    ad_creatives,
    ad_insight_restatements,
    ad_insights,
    ad_reach,
    ad_sets,
    ads,
)
from freehold.node.store.merge import merge
from freehold.providers.meta import ad_insights as insights
from freehold.providers.meta.ad_insights import AdDay, AdPart, Delivery, Level, Reach
from freehold.providers.meta.ads import Ad, AdAccount, AdSet, Campaign, Creative

Row = dict[str, Any]
_VIDEO = ("video_plays", "video_thruplays", "video_p25", "video_p50", "video_p75", "video_p100")
_text = json.JSONEncoder(sort_keys=True).encode


async def save_account(session: WriteSession, account_id: str, found: AdAccount, now: datetime) -> None:
    """Write an ad account."""
    await merge(session, ad_accounts, ("ad_account_id",), [_owned(found, account_id, now)])


async def save_campaigns(
    session: WriteSession, account_id: str, currency: str, campaigns: Iterable[Campaign], now: datetime
) -> None:
    """Write campaigns of an ad account."""
    rows = [_owned(campaign, account_id, now) | {"currency": currency} for campaign in campaigns]
    await merge(session, ad_campaigns, ("campaign_id",), rows)


async def save_ad_sets(
    session: WriteSession, account_id: str, currency: str, found: Iterable[AdSet], now: datetime
) -> None:
    """Write ad sets of an ad account."""
    rows = [_owned(ad_set, account_id, now) | {"currency": currency} for ad_set in found]
    await merge(session, ad_sets, ("ad_set_id",), rows)


async def save_ads(
    session: WriteSession, account_id: str, found: Sequence[tuple[Ad, Creative | None]], now: datetime
) -> None:
    """Write ads with their creatives, each creative once however many ads show it."""
    await merge(session, ads, ("ad_id",), [_owned(ad, account_id, now) for ad, _ in found])
    creatives = {creative.creative_id: creative for _, creative in found if creative is not None}
    rows = [_owned(creative, account_id, now) for creative in creatives.values()]
    await merge(session, ad_creatives, ("creative_id",), rows)


async def save_ad_days(
    session: WriteSession,
    account_id: str,
    days: Sequence[AdDay],
    objectives: Mapping[str, str],
    finished: Collection[date],
    now: datetime,
) -> None:
    """Write ads' days; of the `finished` ones, which were read whole before, what Meta said then is kept.

    `objectives` (campaign -> objective) decides what counts as a result.
    """
    rows = [_day_row(day, account_id, objectives, now) for day in days]
    restated = [row for row in rows if row["day"] in finished]
    await merge(session, ad_insights, ("ad_id", "day"), restated, history=ad_insight_restatements)
    fresh = [row for row in rows if row["day"] not in finished]
    await merge(session, ad_insights, ("ad_id", "day"), fresh)


async def save_ad_parts(
    session: WriteSession,
    account_id: str,
    breakdown: str,
    parts: Iterable[AdPart],
    objectives: Mapping[str, str],
    now: datetime,
) -> None:
    """Write parts of ads' days by one breakdown (our name of it)."""
    rows = [
        _delivery_row(part.delivery, account_id, objectives, now)
        | {"breakdown": breakdown, "first_part": part.first, "second_part": part.second}
        for part in parts
    ]
    await merge(session, ad_breakdowns, ("ad_id", "day", "breakdown", "first_part", "second_part"), rows)


async def save_reach(
    session: WriteSession, account_id: str, level: Level, found: Iterable[Reach], now: datetime
) -> None:
    """Write how many people objects of a level reached in their windows."""
    rows = [
        _owned(item, account_id, now) | {"level": level, "object_id": item.object_id or account_id} for item in found
    ]
    await merge(session, ad_reach, ("object_id", "first_day", "last_day"), rows)


def _day_row(day: AdDay, account_id: str, objectives: Mapping[str, str], now: datetime) -> Row:
    row = _delivery_row(day.delivery, account_id, objectives, now)
    row |= {name: getattr(day, name) for name in ("frequency", "outbound_clicks", *_VIDEO)}
    row["reach"] = row["reach"] or 0
    row["actions_by_window"] = _text(day.actions_by_window)
    row["action_values_by_window_minor"] = _text(day.action_values_by_window_minor)
    return row


def _delivery_row(delivery: Delivery, account_id: str, objectives: Mapping[str, str], now: datetime) -> Row:
    row = _owned(delivery, account_id, now)
    row["results"] = insights.result(delivery.actions, objectives.get(delivery.campaign_id, ""))
    row["actions"] = _text(delivery.actions)
    row["action_values_minor"] = _text(delivery.action_values_minor)
    return row


def _owned(found: object, account_id: str, now: datetime) -> Row:
    """The members of a dataclass as columns, without copying what is in them."""
    return {**vars(found), "ad_account_id": account_id, "read_at": now}
