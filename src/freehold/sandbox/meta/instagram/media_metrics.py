"""The metrics of media insights, and which kinds of media have each."""

from dataclasses import dataclass, field

FEED, REELS, STORY = "FEED", "REELS", "STORY"
EVERYWHERE = frozenset({FEED, REELS, STORY})
POSTS = frozenset({FEED, REELS})
REEL = frozenset({REELS})
PAGES = frozenset({FEED, STORY})
STORIES = frozenset({STORY})
ACTION_TYPE, NAVIGATION_TYPE = "action_type", "story_navigation_action_type"
BREAKDOWNS = (ACTION_TYPE, "follow_type", NAVIGATION_TYPE, "surface_type")
PERIODS = ("day", "week", "days_28", "month", "lifetime", "total_over_range")


@dataclass(frozen=True)
class MediaMetric:
    """One metric of a post or story."""

    name: str
    title: str
    description: str
    products: frozenset[str] = field(default=EVERYWHERE)
    breakdown: str = ""


_LISTED = (
    MediaMetric("impressions", "Impressions", "How often the media was shown.", frozenset()),
    MediaMetric("reach", "Accounts reached", "How many different accounts saw the media. An estimate."),
    MediaMetric("replies", "Replies", "Replies to the story.", STORIES),
    MediaMetric("saved", "Saved", "How often the media was saved.", POSTS),
    MediaMetric("likes", "Likes", "Likes on the media.", POSTS),
    MediaMetric("comments", "Comments", "Comments under the media.", POSTS),
    MediaMetric("shares", "Shares", "How often the media was sent on."),
    MediaMetric("total_interactions", "Interactions", "Likes, saves, comments and shares, less those undone."),
    MediaMetric("follows", "Follows", "Accounts that began to follow from the media.", PAGES),
    MediaMetric("profile_visits", "Profile visits", "Visits of the profile that came from the media.", PAGES),
    MediaMetric("profile_activity", "Profile activity", "What visitors did on the profile.", PAGES, ACTION_TYPE),
    MediaMetric("navigation", "Navigation", "How viewers moved away from the story.", STORIES, NAVIGATION_TYPE),
    MediaMetric("ig_reels_video_view_total_time", "Watch time", "Milliseconds of play in all.", REEL),
    MediaMetric("ig_reels_avg_watch_time", "Average watch time", "Milliseconds of one play, on average.", REEL),
    MediaMetric("views", "Views", "How often the media was shown or played."),
    MediaMetric("reels_skip_rate", "Skip rate", "The share of first plays that ended within three seconds.", REEL),
    MediaMetric("reposts", "Reposts", "How often the media was reposted."),
    MediaMetric("facebook_views", "Facebook views", "How often the media was shown or played on Facebook."),
    MediaMetric("crossposted_views", "Views in both places", "Views on Instagram and Facebook together.", REEL),
    MediaMetric("total_views", "All views", "Views with those through ads and on Facebook."),
    MediaMetric("total_likes", "All likes", "Likes with those through ads and on Facebook.", POSTS),
    MediaMetric("total_comments", "All comments", "Comments with those through ads and on Facebook.", POSTS),
    MediaMetric("link_clicks", "Link taps", "Taps on the link of the story.", STORIES),
)  # fmt: skip
METRICS = {metric.name: metric for metric in _LISTED}
ON_FACEBOOK = frozenset({"facebook_views", "crossposted_views"})
