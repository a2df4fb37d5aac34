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
from freehold.sandbox.meta.world.instagram_audience import online_followers, people_by
from freehold.sandbox.meta.world.instagram_days import days_within
from freehold.sandbox.meta.world.instagram_feed import Feed, followers_at
from freehold.sandbox.meta.world.instagram_lists import live_stories, posts
from freehold.sandbox.meta.world.instagram_posts import Post, lifetime

Key = tuple[str, str, str, str, str, date]
"""Subject, metric, period, breakdown, part, day."""
TOTALS = ("views", "total_interactions", "likes", "comments", "saves", "shares", "replies", "reposts")
POST_METRICS = (
    "views", "reach", "total_interactions", "likes", "comments", "saved", "shares", "reposts", "total_views",
    "total_likes", "total_comments",
)  # fmt: skip
STORY_METRICS = (
    "views", "reach", "total_interactions", "shares", "reposts", "total_views", "replies", "follows", "profile_visits",
    "profile_activity", "navigation", "link_clicks",
)  # fmt: skip
TRAILING = {"week": 7, "days_28": 28}
BY_PRODUCT = ("views", "total_interactions", "likes", "comments", "saves", "shares")
EXTRAS = {
    "FEED": ("follows", "profile_visits", "profile_activity"),
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


def published(feed: Feed, now: datetime) -> list[Post]:
    """Every post there is, the newest first."""
    return list(posts(feed, int(now.timestamp())))


def measured(feed: Feed, now: datetime) -> list[Post]:
    """The posts that have insights: of a professional account, and of the last two years."""
    begin = max(feed.professional_since, int(now.timestamp()) - 729 * 86_400)
    return [post for post in published(feed, now) if post.at >= begin]


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
        for period, length in TRAILING.items():
            union = account_truth.reach(feed, _shown(feed, day, length, at))
            found[account, "reach", period, "", "", day] = union
    return found


def _shown(feed: Feed, last: date, length: int, at: int) -> list[account_truth.AccountDay]:
    """The days up to `last`, as they are shown."""
    days = (account_truth.shown_day(feed, last.toordinal() - back, at) for back in range(length))
    return [day for day in days if day is not None]


def breakdowns(feed: Feed, last: date, now: datetime) -> dict[Key, float]:
    """Totals of the 30 days that end with `last`, whole and by their parts."""
    shown, found = _shown(feed, last, 30, int(now.timestamp())), {}
    for metric in BY_PRODUCT:
        found[metric, "", ""] = sum(day.total(metric) for day in shown)
        for product in account_truth.PRODUCTS:
            found[metric, "media_product_type", product] = sum(day.total(metric, product) for day in shown)
    found["reach", "", ""] = account_truth.reach(feed, shown)
    for product in account_truth.PRODUCTS:
        found["reach", "media_product_type", product] = account_truth.reach(feed, shown, product)
    for people, count in account_truth.reach_by_people(feed, shown).items():
        found["reach", "follow_type", people] = count
    found["follows_and_unfollows", "follow_type", "FOLLOWER"] = sum(day.follows for day in shown)
    found["follows_and_unfollows", "follow_type", "NON_FOLLOWER"] = sum(day.unfollows for day in shown)
    found["profile_links_taps", "", ""] = sum(sum(day.buttons.values()) for day in shown)
    for button in account_truth.BUTTONS:
        found["profile_links_taps", "contact_button_type", button] = sum(day.buttons[button] for day in shown)
    return {
        (feed.account.id, metric, "days_30", breakdown, part, last): value
        for (metric, breakdown, part), value in found.items()
        if value or not breakdown
    }


def online(feed: Feed, days: list[date]) -> dict[Key, float]:
    """How many followers were online in each hour of each day."""
    return {
        (feed.account.id, "online_followers", "day", "hour", f"{int(hour):02}", day): count
        for day in days
        for hour, count in online_followers(feed, day.toordinal()).items()
    }


def stories(feed: Feed, now: datetime) -> list[Post]:
    """The stories that are live."""
    return list(live_stories(feed, int(now.timestamp())))


def story_insights(feed: Feed, today: date, now: datetime) -> dict[Key, float]:
    """The values of every live story that has enough viewers."""
    found: dict[Key, float] = {}
    for story in stories(feed, now):
        values = lifetime(story, int(now.timestamp()))
        if values["views"] >= 5:
            found |= {(media_id(story), metric, "lifetime", "", "", today): values[metric] for metric in STORY_METRICS}
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


def post_insights(feed: Feed, today: date, now: datetime) -> dict[Key, float]:
    """The values of every post that has any, with those of its kind alone where it is of the last 30 days."""
    found: dict[Key, float] = {}
    for post in measured(feed, now):
        recent = post.at >= now.timestamp() - 30 * 86_400
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
