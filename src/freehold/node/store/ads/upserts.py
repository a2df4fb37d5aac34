"""Writing what was read of ads."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, Table, Text, cast, delete, func, literal, null, select, update

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
IDS_AT_ONCE = 1_000
"""Rows that one statement names."""
_VIDEO = ("video_plays", "video_thruplays", "video_p25", "video_p50", "video_p75", "video_p100")
_text = json.JSONEncoder(sort_keys=True).encode


async def save_account(session: WriteSession, account_id: str, found: AdAccount, now: datetime) -> None:
    """Write an ad account."""
    await merge(session, ad_accounts, ("ad_account_id",), [_owned(found, account_id, now)])


async def save_campaigns(
    session: WriteSession, account_id: str, currency: str, campaigns: Iterable[Campaign], now: datetime
) -> None:
    """Write campaigns of an ad account.

    Results of ads that were read before their campaign, or while it had another objective, are told anew.
    """
    found = list(campaigns)
    known = await _objectives(session, (campaign.campaign_id for campaign in found))
    rows = [_owned(campaign, account_id, now) | {"currency": currency} for campaign in found]
    await merge(session, ad_campaigns, ("campaign_id",), rows)
    told: dict[str, list[str]] = {}
    for campaign in found:
        if known.get(campaign.campaign_id) != campaign.objective:
            told.setdefault(campaign.objective, []).append(campaign.campaign_id)
    if told:
        await _lock(session, account_id)
    for objective, campaign_ids in told.items():
        await _tell_results(session, objective, campaign_ids)


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
    finished: Collection[date],
    now: datetime,
) -> None:
    """Write ads' days; of the `finished` ones, which were read whole before, what Meta said then is kept.

    The objective of its campaign decides what counts as a result; while that is not known, there is none.
    """
    objectives = await _objectives_of(session, account_id, (day.delivery for day in days))
    rows = [_day_row(day, account_id, objectives, now) for day in days]
    restated = [row for row in rows if row["day"] in finished]
    await merge(session, ad_insights, ("ad_id", "day"), restated, history=ad_insight_restatements)
    fresh = [row for row in rows if row["day"] not in finished]
    await merge(session, ad_insights, ("ad_id", "day"), fresh)


async def save_ad_parts(
    session: WriteSession,
    account_id: str,
    breakdown: str,
    parts: Sequence[AdPart],
    now: datetime,
) -> None:
    """Write parts of ads' days by one breakdown (our name of it)."""
    objectives = await _objectives_of(session, account_id, (part.delivery for part in parts))
    rows = [
        _delivery_row(part.delivery, account_id, objectives, now)
        | {"breakdown": breakdown, "first_part": part.first, "second_part": part.second}
        for part in parts
    ]
    await merge(session, ad_breakdowns, ("ad_id", "day", "breakdown", "first_part", "second_part"), rows)


async def remove_days(session: WriteSession, row_ids: Sequence[int], finished: Iterable[int], now: datetime) -> None:
    """Take out days that Meta gives no more; of the `finished` ones among them, what it said is kept."""
    history = ad_insight_restatements
    kept = [column.name for column in ad_insights.columns if column.name in history.c and column.name != "id"]
    for some in _pieces(finished):
        said = select(*(ad_insights.c[name] for name in kept), literal(now, history.c.replaced_at.type))
        of = said.where(ad_insights.c.id.in_(some))
        await session.execute(history.insert().from_select([*kept, "replaced_at"], of))
    await _remove(session, ad_insights, row_ids)


async def remove_parts(session: WriteSession, row_ids: Sequence[int]) -> None:
    """Take out parts of days that Meta gives no more."""
    await _remove(session, ad_breakdowns, row_ids)


async def _remove(session: WriteSession, table: Table, row_ids: Iterable[int]) -> None:
    for some in _pieces(row_ids):
        await session.execute(delete(table).where(table.c.id.in_(some)))


async def save_reach(
    session: WriteSession, account_id: str, level: Level, found: Iterable[Reach], now: datetime
) -> None:
    """Write how many people objects of a level reached in their windows."""
    rows = [
        _owned(item, account_id, now) | {"level": level, "object_id": item.object_id or account_id} for item in found
    ]
    await merge(session, ad_reach, ("object_id", "first_day", "last_day"), rows)


def _pieces(row_ids: Iterable[int]) -> Iterator[list[int]]:
    """As many at once as a statement takes."""
    found = list(row_ids)
    for place in range(0, len(found), IDS_AT_ONCE):
        yield found[place : place + IDS_AT_ONCE]


async def _objectives_of(session: WriteSession, account_id: str, of: Iterable[Delivery]) -> dict[str, str]:
    """Campaign -> objective, which stays as it is until the transaction ends: whoever comes to know another waits."""
    await _lock(session, account_id, shared=True)
    return await _objectives(session, {delivery.campaign_id for delivery in of})


async def _objectives(session: WriteSession, campaign_ids: Iterable[str]) -> dict[str, str]:
    of = ad_campaigns.c
    query = select(of.campaign_id, of.objective).where(of.campaign_id.in_(list(campaign_ids)))
    return {row.campaign_id: row.objective for row in (await session.execute(query)).all()}


async def _lock(session: WriteSession, account_id: str, *, shared: bool = False) -> None:
    """Let those who write an account's objectives, and those who write results by them, take turns."""
    query = select(ad_accounts.c.ad_account_id).where(ad_accounts.c.ad_account_id == account_id)
    await session.execute(query.with_for_update(read=shared))


async def _tell_results(session: WriteSession, objective: str, campaign_ids: Sequence[str]) -> None:
    """Work out the results of all that is there of campaigns with this objective."""
    its_ads = select(ad_insights.c.ad_id).where(ad_insights.c.campaign_id.in_(campaign_ids))
    for table, owned in (
        (ad_insights, ad_insights.c.campaign_id.in_(campaign_ids)),
        (ad_breakdowns, ad_breakdowns.c.campaign_id.in_(campaign_ids)),
        (ad_insight_restatements, ad_insight_restatements.c.ad_id.in_(its_ads)),
    ):
        results = _result(table.c.actions, objective)
        changed = update(table).where(owned, table.c.results.is_distinct_from(results))
        await session.execute(changed.values(results=results))


def _result(actions: ColumnElement[str], objective: str) -> ColumnElement[Any]:
    """What `ad_insights.result` tells, of a column."""
    wanted = insights.RESULT_ACTIONS.get(objective)
    if wanted is None:
        return null()
    counts = cast(actions, JSON().with_variant(Text(), "sqlite"))
    return cast(func.coalesce(*(counts[name].as_string() for name in wanted), "0"), BigInteger)


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
