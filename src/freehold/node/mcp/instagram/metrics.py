"""Metrics by name: which there are, what each says, and what took the place of those that Meta has retired."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from freehold.kernel.problems import Problem
from freehold.node.mcp.instagram.reading import Part
from freehold.providers.meta import spec

ACCOUNT: Final = (*spec.ACCOUNT_SERIES, *spec.ACCOUNT_TOTALS, "follows_and_unfollows")
"""What an account is measured by, day by day or over a window."""
POST: Final = (*spec.POST_METRICS, *spec.FEED_METRICS, *spec.REELS_METRICS)
INSTEAD: Final = {
    "impressions": "views",
    "plays": "views",
    "video_views": "views",
    "clips_replays_count": "views",
    "ig_reels_aggregated_all_plays_count": "views",
    "carousel_album_impressions": "views",
    "carousel_album_reach": "reach",
    "carousel_album_saved": "saved",
    "carousel_album_engagement": "total_interactions",
    "engagement": "total_interactions",
    "taps_forward": "navigation",
    "taps_back": "navigation",
    "exits": "navigation",
    "email_contacts": "profile_links_taps",
    "phone_call_clicks": "profile_links_taps",
    "text_message_clicks": "profile_links_taps",
    "get_direction_clicks": "profile_links_taps",
    "audience_city": "follower_demographics (get_audience_demographics)",
    "audience_country": "follower_demographics (get_audience_demographics)",
    "audience_gender_age": "follower_demographics (get_audience_demographics)",
    "audience_locale": "follower_demographics (get_audience_demographics)",
}
"""What says most nearly the same as a metric that is no more."""
MEANINGS: Final = {
    "views": "how often content was shown or played; took the place of impressions and plays",
    "reach": "different people, an estimate. People come again: the reach of days is never summed",
    "accounts_engaged": "different people who interacted, an estimate; never summed either",
    "total_interactions": "likes, comments, saves, shares, replies and reposts, less what was undone",
    "engagement_rate": "interactions divided by people reached, of one post; computed by this node",
    "likes": "likes on posts and reels",
    "comments": "comments on posts and reels",
    "saves": "saves, of an account",
    "saved": "saves, of a post",
    "shares": "how often content was sent on",
    "reposts": "how often content was reposted",
    "replies": "replies to stories; Meta gives 0 in Europe and Japan",
    "follower_count": "people who began to follow on a day. Not how many follow: that is in get_profile",
    "follows_and_unfollows": "people who came, and who left, over 30 days",
    "profile_views": "visits of the profile",
    "profile_visits": "visits of the profile that began at a post or story",
    "profile_links_taps": "taps on the profile's buttons",
    "profile_activity": "what visitors who came by a post did on the profile",
    "website_clicks": "taps on the link in the profile",
    "navigation": "how viewers moved on from a story: forward, back, out, to the next account",
    "link_clicks": "taps on a story's link",
    "follows": "people who began to follow at a post or story",
    "ig_reels_avg_watch_time": "how long a reel is watched on average, in milliseconds",
    "ig_reels_video_view_total_time": "how long a reel was watched in all, in milliseconds",
    "reels_skip_rate": "share of first plays that were skipped within 3 seconds, 0 to 1",
    "total_views": "views with those through ads and on Facebook; total_likes and total_comments alike",
    "online_followers": "followers online in an hour of the day",
}


class Retired(Part):
    """A metric that Meta gives no more: since when, and what to ask for in its place."""

    metric: str
    since: date
    use_instead: str


def sorted_out(asked: Sequence[str], offered: Collection[str], where: str) -> tuple[list[str], list[Retired]]:
    """What is asked for, once each: what there is, and what is no more. Raises `Problem` 422 for other names."""
    once = list(dict.fromkeys(asked))
    unknown = [name for name in once if name not in offered and name not in spec.RETIRED]
    if unknown:
        raise Problem(
            422,
            "metric_unknown",
            f"{where} has no metric {', '.join(unknown)}.",
            f"Choose from: {', '.join(sorted(offered))}.",
        )
    return [name for name in once if name in offered], retired(once)


def retired(asked: Sequence[str]) -> list[Retired]:
    """Those that are no more."""
    return [
        Retired(metric=name, since=spec.RETIRED[name], use_instead=INSTEAD.get(name, "views"))
        for name in asked
        if name in spec.RETIRED
    ]


def glossary() -> str:
    """Every metric with its meaning, and the retired ones, as Markdown."""
    rows = [f"| {name} | {meaning} |" for name, meaning in MEANINGS.items()]
    gone = [f"| {name} | {INSTEAD.get(name, 'views')} | {since} |" for name, since in sorted(spec.RETIRED.items())]
    return "\n".join(
        [
            "# Metrics of Instagram\n\n| metric | meaning |\n|---|---|",
            *rows,
            "\n# Retired metrics\n\n| metric | use instead | gone since |\n|---|---|---|",
            *gone,
        ]
    )
