"""The best of the account's own posts, and how a single one did."""

from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import Annotated, Literal

from pydantic import Field

from freehold.node.analysis import results
from freehold.node.analysis.results import MINIMUM, format_of
from freehold.node.mcp.instagram.arguments import AccountId, Days, MediaId, PostMetric
from freehold.node.mcp.instagram.measured import HALF_A_YEAR, RATE, measured_by, posts_of, rounded
from freehold.node.mcp.instagram.media import PostShown, found_post, shown
from freehold.node.mcp.instagram.reading import SHOWN_WORDS, Number, Part, oldest
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText, words
from freehold.node.store.instagram.queries import MeasuredPost

PERFORMANCE: tuple[PostMetric, ...] = (
    "reach", "views", "total_interactions", RATE, "likes", "comments", "saved", "shares",
)  # fmt: skip
YOUNG = "It is younger than 3 days: it has not gathered most of what it will."
UNREAD = "Its insights have not been read; see get_media_insights."


class TopAsked(Arguments):
    """Which posts, judged by what."""

    account_id: AccountId = None
    metric: PostMetric = "total_interactions"
    days: Days = 90
    limit: Annotated[int, Field(ge=1, le=50)] = 10
    order: Annotated[
        Literal["value", "times_usual"], Field(description="times_usual: against posts of its format at its time")
    ] = "value"


class Top(Part):
    """A post with its value, and that as a multiple of what is usual for its format, where 8 posts tell what is."""

    id: str
    format: str
    published_at: datetime
    permalink: str
    caption: UntrustedText | None = None
    value: Number
    times_usual: float | None = None


class TopPosts(Answer):
    """The best posts of a time that are still there; `compared` is how many had the metric, `gone` how many that had it
    are listed no more.
    """

    account_id: str
    metric: str
    compared: int
    gone: int
    posts: list[Top]


class PerformanceAsked(Arguments):
    """Which post."""

    media_id: MediaId
    account_id: AccountId = None


class Performed(Part):
    """One metric of a post beside those of its format in the half year before: `usual` is their median."""

    metric: str
    value: Number
    usual: Number | None = None
    times_usual: float | None = None
    better_than: float | None = None
    compared: int


class PostPerformance(Answer):
    """How a post did, metric by metric. Below 8 posts to compare with nothing is said."""

    account_id: str
    post: PostShown
    age_days: float
    metrics: list[Performed]
    note: str | None = None


async def top_posts(call: Call, asked: TopAsked) -> TopPosts:
    """An account's best posts by a metric, or those furthest above what was usual for their format at their time."""
    found = await posts_of(call, asked.account_id, asked.metric, asked.days)
    posts = replace(found, measured=tuple(each for each in found.measured if each.gone_at is None))
    ratios = {each.result.post_id: each.ratio for each in results.beside_format(posts.results, call.now()).relative}
    order = ratios if asked.order == "times_usual" else {each.post_id: each.value for each in posts.measured}
    best = sorted(posts.measured, key=lambda each: order.get(each.post_id, -1.0), reverse=True)[: asked.limit]
    return TopPosts(
        source="computed",
        as_of=posts.as_of,
        account_id=posts.account_id,
        metric=asked.metric,
        compared=len(posts.measured),
        gone=len(found.measured) - len(posts.measured),
        posts=[_top(each, ratios.get(each.post_id)) for each in best],
    )


async def post_performance(call: Call, asked: PerformanceAsked) -> PostPerformance:
    """How one post did beside the account's posts of the same format in the half year before: for each metric the usual
    value, the multiple of it, and the share of posts that it beat.
    """
    account_id, post = await found_post(call, asked.media_id, asked.account_id)
    kind = format_of(post.media_type, post.product_type)
    since = post.published_at - timedelta(days=HALF_A_YEAR)
    found, read = [], []
    async with call.node.database.reading() as session:
        for metric in PERFORMANCE:
            measured = await measured_by(session, account_id, metric, since, post.published_at)
            mine = next((each for each in measured if each.post_id == post.post_id), None)
            if mine is None:
                continue
            read.append(mine.read_at)
            others = [
                each.value
                for each in measured
                if each.post_id != post.post_id and format_of(each.media_type, each.product_type) == kind
            ]
            found.append(_performed(metric, mine.value, others))
    age = call.now() - post.published_at
    young = YOUNG if age < results.RIPE_AFTER else None
    return PostPerformance(
        source="computed",
        as_of=oldest(read, call.now()),
        account_id=account_id,
        post=shown(post, SHOWN_WORDS),
        age_days=round(age / timedelta(days=1), 1),
        metrics=found,
        note=young if found else UNREAD,
    )


def _top(post: MeasuredPost, ratio: float | None) -> Top:
    return Top(
        id=post.post_id,
        format=format_of(post.media_type, post.product_type),
        published_at=post.published_at,
        permalink=post.permalink,
        caption=words(post.caption, SHOWN_WORDS),
        value=rounded(post.value) or 0.0,
        times_usual=rounded(ratio),
    )


def _performed(metric: str, value: float, others: list[float]) -> Performed:
    if len(others) < MINIMUM:
        return Performed(
            metric=metric, value=value, usual=None, times_usual=None, better_than=None, compared=len(others)
        )
    usual = median(others)
    return Performed(
        metric=metric,
        value=rounded(value) or 0.0,
        usual=rounded(usual),
        times_usual=rounded(value / usual) if usual else None,
        better_than=rounded(sum(other < value for other in others) / len(others)),
        compared=len(others),
    )
