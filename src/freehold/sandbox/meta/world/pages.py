"""The truth about Facebook pages: a page publishes, grows and is seen by the same model as an Instagram account.

So each page has a publisher, an account-shaped record that nobody sees, and everything about its posts and days comes
from the feed of that publisher. What is particular to Facebook, such as kinds of reactions, is derived here.
"""

from functools import lru_cache

from freehold.sandbox.meta.world.instagram_account import AccountDay, reach
from freehold.sandbox.meta.world.instagram_feed import Feed, feed_of, followers_at_start
from freehold.sandbox.meta.world.instagram_posts import Post, lifetime
from freehold.sandbox.meta.world.people import InstagramAccount, Page, World
from freehold.sandbox.meta.world.randomness import draws

REACTIONS = ("like", "love", "wow", "haha", "sorry", "anger")
_SHARES_PERCENT = {"love": 15, "wow": 2, "haha": 3, "sorry": 1, "anger": 1}
_CLICKS_PER_MILLE = 14
_FANS_PERCENT = 92


@lru_cache(maxsize=1024)
def _publisher(seed: int, page: Page, instagram: InstagramAccount | None, timezone_name: str) -> InstagramAccount:
    chance = draws(seed, "page", page.id)
    size = int(instagram.size * (0.45 + 0.3 * chance[0])) if instagram else int(180 + 1_500 * chance[0])
    posts = int(instagram.posts * (0.5 + 0.3 * chance[1])) if instagram else int(40 + 60 * chance[1])
    return InstagramAccount(
        id=page.id,
        username="",
        name=page.name,
        biography=instagram.biography if instagram else "",
        website=instagram.website if instagram else "",
        kind="PAGE",
        business_id=page.business_id,
        page_id=page.id,
        size=size,
        posts=posts,
        country=instagram.country if instagram else "US",
        timezone_name=instagram.timezone_name if instagram else timezone_name,
    )


def page_feed(world: World, page: Page) -> Feed:
    """The feed of a page: when it posts, and how its followers grow."""
    instagram = next((one for one in world.instagram_accounts if one.business_id == page.business_id), None)
    zones = (account.timezone_name for account in world.ad_accounts if account.business_id == page.business_id)
    return feed_of(world.seed, world.epoch, _publisher(world.seed, page, instagram, next(zones, "UTC")))


def fans(followers: int) -> int:
    """How many of a page's followers also like it."""
    return followers * _FANS_PERCENT // 100


def reactions(likes: int) -> dict[str, int]:
    """A number of reactions by kind; adds up to it."""
    split = {kind: likes * percent // 100 for kind, percent in _SHARES_PERCENT.items()}
    return {"like": likes - sum(split.values()), **split}


def clicks(views: int) -> int:
    """Clicks on content that was seen so often."""
    return views * _CLICKS_PER_MILLE // 1000


def post_totals(post: Post, now: int) -> dict[str, int]:
    """A page post's lifetime numbers at a moment: views, people, clicks, reactions, comments, shares."""
    found = lifetime(post, now)
    views = int(found["views"])
    return {
        "views": views,
        "reach": int(found["reach"]),
        "clicks": clicks(views),
        "reactions": int(found["likes"]),
        "comments": int(found["comments"]),
        "shares": int(found["shares"]),
        "watch_milliseconds": views * post.watch_milliseconds if post.media_type == "VIDEO" else 0,
    }


def page_totals(feed: Feed, days: list[AccountDay]) -> dict[str, int]:
    """A page's numbers over days. All but `reach` and `followers`, which stands at their end, add up over days."""
    likes = sum(day.total("likes") for day in days)
    engagements = sum(
        day.total("likes") + day.total("comments") + day.total("shares") + clicks(day.total("views")) for day in days
    )
    split = [reactions(day.total("likes")) for day in days]
    return {
        "views": sum(day.total("views") for day in days),
        "video_views": sum(day.total("views", "REEL") for day in days),
        "reach": reach(feed, days),
        "followers": followers_at_start(feed, days[-1].day + 1) if days else 0,
        "follows": sum(day.follows for day in days),
        "unfollows": sum(day.unfollows for day in days),
        "visits": sum(day.profile_views for day in days),
        "actions": sum(day.website_clicks + sum(day.buttons.values()) for day in days),
        "engagements": engagements,
        "reactions": likes,
        **{kind: sum(one[kind] for one in split) for kind in REACTIONS},
    }
