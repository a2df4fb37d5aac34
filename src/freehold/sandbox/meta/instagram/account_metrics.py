"""The metrics of account insights: in which periods, forms and breakdowns each can be had."""

from dataclasses import dataclass

TIME_SERIES, TOTAL_VALUE = "time_series", "total_value"
PERIODS = ("day", "week", "days_28", "month", "lifetime", "total_over_range")
METRIC_TYPES = ("default", TIME_SERIES, TOTAL_VALUE)
BREAKDOWNS = (
    "action_type", "age", "city", "contact_button_type", "country", "follow_type", "follower_type", "gender",
    "media_product_type", "story_navigation_action_type", "surface_type",
)  # fmt: skip
DEMOGRAPHIC_BREAKDOWNS = ("age", "city", "country", "gender")
TIMEFRAMES = ("last_14_days", "last_30_days", "last_90_days", "prev_month", "this_month", "this_week")
LIVING_TIMEFRAMES = {"this_week": 7, "this_month": 30}
"""The timeframes still answered for reached and engaged people, and their length in days."""
FEW_FOLLOWERS = 100


@dataclass(frozen=True)
class Metric:
    """One metric of an account; the first of `types` is what a call without `metric_type` gets."""

    name: str
    title: str
    description: str
    periods: tuple[str, ...] = ("day",)
    types: tuple[str, ...] = (TOTAL_VALUE,)
    breakdowns: tuple[str, ...] = ()
    needs_followers: bool = False
    """Whether it is absent below FEW_FOLLOWERS."""
    recent_only: bool = False
    """Whether only the last 30 days are kept."""
    empty: bool = False
    """A name that is accepted but has no data on an Instagram account of this world."""


_BY_PRODUCT = ("media_product_type",)
_THREADS = (
    "threads_likes", "threads_replies", "quotes", "threads_followers", "threads_follower_demographics",
    "content_views", "threads_views", "threads_clicks", "threads_reposts",
)  # fmt: skip


def _demographics(name: str, title: str, description: str) -> Metric:
    return Metric(
        name, title, description, periods=("lifetime",), breakdowns=DEMOGRAPHIC_BREAKDOWNS, needs_followers=True
    )


_LISTED = (
    Metric(
        "reach",
        "Accounts reached",
        "How many different accounts saw any of the content, ads included. An estimate.",
        periods=("day", "week", "days_28"),
        types=(TIME_SERIES, TOTAL_VALUE),
        breakdowns=("media_product_type", "follow_type"),
    ),
    Metric(
        "follower_count",
        "New followers",
        "How many accounts began to follow on each day.",
        types=(TIME_SERIES,),
        needs_followers=True,
        recent_only=True,
    ),
    Metric("website_clicks", "Website taps", "How often the link in the profile was followed."),
    Metric("profile_views", "Profile visits", "How often the profile was opened."),
    Metric(
        "online_followers",
        "Followers online",
        "How many followers were on Instagram in each hour of the day.",
        periods=("lifetime",),
        types=(TIME_SERIES,),
        needs_followers=True,
        recent_only=True,
    ),
    Metric("accounts_engaged", "Accounts engaged", "How many different accounts interacted. An estimate."),
    Metric(
        "total_interactions",
        "Interactions",
        "All interactions with posts, stories, reels and ads.",
        breakdowns=_BY_PRODUCT,
    ),
    Metric("likes", "Likes", "Likes on posts, reels and ads.", breakdowns=_BY_PRODUCT),
    Metric("comments", "Comments", "Comments on posts, reels and ads.", breakdowns=_BY_PRODUCT),
    Metric("shares", "Shares", "How often content was sent on.", breakdowns=_BY_PRODUCT),
    Metric("saves", "Saves", "How often content was saved.", breakdowns=_BY_PRODUCT),
    Metric("replies", "Replies", "Replies to stories."),
    _demographics("engaged_audience_demographics", "Engaged audience", "Who interacted, by age, gender or place."),
    _demographics("reached_audience_demographics", "Reached audience", "Who was reached, by age, gender or place."),
    _demographics("follower_demographics", "Followers", "Who follows, by age, gender or place."),
    Metric(
        "follows_and_unfollows",
        "Follows and unfollows",
        "How many accounts began to follow, and how many stopped or left.",
        breakdowns=("follow_type",),
        needs_followers=True,
    ),
    Metric(
        "profile_links_taps",
        "Contact button taps",
        "Taps on the profile's contact buttons.",
        breakdowns=("contact_button_type",),
    ),
    Metric(
        "views",
        "Views",
        "How often content was shown or played. In development.",
        breakdowns=("follower_type", "follow_type", "media_product_type"),
    ),
    Metric("reposts", "Reposts", "How often content was reposted."),
    *(
        Metric(
            name, name.replace("_", " ").capitalize(), "A metric of Threads.", periods=("day", "lifetime"), empty=True
        )
        for name in _THREADS
    ),
)
METRICS = {metric.name: metric for metric in _LISTED}
