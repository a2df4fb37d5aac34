"""Every metric that can be asked for: where its numbers stand, what they are made of, and what it may be split by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from freehold.node.analysis.features import WEEKDAYS

Source = Literal["ad_days", "account_days", "posts", "page_posts"]
Unit = Literal["count", "people", "minor_units", "ratio", "average"]
"""A ratio is a part of a whole, 0 to 1; an average is of a post."""

AD_OBJECTS: Final = {"ad_account": "ad_account_id", "campaign": "campaign_id", "ad_set": "ad_set_id", "ad": "ad_id"}
"""Dimensions of advertising that are objects of Meta's, and the columns that hold their ids."""
AD_PARTS: Final = {
    "age": ("age_gender", "first_part"),
    "gender": ("age_gender", "second_part"),
    "country": ("country", "first_part"),
    "platform": ("placement", "first_part"),
    "position": ("placement", "second_part"),
    "device": ("device", "second_part"),
}
"""Dimensions that split each ad's day once more: the breakdown that has them, and their column in it."""
_TIMES: Final = {"weekday": WEEKDAYS, "hour": tuple(f"{hour:02}" for hour in range(24))}
DIMENSIONS: Final[Mapping[Source, tuple[str, ...]]] = {
    "ad_days": (*AD_OBJECTS, *AD_PARTS),
    "account_days": ("account",),
    "posts": ("account", "post", "format", "weekday", "hour"),
    "page_posts": ("page", "post", "format", "weekday", "hour"),
}
VALUES: Final[Mapping[Source, Mapping[str, tuple[str, ...]]]] = {
    "posts": {"format": ("reel", "carousel", "image", "video"), **_TIMES},
    "page_posts": _TIMES,
}
"""The values of dimensions that have no others."""
OWNERS: Final[Mapping[Source, str]] = {
    "ad_days": "ad_account",
    "account_days": "account",
    "posts": "account",
    "page_posts": "page",
}
"""The dimension of each source that names accounts."""


WITHOUT: Final = ".without"


@dataclass(frozen=True)
class Metric:
    """A number that can be asked for.

    `parts` are what is summed: one, which is the value, or two, of which the first is divided by the second and
    multiplied by `times`. `a&b` is a sum of `a` where `b` is known, too, and `a.posts` counts the posts that have `a`.
    Beside a part of posts `a.without` counts those of which it was not read.
    What counts people (`summed` false) is told day by day alone, and of one account.
    """

    name: str
    source: Source
    unit: Unit
    meaning: str
    parts: tuple[str, ...]
    times: int = 1
    summed: bool = True

    def value(self, sums: Mapping[str, float | None]) -> float | None:
        """Its value from the sums of its parts; None where one is absent, or there is nothing to divide by."""
        first, *rest = (sums.get(part) for part in self.parts)
        if first is None or not rest:
            return first
        divisor = rest[0]
        return round(first * self.times / divisor, 6) if divisor else None

    def without(self, sums: Mapping[str, float | None]) -> int:
        """How many posts are in no value, because it was not read of them."""
        return int(sums.get(f"{self.parts[0]}{WITHOUT}") or 0)

    def whole(self, sums: Mapping[str, float | None]) -> bool:
        """Whether the value is the whole: a sum lacks what was not read, an average or a rate is of the other posts."""
        return len(self.parts) > 1 or not self.without(sums)


def _ads(name: str, unit: Unit, meaning: str, *parts: str, times: int = 1) -> Metric:
    return Metric(name, "ad_days", unit, meaning, parts or (name,), times)


def _account(name: str, meaning: str, unit: Unit = "count") -> Metric:
    return Metric(name, "account_days", unit, meaning, (name,), summed=unit != "people")


def _posts(name: str, unit: Unit, meaning: str, *parts: str) -> Metric:
    return Metric(name, "posts", unit, meaning, parts)


def _page_posts(name: str, unit: Unit, meaning: str, *parts: str) -> Metric:
    return Metric(name, "page_posts", unit, meaning, parts)


