"""What a collection of a Facebook page has to have stored, taken from the sandbox's world and from nowhere else."""

from datetime import UTC, date, datetime

from freehold.sandbox.meta.pages.shown import PagePost
from freehold.sandbox.meta.state import Sandbox
from freehold.sandbox.meta.world import instagram_words as words
from freehold.sandbox.meta.world.instagram_account import shown_day
from freehold.sandbox.meta.world.instagram_days import day_start
from freehold.sandbox.meta.world.instagram_feed import Feed, followers_at
from freehold.sandbox.meta.world.instagram_lists import posts
from freehold.sandbox.meta.world.pages import fans, page_feed, page_totals, post_totals, reactions
from freehold.sandbox.meta.world.people import Page

Key = tuple[str, str, str, date]
"""Subject, metric, period, day."""
KINDS = ("like", "love", "wow", "haha", "sorry", "anger")
BY_DAY = {
    "page_media_view": "views",
    "page_total_media_view_unique": "reach",
    "page_follows": "followers",
    "page_daily_follows": "follows",
    "page_daily_follows_unique": "follows",
    "page_daily_unfollows_unique": "unfollows",
    "page_views_total": "visits",
    "page_total_actions": "actions",
    "page_post_engagements": "engagements",
    "page_video_views": "video_views",
    **{f"page_actions_post_reactions_{kind}_total": kind for kind in KINDS},
}
PEOPLE = ("page_total_media_view_unique", "page_daily_follows_unique", "page_daily_unfollows_unique")
LENGTHS = {"day": 1, "week": 7, "days_28": 28}


def page_of(sandbox: Sandbox, page_id: str) -> Page:
    """A page of the world."""
    page = sandbox.world.page(page_id)
    assert page is not None
    return page


def feed_of(sandbox: Sandbox, page_id: str) -> Feed:
    """The feed of a page."""
    return page_feed(sandbox.world, page_of(sandbox, page_id))


def page_values(sandbox: Sandbox, page_id: str, days: list[date], now: datetime) -> dict[Key, float]:
    """Every value of the page itself on days; a week's or 28 days' people are counted once each."""
    feed, at = feed_of(sandbox, page_id), int(now.timestamp())
    found: dict[Key, float] = {}
    for day in days:
        number = day.toordinal()
        if shown_day(feed, number, at) is None:
            continue
        for period, length in LENGTHS.items():
            trailing = [shown_day(feed, one, at) for one in range(number - length + 1, number + 1)]
            totals = page_totals(feed, [one for one in trailing if one is not None])
            for metric in BY_DAY if period == "day" else PEOPLE:
                found[page_id, metric, period, day] = totals[BY_DAY[metric]]
    return found


def people(sandbox: Sandbox, page_id: str, now: datetime) -> tuple[int, int]:
    """Who likes and who follows the page."""
    followers = followers_at(feed_of(sandbox, page_id), int(now.timestamp()))
    return fans(followers), followers


def published(sandbox: Sandbox, page_id: str, first: date, now: datetime) -> list[PagePost]:
    """The page's posts since the start of a day."""
    page = page_of(sandbox, page_id)
    rows = posts(page_feed(sandbox.world, page), int(now.timestamp()), day_start(first.toordinal()))
    return [PagePost(page, post) for post in rows]


def post_row(shown: PagePost, now: datetime) -> dict[str, object]:
    """What is stored of a post beside its insights."""
    at = int(now.timestamp())
    totals = post_totals(shown.post, at)
    return {
        "message": words.caption(shown.post),
        "published_at": datetime.fromtimestamp(shown.post.at, UTC),
        "shares": totals["shares"],
        "reactions": totals["reactions"],
        "comments": len(words.Comments(shown.post, at)),
        "status_type": "added_video" if shown.post.media_type == "VIDEO" else "added_photos",
    }


def post_values(shown: PagePost, today: date, now: datetime) -> dict[Key, float]:
    """The insights of a post as they stand."""
    totals = post_totals(shown.post, int(now.timestamp()))
    values: dict[str, float] = {
        "post_media_view": totals["views"],
        "post_total_media_view_unique": totals["reach"],
        "post_clicks": totals["clicks"],
        "post_video_views": totals["views"] if shown.post.media_type == "VIDEO" else 0,
        "post_video_view_time": totals["watch_milliseconds"],
        **{f"post_reactions_{kind}_total": count for kind, count in reactions(totals["reactions"]).items()},
    }
    return {(shown.id, metric, "lifetime", today): value for metric, value in values.items()}
