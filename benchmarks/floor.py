"""The floor of Graph calls: how few a collection needs at least, counted from the sandbox's world alone.

It shares no code with the client and states Meta's limits and the schedule of old posts in its own words, so that a
mistake there is not repeated here.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from freehold.sandbox.meta.ads.accounts import account_plan
from freehold.sandbox.meta.world import ads, ads_plan, ads_visible
from freehold.sandbox.meta.world.ads_plan import AdPlan, AdSetSeed
from freehold.sandbox.meta.world.instagram_feed import Feed, count_until, published_at

__all__ = ["account_plan", "ad_rows", "ad_sets", "ads_report", "due_posts", "instagram", "instagram_common"]

POSTS_A_PAGE = 50
"""Posts that come with their insights in one call."""
ROWS_A_PAGE = 500
"""Rows of an ads report, or objects of an ad account, in one call."""
SERIES_DAYS = 30
"""Days of the account's series in one call."""
BREAKDOWN_TOTALS = 3
DEMOGRAPHICS = 4
ONLINE_FOLLOWERS = 1
INSIGHTS_LIFE = timedelta(days=730)
"""How long Meta keeps the insights of a post."""
BORN = timedelta(hours=8)
"""How long after the midnight of its first day an ad object is there."""
SCHEDULE = (
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=30), timedelta(days=1)),
    (timedelta(days=365), timedelta(days=7)),
)
"""Up to which age a post is read how often; older ones monthly."""
MONTH = timedelta(days=30)
TYPES_RECENT = timedelta(days=30)
"""Up to which age posts are read for what only their type has; that of older ones is read with their own days."""


@dataclass(frozen=True)
class Floor:
    """Calls by what they are for."""

    calls: dict[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.calls.values())


@dataclass(frozen=True)
class InstagramCalls:
    """What an Instagram account's collection needs, by kind of call."""

    media_pages: int
    series: int
    daily_totals: int = 0
    breakdown_totals: int = 0
    demographics: int = DEMOGRAPHICS
    online_followers: int = ONLINE_FOLLOWERS
    posts_of_their_type: int = 0


def due_posts(feed: Feed, now: datetime, last_read: datetime | None = None) -> list[int]:
    """The numbers of the posts to read at `now` when all that were due at `last_read` were read then (None: never).

    A post is due when its interval has passed since; one whose insights Meta no longer keeps never is.
    """
    published = range(count_until(feed, "post", int(now.timestamp())))
    return [number for number in published if _due(_published(feed, number), now, last_read)]


def _published(feed: Feed, number: int) -> datetime:
    return datetime.fromtimestamp(published_at(feed, "post", number), UTC)


def _due(published: datetime, now: datetime, last_read: datetime | None) -> bool:
    if now - published > INSIGHTS_LIFE:
        return False
    return last_read is None or published > last_read or now - last_read >= interval(now - published)


def interval(age: timedelta) -> timedelta:
    """How long the reading of a post of this age stays good."""
    return next((every for until, every in SCHEDULE if age <= until), MONTH)


def instagram(feed: Feed, days: int, now: datetime, last_read: datetime | None = None) -> Floor:
    """Everything of an Instagram account for `days` days: account, demographics, posts and what only their type has."""
    posts = due_posts(feed, now, last_read)
    types_since = max(
        now - max(TYPES_RECENT, timedelta(days=days)), datetime.fromtimestamp(feed.professional_since, UTC)
    )
    with_types = [number for number in posts if _published(feed, number) >= types_since]
    return Floor(
        asdict(
            InstagramCalls(
                media_pages=pages(len(posts), POSTS_A_PAGE),
                series=pages(days, SERIES_DAYS),
                daily_totals=days,
                breakdown_totals=BREAKDOWN_TOTALS,
                posts_of_their_type=len(with_types),
            )
        )
    )


def instagram_common(feed: Feed, days: int, now: datetime) -> Floor:
    """What collectors commonly read: posts with the insights that all have, series, demographics, online followers."""
    posts = pages(len(due_posts(feed, now)), POSTS_A_PAGE)
    return Floor(asdict(InstagramCalls(media_pages=posts, series=pages(days, SERIES_DAYS))))


def ads_report(plan: AdPlan, days: int, now: datetime) -> Floor:
    """An ad account, its structure (creatives come with their ads), and each ad's numbers on each whole day."""
    sets = list(ad_sets(plan, now))
    campaigns = {ad_set.campaign_id for ad_set in sets}
    count = sum(_born(plan, ad.start, now) for ad_set in sets for ad in ad_set.ads)
    found = {"rows": pages(ad_rows(plan, days, now), ROWS_A_PAGE)}
    objects = {"account": 1, "campaigns": len(campaigns), "ad_sets": len(sets), "ads": count}
    return Floor(found | {name: pages(number, ROWS_A_PAGE) for name, number in objects.items()})


def ad_rows(plan: AdPlan, days: int, now: datetime) -> int:
    """Ads times days on which they delivered, in the last `days` whole days of the account's zone."""
    today = ads_visible.local_day(plan.timezone_name, now)
    found = 0
    for ad_set in ad_sets(plan, now):
        team = ads.LineUp(ad_set, ad_set.ads)
        for ad in ad_set.ads:
            found += sum(1 for _ in ads.ad_days(plan, team, ad, today - days, today - 1, now, ads.NO_WRITES))
    return found


def ad_sets(plan: AdPlan, now: datetime) -> Iterable[AdSetSeed]:
    """The ad sets that are there at `now`."""
    for campaign in ads_plan.campaigns(plan):
        if _born(plan, campaign.start, now):
            yield from (each for each in ads_plan.ad_sets(plan, campaign) if _born(plan, each.start, now))


def _born(plan: AdPlan, day: int, now: datetime) -> bool:
    return ads_visible.midnight(plan.timezone_name, day) + BORN <= now


def pages(rows: int, size: int) -> int:
    """How many pages hold `rows`; an empty list is a page too."""
    return max(1, -(-rows // size))
