"""Writing what was collected: each row once, the newest reading in place of the older."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Table, and_, delete, not_

from freehold.kernel.database import WriteSession, insert
from freehold.node.store import tables
from freehold.providers.meta import ads as meta_ads
from freehold.providers.meta.ads import Ad, AdInsight, AdSet, Campaign, CampaignReach
from freehold.providers.meta.instagram import Insight, Post, Profile

CoverageState = Literal["complete", "empty", "missing"]
_SEQUENCE = frozenset({"id"})


@dataclass(frozen=True)
class Coverage:
    """Whether one metric of a subject is there for a day; `reason` says why not."""

    subject_id: str
    metric: str
    day: date
    state: CoverageState
    reason: str = ""


async def save_profile(session: WriteSession, profile: Profile, now: datetime) -> None:
    """Write an account's profile."""
    await _upsert(session, tables.instagram_accounts, ("account_id",), [asdict(profile) | {"read_at": now}])


async def save_posts(session: WriteSession, account_id: str, posts: Iterable[Post], now: datetime) -> None:
    """Write posts of an account."""
    rows = [asdict(post) | {"account_id": account_id, "read_at": now} for post in posts]
    await _upsert(session, tables.instagram_posts, ("post_id",), rows)


async def save_instagram_insights(
    session: WriteSession,
    account_id: str,
    subject: tuple[Literal["account", "post"], str],
    insights: Iterable[Insight],
    today: date,
    now: datetime,
) -> None:
    """Write insights of an account or a post; a lifetime value is that of `today`."""
    rows = [
        {
            "account_id": account_id,
            "subject_kind": subject[0],
            "subject_id": subject[1],
            "metric": insight.metric,
            "period": insight.period,
            "breakdown": insight.breakdown,
            "part": insight.part,
            "day": insight.day or today,
            "value": insight.value,
            "read_at": now,
        }
        for insight in insights
    ]
    keys = ("subject_id", "metric", "period", "breakdown", "part", "day")
    await _upsert(session, tables.instagram_insights, keys, rows)


async def save_campaigns(
    session: WriteSession, account_id: str, currency: str, campaigns: Iterable[Campaign], now: datetime
) -> None:
    """Write campaigns of an ad account."""
    rows = [_owned(asdict(campaign), account_id, now) | {"currency": currency} for campaign in campaigns]
    await _upsert(session, tables.ad_campaigns, ("campaign_id",), rows)


async def save_ad_sets(
    session: WriteSession, account_id: str, currency: str, found: Iterable[AdSet], now: datetime
) -> None:
    """Write ad sets of an ad account."""
    rows = [_owned(asdict(ad_set), account_id, now) | {"currency": currency} for ad_set in found]
    await _upsert(session, tables.ad_sets, ("ad_set_id",), rows)


async def save_ads(session: WriteSession, account_id: str, found: Iterable[Ad], now: datetime) -> None:
    """Write ads of an ad account."""
    await _upsert(session, tables.ads, ("ad_id",), [_owned(asdict(ad), account_id, now) for ad in found])


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
    await _upsert(session, tables.ad_insights, ("ad_id", "day"), rows)


async def replace_campaign_reach(
    session: WriteSession, account_id: str, window: tuple[date, date], found: Iterable[CampaignReach], now: datetime
) -> None:
    """Write how many people each campaign reached in a window (its first and last day), in place of any other window's.

    Coverage has the days of this window afterwards, and no others.
    """
    first, last = window
    reach, known = tables.ad_campaign_reach, tables.coverage.c
    rows = [_owned(asdict(item), account_id, now) | {"first_day": first, "last_day": last} for item in found]
    here = and_(
        reach.c.first_day == first,
        reach.c.last_day == last,
        reach.c.campaign_id.in_([row["campaign_id"] for row in rows]),
    )
    await session.execute(delete(reach).where(reach.c.ad_account_id == account_id, not_(here)))
    mine = (known.subject_id == account_id, known.metric == tables.CAMPAIGN_REACH)
    await session.execute(delete(tables.coverage).where(*mine, not_(known.day.between(first, last))))
    await _upsert(session, reach, ("campaign_id", "first_day", "last_day"), rows)
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    await save_coverage(session, [Coverage(account_id, tables.CAMPAIGN_REACH, day, "complete") for day in days], now)


async def save_coverage(session: WriteSession, found: Iterable[Coverage], now: datetime) -> None:
    """Write what is there, what Meta does not give, and what is missing.

    A refusal does not undo what was read before: such a day stays complete as of that earlier reading.
    """
    rows = [asdict(item) | {"read_at": now} for item in found]
    for lost in (False, True):
        chosen = [row for row in rows if (row["state"] == "missing") is lost]
        kept = tables.coverage.c.state != "complete" if lost else None
        await _upsert(session, tables.coverage, ("subject_id", "metric", "day"), chosen, kept)


def _owned(row: dict[str, Any], account_id: str, now: datetime) -> dict[str, Any]:
    return {**row, "ad_account_id": account_id, "read_at": now}


async def _upsert(
    session: WriteSession,
    table: Table,
    keys: Sequence[str],
    rows: list[dict[str, Any]],
    where: ColumnElement[bool] | None = None,
) -> None:
    """Write rows, in place of those with the same keys; `where` says which of those give way."""
    if not rows:
        return
    statement = insert(session, table)
    changed = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in {*keys, *_SEQUENCE}
    }
    await session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=changed, where=where), rows)