METRICS: Final[Mapping[str, Metric]] = {
    metric.name: metric
    for metric in (
        _ads("spend_minor", "minor_units", "money spent on ads"),
        _ads("impressions", "count", "how often ads were shown"),
        _ads("clicks", "count", "all clicks on ads"),
        _ads("link_clicks", "count", "clicks that led to where the ad leads"),
        _ads("results", "count", "what the campaigns' objectives are after, by Meta's default attribution"),
        _ads("ctr", "ratio", "clicks by impressions, 0 to 1", "clicks", "impressions"),
        _ads("link_ctr", "ratio", "link clicks by impressions, 0 to 1", "link_clicks", "impressions"),
        _ads("cpc_minor", "minor_units", "spend by clicks", "spend_minor", "clicks"),
        _ads("cpm_minor", "minor_units", "spend by 1 000 impressions", "spend_minor", "impressions", times=1_000),
        _ads(
            "cost_per_result_minor",
            "minor_units",
            "spend by results, of ads whose objective has results",
            "spend_minor&results",
            "results",
        ),
        _account("account_reach", "different people who saw the account's content on a day, an estimate", "people"),
        _account("account_views", "how often the account's content was shown or played"),
        _account("account_interactions", "likes, comments, saves, shares, replies and reposts, less what was undone"),
        _account("account_likes", "likes on the account's content"),
        _account("account_comments", "comments on the account's content"),
        _account("account_saves", "how often the account's content was saved"),
        _account("account_shares", "how often the account's content was sent on"),
        _account("accounts_engaged", "different people who interacted on a day, an estimate", "people"),
        _account("new_followers", "people who began to follow"),
        _posts("posts", "count", "posts published, stories apart", "posts"),
        _posts("post_views", "count", "views that the posts have gathered", "views"),
        _posts("post_interactions", "count", "interactions that the posts have gathered", "total_interactions"),
        _posts("post_likes", "count", "likes that the posts have gathered", "likes"),
        _posts("post_comments", "count", "comments that the posts have gathered", "comments"),
        _posts("post_saves", "count", "how often the posts were saved", "saved"),
        _posts("post_shares", "count", "how often the posts were sent on", "shares"),
        _posts("reach_per_post", "average", "people reached by a post, on average", "reach", "reach.posts"),
        _posts("views_per_post", "average", "views of a post, on average", "views", "views.posts"),
        _posts(
            "interactions_per_post",
            "average",
            "interactions with a post, on average",
            "total_interactions",
            "total_interactions.posts",
        ),
        _posts(
            "engagement_rate",
            "ratio",
            "interactions by people reached, of posts that have both, 0 to 1",
            "total_interactions&reach",
            "reach&total_interactions",
        ),
        _page_posts("page_posts", "count", "posts published on Facebook pages", "posts"),
        _page_posts("page_post_views", "count", "views that the pages' posts have gathered", "views"),
        _page_posts(
            "page_post_interactions",
            "count",
            "reactions, comments and shares of the pages' posts",
            "total_interactions",
        ),
        _page_posts("page_post_reactions", "count", "reactions of all kinds to the pages' posts", "reactions"),
        _page_posts("page_post_comments", "count", "comments on the pages' posts", "comments"),
        _page_posts("page_post_shares", "count", "how often the pages' posts were shared", "shares"),
        _page_posts(
            "reach_per_page_post", "average", "people reached by a page's post, on average", "reach", "reach.posts"
        ),
        _page_posts("views_per_page_post", "average", "views of a page's post, on average", "views", "views.posts"),
        _page_posts(
            "interactions_per_page_post",
            "average",
            "reactions, comments and shares of a page's post, on average",
            "total_interactions",
            "total_interactions.posts",
        ),
    )
}
STORED_AS: Final = {
    "account_reach": "reach",
    "account_views": "views",
    "account_interactions": "total_interactions",
    "account_likes": "likes",
    "account_comments": "comments",
    "account_saves": "saves",
    "account_shares": "shares",
    "accounts_engaged": "accounts_engaged",
    "new_followers": "follower_count",
}
"""The account's metrics as Meta, and so the store, names them."""
