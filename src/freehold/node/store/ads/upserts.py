"""Writing what was read of ads."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

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
_RESTATED = (
    "impressions", "reach", "clicks", "link_clicks", "spend_minor", "results", "actions", "action_values_minor",
)  # fmt: skip
"""What makes a day another day than it was when one of them changes."""
_KEPT = (*_RESTATED, "actions_by_window", "action_values_by_window_minor", "read_at")
_VIDEO = ("video_plays", "video_thruplays", "video_p25", "video_p50", "video_p75", "video_p100")
_COMPARED = (
    *_RESTATED, "frequency", "outbound_clicks", *_VIDEO, "actions_by_window", "action_values_by_window_minor",
)  # fmt: skip
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
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """Write ads' days that are new or changed; of a finished day in `zone` that changed, what was there is kept.

    `objectives` (campaign -> objective) decides what counts as a result.
    """
    found = await _stored(session, days)
    changed, restated = [], []
    for day in days:
        row = _day_row(day, account_id, objectives, now)
        before = found.get((row["ad_id"], row["day"]))
        if before is not None and all(before[name] == row[name] for name in _COMPARED):
            continue
        changed.append(row)
        if before is not None and _was_another(before, row, zone):
            restated.append(_before(before, row, now))
    await merge(session, ad_insight_restatements, ("ad_id", "day", "read_at"), restated)
    await merge(session, ad_insights, ("ad_id", "day"), changed)


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


async def _stored(session: WriteSession, days: Sequence[AdDay]) -> dict[tuple[str, date], Mapping[str, Any]]:
    """The rows that the days may change."""
    if not days:
        return {}
    of, all_days = ad_insights.c, [day.delivery.day for day in days]
    query = select(of.ad_id, of.day, of.read_at, *(of[name] for name in _COMPARED)).where(
        of.ad_id.in_({day.delivery.ad_id for day in days}), of.day.between(min(all_days), max(all_days))
    )
    return {(row["ad_id"], row["day"]): dict(row) for row in (await session.execute(query)).mappings()}


def _was_another(before: Mapping[str, Any], row: Row, zone: ZoneInfo) -> bool:
    """Whether a day that was over when it was read says something else now; while it lasts, it always does."""
    over: bool = before["read_at"].astimezone(zone).date() > row["day"]
    return over and any(before[name] != row[name] for name in _RESTATED)


def _before(before: Mapping[str, Any], row: Row, now: datetime) -> Row:
    kept = {name: before[name] for name in _KEPT}
    return {"ad_account_id": row["ad_account_id"], "ad_id": row["ad_id"], "day": row["day"], "replaced_at": now, **kept}


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
