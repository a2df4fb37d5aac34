"""What Graph v26.0 offers of what we collect: fields and metrics, and what is no longer offered since when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

PROFILE_FIELDS: Final = (
    "id", "username", "name", "biography", "website", "profile_picture_url", "followers_count", "follows_count",
    "media_count",
)  # fmt: skip
POST_FIELDS: Final = (
    "id", "caption", "media_type", "media_product_type", "permalink", "shortcode", "timestamp", "thumbnail_url",
    "like_count", "comments_count",
)  # fmt: skip
CHILD_FIELDS: Final = ("id", "media_type", "media_url", "thumbnail_url")
STORY_FIELDS: Final = (*POST_FIELDS, "total_views_count")
POST_METRICS: Final = (
    "views", "reach", "total_interactions", "likes", "comments", "saved", "shares", "reposts", "total_views",
    "total_likes", "total_comments",
)  # fmt: skip
"""Metrics that posts and reels both have: any other in the same page would sink it. `total_…` have ads and Facebook."""
FEED_METRICS: Final = ("follows", "profile_visits", "profile_activity")
REELS_METRICS: Final = ("ig_reels_avg_watch_time", "ig_reels_video_view_total_time", "reels_skip_rate")
"""Watch times in milliseconds; the skip rate is a share of 1."""
STORY_METRICS: Final = (
    "views", "reach", "total_interactions", "shares", "reposts", "total_views", "replies", "follows", "profile_visits",
    "profile_activity", "navigation", "link_clicks",
)  # fmt: skip

ACCOUNT_SERIES: Final = ("reach", "follower_count")
"""The only account metrics that come as a series; `follower_count` is a day's change, for the last 30 days."""
TRAILING_PERIODS: Final = ("week", "days_28")
"""Reach also comes as the people reached in the 7 or 28 days that end with a day: such unions are never sums."""
ACCOUNT_TOTALS: Final = (
    "views", "accounts_engaged", "total_interactions", "likes", "comments", "saves", "shares", "replies", "reposts",
    "profile_links_taps", "website_clicks", "profile_views",
)  # fmt: skip
"""Account metrics that come as one total for a window: a day's value costs a call for that day."""
BREAKDOWNS: Final = {
    "media_product_type": ("views", "reach", "total_interactions", "likes", "comments", "saves", "shares"),
    "follow_type": ("reach", "follows_and_unfollows"),
    "contact_button_type": ("profile_links_taps",),
}
"""Breakdown -> the totals that are read by it, in one call."""
DEMOGRAPHICS: Final = ("follower_demographics", "engaged_audience_demographics")
DEMOGRAPHIC_BREAKDOWNS: Final = ("age", "gender", "country", "city")
ADDITIVE: Final = frozenset(ACCOUNT_TOTALS) - {"accounts_engaged"}
"""Metrics whose days may be summed; reach and engaged accounts count people, who come again."""
FEW_FOLLOWERS: Final = 100
"""Below so many followers Meta does not tell who they are, when they are online, or how many came and went."""
NEEDS_FOLLOWERS: Final = frozenset(
    {"follower_count", "online_followers", "follower_demographics", "follows_and_unfollows"}
)
PERSONAL: Final = 2_108_006
"""Subcode of the refusal of insights of a post from before the account was a professional one."""
LACKS_VIEWERS: Final = 10
"""Code of the refusal of insights of a story that has not enough viewers."""
FEW_VIEWERS: Final = 5
"""Below so many viewers a story has no insights."""

WINDOW_DAYS: Final = 30
"""How long a window of account insights may be, in days of 24 hours."""
MAX_AGE_DAYS: Final = 729
"""How long account insights and posts' insights are kept."""
FOLLOWER_CHANGE_DAYS: Final = 30
"""How long changes in followers, and when they are online, are kept."""

