"""What a report says: the numbers of each account, as they stand in the store, with what is missing named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from freehold.kernel.database import ReadSession
from freehold.node.assets import ConnectedAsset
from freehold.node.collection.source import Window, window, zone_of
from freehold.node.store.ads import queries as ads
from freehold.node.store.ads.queries import CampaignResult
from freehold.node.store.coverage.queries import covered
from freehold.node.store.instagram import queries as instagram
from freehold.node.store.instagram.queries import PostResult, Profile
from freehold.providers.meta import graph, spec

BEST_POSTS = 6
COMPARED_DAYS = 30
SHOWN_PARTS = 6
SHOWN_DAYS = 3
SERIES = ("reach", "views", "total_interactions")
COUNTED = {
    "OUTCOME_SALES": "purchases",
    "OUTCOME_LEADS": "leads",
    "OUTCOME_TRAFFIC": "link clicks",
    "OUTCOME_ENGAGEMENT": "engagements",
    "OUTCOME_APP_PROMOTION": "app installs",
}
"""What counts as a result of an objective; awareness counts people reached, which is not summed."""


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
    """One ad account over the window; money in minor units of `currency`, which is empty where nothing tells it."""

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

    def objectives(self) -> list[str]:
        """The objectives whose results can be counted, the dearest first."""
        return [each for each in dict.fromkeys(campaign.objective for campaign in self.campaigns) if each in COUNTED]


@dataclass(frozen=True)
class Report:
    """Everything that one report says; `ended` and `unread` name the assets of which little or nothing can be told."""

    company: str
    first: date
    last: date
    made_at: datetime
    instagram: tuple[InstagramReport, ...]
    ads: tuple[AdsReport, ...]
    ended: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether there is no number in it."""
        return not any(any(part.series.values()) for part in self.instagram) and not any(
            part.spend or part.campaigns for part in self.ads
        )


async def gather(
    session: ReadSession, company: str, assets: Sequence[ConnectedAsset], days: int, now: datetime
) -> Report:
    """Read a report's numbers for the ticked `assets` from the store; each asset's days are its own calendar's."""
    found = await instagram.profiles(session, [asset.asset_id for asset in assets])
    profiles = {profile.account_id: profile for profile in found}
    shown = window(now, days)
    read = [asset for asset in assets if asset.asset_id in profiles]
    return Report(
        company=company,
        first=shown.first,
        last=shown.last,
        made_at=now,
        instagram=tuple([await _instagram(session, profiles[asset.asset_id], shown) for asset in read]),
        ads=tuple(
            [
                await _ads(session, asset, window(now, days, zone_of(asset)))
                for asset in assets
                if asset.kind == "ad_account"
            ]
        ),
        ended=tuple(_called(asset) for asset in assets if asset.credential_status != "active"),
        unread=tuple(_called(asset) for asset in assets if asset.kind == "instagram_account" and asset not in read),
    )


def _called(asset: ConnectedAsset) -> str:
    return f"@{asset.username}" if asset.username else asset.name


async def _instagram(session: ReadSession, profile: Profile, shown: Window) -> InstagramReport:
    account = profile.account_id
    series = {name: await instagram.daily(session, account, name, shown.first, shown.last) for name in SERIES}
    since = max(shown.first, shown.today - timedelta(days=spec.FOLLOWER_CHANGE_DAYS))
    change = await instagram.daily(session, account, "follower_count", since, shown.last)
    kept = [day for day in shown.days() if day >= since]
    begin, end = (datetime.fromtimestamp(seconds, UTC) for seconds in graph.bounds(shown.first, shown.last))
    posts = await instagram.posts(session, account, begin, end)
    best = sorted(posts, key=lambda post: post.values.get("total_interactions", 0.0), reverse=True)
    return InstagramReport(
        profile=profile,
        days=tuple(reversed(shown.days())),
        series=series,
        follower_change=change,
        follower_change_since=since,
        changes=(
            _change("Views", series["views"], shown),
            _change("Interactions", series["total_interactions"], shown),
            Change("New followers", _sum(change, kept), None),
        ),
        best_posts=tuple(best[:BEST_POSTS]),
        posts=len(posts),
        audience=await _audience(session, account),
        missing=(
            *(text for name, values in series.items() if (text := _missing(name, values, shown.days()))),
            *([text] if (text := _missing("follower change", change, kept)) else []),
        ),
    )


def _change(label: str, values: dict[date, float], shown: Window) -> Change:
    """Sums of a metric whose days may be added; a missing day leaves the sum out rather than making it too small."""
    days = shown.days()
    now, before = days[:COMPARED_DAYS], days[COMPARED_DAYS : 2 * COMPARED_DAYS]
    return Change(label, _sum(values, now), _sum(values, before) if len(before) == COMPARED_DAYS else None)


def _sum(values: dict[date, float], days: Sequence[date]) -> float | None:
    return sum(values[day] for day in days) if all(day in values for day in days) else None


def _missing(name: str, values: dict[date, float], days: Sequence[date]) -> str:
    """Which of the days a series lacks, in words; nothing when it lacks none."""
    absent = [day for day in days if day not in values]
    if not absent:
        return ""
    shown = ", ".join(day.isoformat() for day in absent[:SHOWN_DAYS]) + (" …" if len(absent) > SHOWN_DAYS else "")
    return f"{name.replace('_', ' ')}: {len(absent)} of {len(days)} days ({shown})"


async def _audience(session: ReadSession, account: str) -> dict[str, dict[str, float]]:
    shown = {}
    for breakdown in spec.DEMOGRAPHIC_BREAKDOWNS:
        parts = await instagram.demographics(session, account, "follower_demographics", breakdown)
        if parts:
            shown[breakdown] = dict(list(parts.items())[:SHOWN_PARTS])
    return shown


async def _ads(session: ReadSession, asset: ConnectedAsset, shown: Window) -> AdsReport:
    campaigns = await ads.campaign_results(session, asset.asset_id, shown.first, shown.last)
    known = await covered(session, asset.asset_id)
    read = {day: 1.0 for (metric, day), mark in known.items() if metric == "ad_insights" and mark.state != "missing"}
    missing = [_missing("ad insights", read, shown.days())]
    if campaigns and not await ads.campaign_reach_covered(session, asset.asset_id, shown.first, shown.last):
        missing.append("campaigns' reach: it counts people, so it has to be read for exactly these days")
    known_currency = await ads.currency(session, asset.asset_id) or asset.currency or ""
    return AdsReport(
        account=asset,
        currency=campaigns[0].currency if campaigns else known_currency,
        days=tuple(reversed(shown.days())),
        spend=await ads.daily_spend(session, asset.asset_id, shown.first, shown.last),
        campaigns=tuple(campaigns),
        missing=tuple(text for text in missing if text),
    )
