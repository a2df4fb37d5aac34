"""Writing competitors: who is watched, and what was read of them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import select, update

from freehold.kernel.database import WriteSession, insert
from freehold.node.store.competitors.queries import first_seen
from freehold.node.store.competitors.tables import (
    competitor_accounts,
    competitor_ad_matches,
    competitor_ads,
    competitor_posts,
    competitors,
)
from freehold.node.store.merge import merge
from freehold.providers.meta.ad_library import ArchivedAd
from freehold.providers.meta.discovery import SeenAccount

_LISTS = ("bodies", "titles", "captions", "descriptions", "target_locations", "payers")
_WORDS = ("publisher_platforms", "languages")


async def watch(
    session: WriteSession, kind: str, name: str, countries: Sequence[str], added_by: str, now: datetime
) -> None:
    """Watch something, or watch it again, in these countries from now on."""
    changed = {"countries": ",".join(countries), "added_by": added_by, "added_at": now, "removed_at": None}
    statement = insert(session, competitors).values(kind=kind, name=name, **changed)
    await session.execute(statement.on_conflict_do_update(index_elements=["kind", "name"], set_=changed))


async def unwatch(session: WriteSession, competitor_id: int, now: datetime) -> bool:
    """Watch it no longer; what was read of it stays. False when it is not watched."""
    statement = update(competitors).where(
        competitors.c.competitor_id == competitor_id, competitors.c.removed_at.is_(None)
    )
    return bool((await session.execute(statement.values(removed_at=now))).rowcount)


async def save_account(
    session: WriteSession, competitor_id: int, account: SeenAccount, day: date, now: datetime
) -> None:
    """Write an account as it was on a day, and its newest posts as they are."""
    row = asdict(account) | {"competitor_id": competitor_id, "day": day, "read_at": now}
    posts = row.pop("newest")
    await merge(session, competitor_accounts, ("account_id", "day"), [row])
    rows = [post | {"account_id": account.account_id, "read_at": now} for post in posts]
    await merge(session, competitor_posts, ("post_id",), rows)


async def save_ads(session: WriteSession, ads: Sequence[ArchivedAd], today: date, now: datetime) -> None:
    """Write ads that today's look has found; the first look that found each stays known."""
    before = await first_seen(session, [ad.ad_archive_id for ad in ads])
    rows = [
        asdict(ad)
        | {name: json.dumps(getattr(ad, name), ensure_ascii=False) for name in _LISTS}
        | {name: ",".join(getattr(ad, name)) for name in _WORDS}
        | {"first_seen_on": before.get(ad.ad_archive_id, today), "last_seen_on": today, "gone_on": None, "read_at": now}
        for ad in ads
    ]
    await merge(session, competitor_ads, ("ad_archive_id",), rows)


async def save_matches(session: WriteSession, matches: Iterable[tuple[int, str]]) -> None:
    """Write which of the watched have led to which ads."""
    rows = [{"competitor_id": competitor_id, "ad_archive_id": ad_id} for competitor_id, ad_id in matches]
    if rows:
        await session.execute(insert(session, competitor_ad_matches).on_conflict_do_nothing(), rows)


async def mark_gone(session: WriteSession, competitor_id: int, today: date) -> None:
    """Write down as gone those of a competitor's ads that had not stopped and that today's look has not found."""
    of = competitor_ads.c
    mine = select(competitor_ad_matches.c.ad_archive_id).where(competitor_ad_matches.c.competitor_id == competitor_id)
    statement = update(competitor_ads).where(
        of.ad_archive_id.in_(mine),
        of.last_seen_on < today,
        of.gone_on.is_(None),
        of.delivery_stopped_on.is_(None),
    )
    await session.execute(statement.values(gone_on=today))
