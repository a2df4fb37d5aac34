"""What a report says: the numbers of each account, as they stand in the store, with what is missing named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from freehold.kernel.database import ReadSession
from freehold.node.assets import ConnectedAsset
from freehold.node.collection.source import Window
from freehold.node.store import queries
from freehold.node.store.queries import CampaignResult, PostResult, Profile
from freehold.providers.meta import graph, spec

BEST_POSTS = 6
COMPARED_DAYS = 30
SHOWN_PARTS = 6
SERIES = ("reach", "views", "total_interactions")


@dataclass(frozen=True)
class Change:
    """A sum over the last 30 days, and over the 30 before; None where a day of either is missing."""

    label: str
    now: float | None
    before: float | None

    @property
    def percent(self) -> float | None:
        """The change in per cent."""
        if self.now is None or not self.before:
            return None
        return 100.0 * (self.now - self.before) / self.before


@dataclass(frozen=True)
class InstagramReport:
    """One Instagram account over the window."""

    profile: Profile
    days: tuple[date, ...]
    series: dict[str, dict[date, float]]
    follower_change: dict[date, float]
    follower_change_since: date
    changes: tuple[Change, ...]
    best_posts: tuple[PostResult, ...]
    posts: int
    audience: dict[str, dict[str, float]]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class AdsReport:
    """One ad account over the window; money in minor units of `currency`."""

    account: ConnectedAsset
    currency: str
    days: tuple[date, ...]
    spend: dict[date, int]
    campaigns: tuple[CampaignResult, ...]
    missing: tuple[str, ...]

    @property
    def total_spend(self) -> int:
        """All spend of the window."""
        return sum(self.spend.values())


@dataclass(frozen=True)
class Report:
    """Everything that one report says."""

    company: str
    first: date
    last: date
    made_at: datetime
    instagram: tuple[InstagramReport, ...]
    ads: tuple[AdsReport, ...]


async def gather(
    session: ReadSession, company: str, assets: Sequence[ConnectedAsset], window: Window, now: datetime
) -> Report:
    """Read a report's numbers for `assets` from the store."""
    accounts = [asset.asset_id for asset in assets if asset.kind == "instagram_account"]
    profiles = await queries.profiles(session, accounts)
    return Report(
        company=company,
        first=window.first,
        last=window.last,
        made_at=now,
        instagram=tuple([await _instagram(session, profile, window) for profile in profiles]),
        ads=tuple([await _ads(session, asset, window) for asset in assets if asset.kind == "ad_account"]),
    )


async def _instagram(session: ReadSession, profile: Profile, window: Window) -> InstagramReport:
    account = profile.account_id
    series = {name: await queries.daily(session, account, name, window.first, window.last) for name in SERIES}
    since = max(window.first, window.today - timedelta(days=spec.FOLLOWER_CHANGE_DAYS))
    change = await queries.daily(session, account, "follower_count", since, window.last)
    begin, end = (datetime.fromtimestamp(seconds, UTC) for seconds in graph.bounds(window.first, window.last))
    posts = await queries.posts(session, account, begin, end)
    best = sorted(posts, key=lambda post: post.values.get("total_interactions", 0.0), reverse=True)
    return InstagramReport(
        profile=profile,
        days=tuple(reversed(window.days())),
        series=series,
        follower_change=change,
        follower_change_since=since,
        changes=(
            _change("Views", series["views"], window),
            _change("Interactions", series["total_interactions"], window),
            Change("New followers", sum(change.values()) if change else None, None),
        ),
        best_posts=tuple(best[:BEST_POSTS]),
        posts=len(posts),
        audience=await _audience(session, account),
        missing=tuple(_missing(series, window)),
    )


def _change(label: str, values: dict[date, float], window: Window) -> Change:
    """Sums of a metric whose days may be added; a missing day leaves the sum out rather than making it too small."""
    days = window.days()
    now, before = days[:COMPARED_DAYS], days[COMPARED_DAYS : 2 * COMPARED_DAYS]
    return Change(label, _sum(values, now), _sum(values, before) if len(before) == COMPARED_DAYS else None)


def _sum(values: dict[date, float], days: Sequence[date]) -> float | None:
    return sum(values[day] for day in days) if all(day in values for day in days) else None


def _missing(series: dict[str, dict[date, float]], window: Window) -> list[str]:
    found = []
    for name, values in series.items():
        absent = [day for day in window.days() if day not in values]
        if absent:
            shown = ", ".join(day.isoformat() for day in absent[:3]) + (" …" if len(absent) > 3 else "")  # noqa: PLR2004
            found.append(f"{name.replace('_', ' ')}: {len(absent)} of {len(window.days())} days ({shown})")
    return found


async def _audience(session: ReadSession, account: str) -> dict[str, dict[str, float]]:
    shown = {}
    for breakdown in spec.DEMOGRAPHIC_BREAKDOWNS:
        parts = await queries.demographics(session, account, "follower_demographics", breakdown)
        if parts:
            shown[breakdown] = dict(list(parts.items())[:SHOWN_PARTS])
    return shown


async def _ads(session: ReadSession, asset: ConnectedAsset, window: Window) -> AdsReport:
    campaigns = await queries.campaign_results(session, asset.asset_id, window.first, window.last)
    known = await queries.covered(session, asset.asset_id)
    absent = [
        day for day in window.days() if (mark := known.get(("ad_insights", day))) is None or mark.state == "missing"
    ]
    return AdsReport(
        account=asset,
        currency=campaigns[0].currency if campaigns else asset.currency or "USD",
        days=tuple(reversed(window.days())),
        spend=await queries.daily_spend(session, asset.asset_id, window.first, window.last),
        campaigns=tuple(campaigns),
        missing=(f"ad insights: {len(absent)} of {len(window.days())} days",) if absent else (),
    )
