"""The metrics of page and post insights in v26.0, and the names that are gone."""

from dataclasses import dataclass

from freehold.sandbox.meta.world.pages import REACTIONS

PERIODS = ("day", "week", "days_28", "month", "lifetime", "total_over_range")
ROLLING = ("day", "week", "days_28")


@dataclass(frozen=True)
class PageMetric:
    """One metric: the number of the truth that it shows, and its periods."""

    name: str
    shows: str
    title: str
    periods: tuple[str, ...] = ROLLING


_PAGE = (
    PageMetric("page_media_view", "views", "Views"),
    PageMetric("page_total_media_view_unique", "reach", "Viewers"),
    PageMetric("page_follows", "followers", "Followers", ("day",)),
    PageMetric("page_daily_follows", "follows", "New followers", ("day",)),
    PageMetric("page_daily_follows_unique", "follows", "New followers, once each"),
    PageMetric("page_daily_unfollows_unique", "unfollows", "Lost followers, once each"),
    PageMetric("page_views_total", "visits", "Page visits"),
    PageMetric("page_total_actions", "actions", "Taps on contact buttons"),
    PageMetric("page_post_engagements", "engagements", "Post engagements"),
    PageMetric("page_video_views", "video_views", "Video views"),
    *(
        PageMetric(f"page_actions_post_reactions_{kind}_total", kind, f"Reactions: {kind}")
        for kind in REACTIONS
    ),
    PageMetric("page_actions_post_reactions_total", "by_reaction", "Reactions by kind", ("day",)),
)  # fmt: skip
_POST = (
    PageMetric("post_media_view", "views", "Views", ("lifetime",)),
    PageMetric("post_total_media_view_unique", "reach", "Viewers", ("lifetime",)),
    PageMetric("post_clicks", "clicks", "Clicks", ("lifetime",)),
    *(
        PageMetric(f"post_reactions_{kind}_total", kind, f"Reactions: {kind}", ("lifetime",))
        for kind in REACTIONS
    ),
    PageMetric("post_reactions_by_type_total", "by_reaction", "Reactions by kind", ("lifetime",)),
    PageMetric("post_activity_by_action_type", "by_action", "Reactions, comments and shares", ("lifetime",)),
    PageMetric("post_video_views", "video_views", "Video views", ("lifetime",)),
    PageMetric("post_video_view_time", "watch_milliseconds", "Milliseconds of play", ("lifetime",)),
)  # fmt: skip
PAGE_METRICS = {metric.name: metric for metric in _PAGE}
POST_METRICS = {metric.name: metric for metric in _POST}
"""Every other name, `page_impressions` and `post_impressions` with their variants among them, is error 100."""
