"""Posts and stories: what each is, and what it has gathered by any moment of its life.

Counts are the floor of views times a rate of the post's own, so they never fall and their differences over days add up
to them exactly. After LIFE_DAYS (a story: 24 hours) nothing more comes.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from freehold.sandbox.meta.world.instagram_days import DAY_SECONDS, day_of, rhythm
from freehold.sandbox.meta.world.instagram_feed import Feed, Line, pool, published_at, trend
from freehold.sandbox.meta.world.randomness import draws, lognormal

Product = Literal["POST", "CAROUSEL_CONTAINER", "REEL", "STORY", "AD"]
"""The kinds of content in account insights; a feed video counts as POST."""

LIFE_DAYS = 120
STORY_SECONDS = 24 * 3600
COUNTED = ("likes", "comments", "saved", "shares", "replies", "reposts", "follows", "profile_visits")
"""What a post gathers besides views, in the order of `Post.rates`."""

_KINDS = (
    (0.40, "VIDEO", "REELS", "REEL", 1.6),
    (0.66, "IMAGE", "FEED", "POST", 0.75),
    (0.95, "CAROUSEL_ALBUM", "FEED", "CAROUSEL_CONTAINER", 0.95),
    (1.00, "VIDEO", "FEED", "POST", 0.6),
)
"""Up to which draw, media_type, media_product_type, product in account insights, pull."""
_RATES: dict[str, tuple[float, ...]] = {
    "REEL": (0.046, 0.0022, 0.0062, 0.0078, 0.0, 0.0011, 0.0011, 0.009),
    "POST": (0.055, 0.0030, 0.0040, 0.0026, 0.0, 0.0006, 0.0005, 0.013),
    "CAROUSEL_CONTAINER": (0.052, 0.0034, 0.0105, 0.0040, 0.0, 0.0008, 0.0006, 0.014),
    "STORY": (0.0, 0.0, 0.0, 0.0024, 0.0035, 0.0002, 0.0002, 0.010),
}
_DECAY = ((0.55, 0.4), (0.33, 4.0), (0.12, 35.0))
"""The parts of a post's attention and after how many days each has faded to 1/e."""
_WHOLE = sum(share * -math.expm1(-LIFE_DAYS / days) for share, days in _DECAY)
_STORY_FADE = 6 * 3600.0
_STORY_WHOLE = -math.expm1(-STORY_SECONDS / _STORY_FADE)
VIRAL_CHANCE = 0.018
SHARED_TO_FACEBOOK = 0.7
HIDDEN_COUNTS = 0.03
STORY_VIDEOS = 0.45
CHILD_VIDEOS = 0.14


@dataclass(frozen=True, eq=False)
class Post:
    """A post or a story of a feed, as it is from its first second on."""

    feed: Feed
    line: Line
    number: int
    at: int
    media_type: str
    product_type: str
    """As the media node says it: FEED, REELS, STORY."""
    product: str
    """As account insights say it: POST, CAROUSEL_CONTAINER, REEL, STORY."""
    children: tuple[str, ...]
    """The media types inside a carousel."""
    full_views: int
    rates: tuple[float, ...]
    pool: float
    on_facebook: bool
    hides_counts: bool
    watch_milliseconds: int
    """How long a view of a video lasts on average."""
    skip_permille: int


@lru_cache(maxsize=32_768)
def post_of(feed: Feed, line: Line, number: int) -> Post:
    """Post or story `number` of a feed."""
    at = published_at(feed, line, number)
    kind, form, fate = (draws(feed.seed, part, feed.account.id, line, number) for part in ("kind", "form", "fate"))
    if line == "story":
        media_type, product_type, product, pull = (
            ("VIDEO" if kind[0] < STORY_VIDEOS else "IMAGE"),
            "STORY",
            "STORY",
            0.17,
        )
    else:
        _, media_type, product_type, product, pull = next(row for row in _KINDS if kind[0] < row[0])
    day = day_of(at)
    viral = 4.0 + 20.0 * fate[1] if fate[0] < VIRAL_CHANCE and product == "REEL" else 1.0
    people = trend(feed, day) + 25.0
    spread = lognormal(fate[2], fate[3], 0.25 if line == "story" else 0.5)
    tilt = lognormal(fate[4], fate[5], 0.22)
    return Post(
        feed=feed,
        line=line,
        number=number,
        at=at,
        media_type=media_type,
        product_type=product_type,
        product=product,
        children=_children(form) if media_type == "CAROUSEL_ALBUM" else (),
        full_views=int(people**0.93 * pull * spread * viral * rhythm(day)),
        rates=tuple(rate * tilt for rate in _RATES[product]),
        pool=pool(feed, day),
        on_facebook=kind[1] < SHARED_TO_FACEBOOK,
        hides_counts=kind[2] < HIDDEN_COUNTS,
        watch_milliseconds=int(2_500 + 9_000 * form[6]),
        skip_permille=int(220 + 380 * form[7]),
    )