CAMPAIGN_FIELDS: Final = (
    "id", "name", "objective", "status", "effective_status", "buying_type", "daily_budget", "lifetime_budget",
    "bid_strategy", "special_ad_categories", "start_time", "stop_time", "created_time", "updated_time",
)  # fmt: skip
AD_SET_FIELDS: Final = (
    "id", "campaign_id", "name", "status", "effective_status", "daily_budget", "lifetime_budget", "optimization_goal",
    "billing_event", "bid_amount", "targeting", "start_time", "end_time", "created_time", "updated_time",
)  # fmt: skip
AD_FIELDS: Final = (
    "id", "adset_id", "campaign_id", "name", "status", "effective_status", "created_time", "updated_time",
)  # fmt: skip
CREATIVE_FIELDS: Final = (
    "id", "name", "title", "body", "status", "object_type", "call_to_action_type", "link_url", "image_url",
    "thumbnail_url", "video_id", "object_story_id", "effective_object_story_id", "effective_instagram_media_id",
    "instagram_permalink_url", "object_story_spec",
)  # fmt: skip
AD_ACCOUNT_FIELDS: Final = (
    "id", "name", "currency", "timezone_name", "account_status", "disable_reason", "amount_spent", "spend_cap",
    "balance", "created_time",
)  # fmt: skip
AD_DELIVERY_FIELDS: Final = (
    "campaign_id", "adset_id", "ad_id", "account_currency", "impressions", "reach", "clicks", "inline_link_clicks",
    "spend", "actions", "action_values",
)  # fmt: skip
"""What ads did, whatever it is cut by."""
AD_INSIGHT_FIELDS: Final = (
    *AD_DELIVERY_FIELDS, "frequency", "outbound_clicks", "video_play_actions", "video_thruplay_watched_actions",
    "video_p25_watched_actions", "video_p50_watched_actions", "video_p75_watched_actions", "video_p100_watched_actions",
)  # fmt: skip
REACH_FIELDS: Final = ("reach", "frequency", "impressions")
ATTRIBUTION: Final = ("1d_click", "7d_click", "28d_click", "1d_view")
"""The windows that conversions are kept apart by; `7d_view` and `28d_view` hold nothing since January 2026."""
AD_BREAKDOWNS: Final = {
    "age_gender": ("age", "gender"),
    "country": ("country",),
    "placement": ("publisher_platform", "platform_position"),
    "device": ("publisher_platform", "impression_device"),
}
"""Our name of a breakdown -> the breakdowns that Meta combines for it."""
SETTLED_DAYS: Final = 28
"""Conversions of a day keep arriving for so many days after it."""
AD_MONTHS: Final = 37
"""Meta keeps ads' numbers for so many months."""
AD_REACH_MONTHS: Final = 13
"""And people by breakdown, for so many."""


@dataclass(frozen=True)
class Life:
    """When and with which version Meta brought a metric, and took it away from all versions; None: before, or never."""

    since: date | None = None
    brought_by: str = ""
    until: date | None = None
    taken_by: str = ""


def _taken(by: str, until: date, *metrics: str) -> dict[str, Life]:
    return {metric: Life(until=until, taken_by=by) for metric in metrics}


def _brought(by: str, since: date, *metrics: str) -> dict[str, Life]:
    return {metric: Life(since=since, brought_by=by) for metric in metrics}


LIVES: Final[Mapping[str, Life]] = {
    **_taken(
        "v18.0", date(2023, 12, 11), "engagement", "taps_forward", "taps_back", "exits", "carousel_album_engagement",
        "carousel_album_impressions", "carousel_album_reach", "carousel_album_saved", "audience_city",
        "audience_country", "audience_gender_age", "audience_locale",
    ),
    **_taken(
        "v21.0", date(2025, 1, 8), "video_views", "email_contacts", "phone_call_clicks", "text_message_clicks",
        "get_direction_clicks",
    ),
    **_taken(
        "v22.0", date(2025, 4, 21), "impressions", "plays", "clips_replays_count",
        "ig_reels_aggregated_all_plays_count",
    ),
    **_brought("v24.0", date(2025, 12, 3), "reposts", "reels_skip_rate"),
    **_brought("v25.0", date(2026, 4, 22), "total_views", "total_likes", "total_comments"),
    **_brought("v25.0", date(2026, 6, 22), "link_clicks"),
}  # fmt: skip
"""Metrics of Instagram that have not always been, or are no more; every other is as old as our records."""
RETIRED: Final = {metric: life.until for metric, life in LIVES.items() if life.until is not None}
"""Metric -> the day on which the last version that offered it stopped to."""


def offered(metrics: Iterable[str], day: date) -> tuple[str, ...]:
    """Those of the metrics that Meta offers on a day, in the same order."""
    return tuple(metric for metric in metrics if _is_offered(LIVES.get(metric, Life()), day))


def _is_offered(life: Life, day: date) -> bool:
    return (life.since is None or life.since <= day) and (life.until is None or day < life.until)
