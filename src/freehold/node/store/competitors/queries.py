"""Reading competitors: who is watched, when each was looked at last, and how many of its ads a look has found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select

from freehold.kernel.database import ReadSession
from freehold.node.store.competitors.tables import competitor_ad_matches, competitor_ads, competitors
from freehold.node.store.coverage.tables import coverage


@dataclass(frozen=True)
class Competitor:
    """One thing that the client watches: an account's user name, a page's id, or words; and in which countries."""

    competitor_id: int
    kind: str
    name: str
    countries: tuple[str, ...]
    added_by: str
    added_at: datetime

    @property
    def subject(self) -> str:
        """The name under which coverage keeps it."""
        return f"competitor:{self.competitor_id}"


async def watched(session: ReadSession, kinds: Collection[str] = ()) -> list[Competitor]:
    """What is watched, of some kinds or of all, in the order in which it was added."""
    of = competitors.c
    query = select(of.competitor_id, of.kind, of.name, of.countries, of.added_by, of.added_at)
    query = query.where(of.removed_at.is_(None)).order_by(of.competitor_id)
    if kinds:
        query = query.where(of.kind.in_(tuple(kinds)))
    return [
        Competitor(row.competitor_id, row.kind, row.name, tuple(row.countries.split(",")), row.added_by, row.added_at)
        for row in (await session.execute(query)).all()
    ]


async def last_looks(session: ReadSession, subjects: Collection[str], metric: str) -> dict[str, date]:
    """The last day on which each was looked at to the end; those that never were are absent."""
    of = coverage.c
    query = (
        select(of.subject_id, func.max(of.day).label("day"))
        .where(of.subject_id.in_(tuple(subjects)), of.metric == metric, of.state != "missing")
        .group_by(of.subject_id)
    )
    return {row.subject_id: row.day for row in (await session.execute(query)).all()}


async def settled(session: ReadSession, subjects: Collection[str], metric: str, day: date, since: datetime) -> set[str]:
    """Those that were looked at to the end on a day, and those that were tried at `since` or later."""
    of = coverage.c
    query = select(of.subject_id).where(
        of.subject_id.in_(tuple(subjects)),
        of.metric == metric,
        of.day == day,
        or_(of.state != "missing", of.read_at >= since),
    )
    return set((await session.execute(query)).scalars())


async def found_on(session: ReadSession, competitor_id: int, day: date) -> int:
    """How many of a competitor's ads the look of a day has found."""
    of = competitor_ads.c
    query = (
        select(func.count())
        .select_from(
            competitor_ad_matches.join(competitor_ads, of.ad_archive_id == competitor_ad_matches.c.ad_archive_id)
        )
        .where(competitor_ad_matches.c.competitor_id == competitor_id, of.last_seen_on == day)
    )
    return int((await session.execute(query)).scalar_one())


async def first_seen(session: ReadSession, ad_ids: Sequence[str]) -> dict[str, date]:
    """The first look that found each of the ads that are stored."""
    of = competitor_ads.c
    query = select(of.ad_archive_id, of.first_seen_on).where(of.ad_archive_id.in_(tuple(ad_ids)))
    return {ad: day for ad, day in (await session.execute(query)).all() if day is not None}