def _children(chance: tuple[float, ...]) -> tuple[str, ...]:
    count = 2 + int(chance[0] * 6)
    return tuple("VIDEO" if chance[1 + index % 5] < CHILD_VIDEOS else "IMAGE" for index in range(count))


def views_at(post: Post, instant: float) -> int:
    """Views gathered by an instant."""
    age = instant - post.at
    if age <= 0:
        return 0
    if post.line == "story":
        share = -math.expm1(-min(age, STORY_SECONDS) / _STORY_FADE) / _STORY_WHOLE
    else:
        days = min(age / DAY_SECONDS, LIFE_DAYS)
        share = sum(part * -math.expm1(-days / fade) for part, fade in _DECAY) / _WHOLE
    return int(post.full_views * min(1.0, share) + 1e-6)


def counts_at(post: Post, instant: float) -> tuple[int, ...]:
    """Views, then COUNTED, gathered by an instant."""
    views = views_at(post, instant)
    return (views, *(int(views * rate) for rate in post.rates))


def lifetime(post: Post, instant: float) -> dict[str, float]:
    """Every metric of the media at an instant, whether or not its product type shows it.

    All are whole numbers but the skip rate, which is a share of 1. Interactions of a story are its shares and replies.
    Watch time is in milliseconds.
    """
    views, *rest = counts_at(post, instant)
    found = {"views": views, **dict(zip(COUNTED, rest, strict=True))}
    abroad = int(views * 0.18) if post.on_facebook else 0
    return {
        **found,
        "reach": reach_of(views, post.pool),
        "total_interactions": sum(found[name] for name in ("likes", "comments", "saved", "shares", "replies")),
        "facebook_views": abroad,
        "crossposted_views": views + abroad,
        "total_views": views + abroad,
        "total_likes": found["likes"] + int(abroad * post.rates[0] * 0.6),
        "total_comments": found["comments"] + int(abroad * post.rates[1] * 0.5),
        "ig_reels_avg_watch_time": post.watch_milliseconds,
        "ig_reels_video_view_total_time": views * post.watch_milliseconds,
        "reels_skip_rate": post.skip_permille / 1000,
        "link_clicks": int(views * 0.008),
        "profile_activity": sum(profile_actions(found["profile_visits"]).values()),
        "navigation": sum(navigation(views).values()),
    }


def reach_of(views: float, people: float) -> int:
    """Different people behind views, out of a pool: saturates, and never exceeds either."""
    if views <= 0:
        return 0
    return min(int(views), math.ceil(people * -math.expm1(-views / people) - 1e-9))


def profile_actions(visits: int) -> dict[str, int]:
    """What visitors of the profile did, by `action_type`."""
    return {
        "BIO_LINK_CLICKED": visits * 11 // 100,
        "CALL": visits * 2 // 100,
        "DIRECTION": visits * 3 // 100,
        "EMAIL": visits * 2 // 100,
        "OTHER": visits // 100,
        "TEXT": visits // 100,
    }


def navigation(views: int) -> dict[str, int]:
    """How viewers moved through a story, by `story_navigation_action_type`."""
    return {
        "SWIPE_FORWARD": views * 17 // 100,
        "TAP_BACK": views * 6 // 100,
        "TAP_EXIT": views * 12 // 100,
        "TAP_FORWARD": views * 58 // 100,
    }
