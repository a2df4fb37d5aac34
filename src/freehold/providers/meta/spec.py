"""What Graph v26.0 offers of what we collect: fields and metrics, and what is no longer offered since when."""

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
POST_METRICS: Final = ("views", "reach", "total_interactions", "likes", "comments", "saved", "shares")
"""Metrics that posts and reels both have: any other in the same page would sink it."""
FEED_METRICS: Final = ("follows", "profile_visits")
REELS_METRICS: Final = ("ig_reels_avg_watch_time", "ig_reels_video_view_total_time", "reels_skip_rate")
"""Watch times in milliseconds; the skip rate is a share of 1."""

ACCOUNT_SERIES: Final = ("reach", "follower_count")
"""The only account metrics that come as a series; `follower_count` is a day's change, for the last 30 days."""
ACCOUNT_TOTALS: Final = (
    "views", "accounts_engaged", "total_interactions", "likes", "comments", "saves", "shares", "replies", "reposts",
    "profile_links_taps", "website_clicks", "profile_views",
)  # fmt: skip
"""Account metrics that come as one total for a window: a day's value costs a call for that day."""
DEMOGRAPHICS: Final = ("follower_demographics", "engaged_audience_demographics")
DEMOGRAPHIC_BREAKDOWNS: Final = ("age", "gender", "country", "city")
ADDITIVE: Final = frozenset(ACCOUNT_TOTALS) - {"accounts_engaged"}
"""Metrics whose days may be summed; reach and engaged accounts count people, who come again."""

MAX_WINDOW_DAYS: Final = 29
"""One less than the 30 that Meta allows: days among which the clocks go back are an hour more than 30 days."""
MAX_AGE_DAYS: Final = 729
FOLLOWER_CHANGE_DAYS: Final = 30

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

RETIRED: Final = {
    "impressions": date(2025, 4, 21),
    "plays": date(2025, 4, 21),
    "video_views": date(2025, 1, 8),
    "engagement": date(2023, 12, 11),
    "taps_forward": date(2023, 12, 11),
    "taps_back": date(2023, 12, 11),
    "exits": date(2023, 12, 11),
    "email_contacts": date(2025, 1, 8),
    "phone_call_clicks": date(2025, 1, 8),
    "text_message_clicks": date(2025, 1, 8),
    "get_direction_clicks": date(2025, 1, 8),
    "audience_city": date(2023, 12, 11),
    "audience_country": date(2023, 12, 11),
    "audience_gender_age": date(2023, 12, 11),
    "audience_locale": date(2023, 12, 11),
}
"""Metric -> the day on which the last version that offered it stopped to."""
