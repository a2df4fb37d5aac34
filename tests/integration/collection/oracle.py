"""What Instagram has and an ad account made, taken from the sandbox's world and from nowhere else."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from freehold.sandbox.meta.ads.accounts import account_plan
from freehold.sandbox.meta.instagram.ids import account_feed, media_id
from freehold.sandbox.meta.state import Sandbox
from freehold.sandbox.meta.world import ads_plan
from freehold.sandbox.meta.world import instagram_account as account_truth
from freehold.sandbox.meta.world.ads_plan import AdPlan
from freehold.sandbox.meta.world.ads_visible import midnight
from freehold.sandbox.meta.world.instagram_audience import people_by
from freehold.sandbox.meta.world.instagram_days import day_start, days_within
from freehold.sandbox.meta.world.instagram_feed import Feed, followers_at
from freehold.sandbox.meta.world.instagram_lists import posts
from freehold.sandbox.meta.world.instagram_posts import Post, lifetime

Key = tuple[str, str, str, str, str, date]
"""Subject, metric, period, breakdown, part, day."""
TOTALS = ("views", "total_interactions", "likes", "comments", "saves", "shares", "replies", "reposts")
POST_METRICS = ("views", "reach", "total_interactions", "likes", "comments", "saved", "shares")
EXTRAS = {
    "FEED": ("follows", "profile_visits"),
    "REELS": ("ig_reels_avg_watch_time", "ig_reels_video_view_total_time", "reels_skip_rate"),
}


def feed_of(sandbox: Sandbox, account_id: str) -> Feed:
    """The feed of an Instagram account."""
    account = sandbox.world.instagram(account_id)
    assert account is not None
    return account_feed(sandbox.world, account)


def plan_of(sandbox: Sandbox, account_id: str) -> AdPlan:
    """The plan of an ad account."""
    account = sandbox.world.ad_account(account_id)
    assert account is not None
    return account_plan(sandbox.world, account)


def published(feed: Feed, first: date, now: datetime) -> list[Post]:
    """The posts since the start of a day."""
    return list(posts(feed, int(now.timestamp()), day_start(first.toordinal())))


def account_insights(feed: Feed, days: list[date], now: datetime) -> dict[Key, float]:
    """Every value of the account itself, for days of which the last is yesterday."""
    found: dict[Key, float] = {}
    account, at = feed.account.id, int(now.timestamp())
    changes_from = max(days).toordinal() - 29
    for day in days:
        shown = account_truth.shown_day(feed, day.toordinal(), at)
        if shown is None:
            continue
        values: dict[str, float] = {
            **{name: shown.total(name) for name in TOTALS},
            "reach": account_truth.reach(feed, [shown]),
            "accounts_engaged": account_truth.accounts_engaged(feed, [shown]),
            "profile_links_taps": sum(shown.buttons.values()),
            "profile_views": shown.profile_views,
            "website_clicks": shown.website_clicks,
        }
        if day.toordinal() >= changes_from:
            values["follower_count"] = shown.follows
        found |= {(account, name, "day", "", "", day): value for name, value in values.items()}
    return found


def demographics(feed: Feed, today: date, now: datetime) -> dict[Key, float]:
    """Who the followers and the engaged people of the last 30 days are."""
    at = int(now.timestamp())
    shown = [account_truth.shown_day(feed, day, at) for day in days_within(at - 30 * 86_400, at)]
    engaged = account_truth.accounts_engaged(feed, [day for day in shown if day is not None])
    people = {"follower_demographics": followers_at(feed, at), "engaged_audience_demographics": engaged}
    return {
        (feed.account.id, metric, "lifetime", axis, part[0], today): value
        for metric, count in people.items()
        for axis in ("age", "gender", "country", "city")
        for part, value in people_by(feed, (axis,), count).items()
        if value
    }


def post_insights(feed: Feed, first: date, recent_from: date, today: date, now: datetime) -> dict[Key, float]:
    """The values of every post, with those of its kind alone where it is recent."""
    found: dict[Key, float] = {}
    for post in published(feed, first, now):
        recent = post.at >= day_start(recent_from.toordinal())
        values = lifetime(post, int(now.timestamp()))
        for metric in (*POST_METRICS, *(EXTRAS[post.product_type] if recent else ())):
            found[media_id(post), metric, "lifetime", "", "", today] = values[metric]
    return found


@dataclass(frozen=True)
class Made:
    """Everything that an ad account ever made."""

    objectives: dict[str, str]
    """Campaign -> objective."""
    ad_sets: set[str]
    ads: dict[str, tuple[str, str]]
    """Ad -> campaign and ad set."""


def made(plan: AdPlan, now: datetime) -> Made:
    """What exists by now: each thing since eight in the morning of its first day."""

    def born(start: int) -> bool:
        return midnight(plan.timezone_name, start) + timedelta(hours=8) <= now

    campaigns = [campaign for campaign in ads_plan.campaigns(plan) if born(campaign.start)]
    ad_sets = [each for campaign in campaigns for each in ads_plan.ad_sets(plan, campaign) if born(each.start)]
    return Made(
        {campaign.id: campaign.objective for campaign in campaigns},
        {ad_set.id for ad_set in ad_sets},
        {ad.id: (each.campaign_id, each.id) for each in ad_sets for ad in each.ads if born(ad.start)},
    )
