"""What Graph v26.0 offers of Facebook pages: fields and metrics, and what has been taken away since when."""

from dataclasses import dataclass
from datetime import date
from typing import Final

PAGE_FIELDS: Final = (
    "id", "name", "username", "category", "about", "website", "link", "fan_count", "followers_count",
    "verification_status",
)  # fmt: skip
POST_FIELDS: Final = (
    "id", "message", "story", "created_time", "updated_time", "permalink_url", "full_picture", "status_type", "shares",
)  # fmt: skip
COUNTED: Final = ("reactions.limit(1).summary(total_count){id}", "comments.limit(1).summary(total_count){id}")
"""How many there are of each; who they are of is not asked for but in the one entry that a list has at least."""

REACTIONS: Final = ("like", "love", "wow", "haha", "sorry", "anger")
PAGE_UNIONS: Final = ("page_total_media_view_unique", "page_daily_follows_unique", "page_daily_unfollows_unique")
"""Metrics that count people: a week's or 28 days' value comes from Meta alone, and is never a sum of days."""
PAGE_METRICS: Final = (
    "page_media_view", *PAGE_UNIONS, "page_follows", "page_daily_follows", "page_views_total", "page_total_actions",
    "page_post_engagements", "page_video_views",
    *(f"page_actions_post_reactions_{kind}_total" for kind in REACTIONS),
)  # fmt: skip
"""Everything that is asked of a page by day; `page_follows` is the number of followers at the end of the day."""
PERIODS: Final = {"day": PAGE_METRICS, "week": PAGE_UNIONS, "days_28": PAGE_UNIONS}
"""Period -> the metrics that are asked for in it; a value belongs to the day with which the period ends."""
POST_METRICS: Final = (
    "post_media_view", "post_total_media_view_unique", "post_clicks", "post_video_views", "post_video_view_time",
    *(f"post_reactions_{kind}_total" for kind in REACTIONS),
)  # fmt: skip
"""Lifetime metrics that every post has; the time of play is in milliseconds."""

POSTS_PER_PAGE: Final = 100
MAX_WINDOW_DAYS: Final = 89
"""One less than the 90 that Meta allows: days among which the clocks go back are an hour more than 90 days."""
MAX_AGE_DAYS: Final = 729
FEW_LIKES: Final = 100
"""A page with fewer likes has no insights."""


@dataclass(frozen=True)
class Retired:
    """Since when, and with which version, a metric is an error in all versions, and what there is in its place."""

    since: date
    version: str
    instead: str


_V26: Final = (date(2026, 7, 29), "v26.0")
RETIRED: Final = {
    "page_impressions": Retired(*_V26, "page_media_view"),
    "page_impressions_unique": Retired(*_V26, "page_total_media_view_unique"),
    "post_impressions": Retired(*_V26, "post_media_view"),
    "post_impressions_unique": Retired(*_V26, "post_total_media_view_unique"),
}
