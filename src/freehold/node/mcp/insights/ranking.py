"""The posts that did most or least by a metric, over all accounts that the caller may see."""

from datetime import datetime, time, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from freehold.node.analysis import results
from freehold.node.analysis.results import Result, format_of
from freehold.node.mcp.insights.answering import Days, Evidence
from freehold.node.mcp.insights.arguments import AccountIds, Asked, question_of
from freehold.node.mcp.instagram.arguments import PostMetric
from freehold.node.mcp.instagram.measured import RATE, measured_by, rounded
from freehold.node.mcp.instagram.reading import SHOWN_WORDS, Number, Part, oldest
from freehold.node.mcp.meta_ads.periods import TimeRange
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText, words
from freehold.node.measures.catalogue import METRICS, Unit
from freehold.node.measures.question import Question
from freehold.node.store.instagram.queries import MeasuredPost

RankedBy = Literal[
    "post_views", "post_interactions", "post_likes", "post_comments", "post_saves", "post_shares", "reach_per_post",
    "engagement_rate",
]  # fmt: skip
Format = Literal["reel", "carousel", "image", "video"]
STORED: Final[dict[RankedBy, PostMetric]] = {
    "post_views": "views",
    "post_interactions": "total_interactions",
    "post_likes": "likes",
    "post_comments": "comments",
    "post_saves": "saved",
    "post_shares": "shares",
    "reach_per_post": "reach",
    "engagement_rate": RATE,
}
"""Metrics of Insights that one post has, and what the store holds them as."""


class TopAsked(Arguments):
    """Which posts, ranked by what: by their value, or as a multiple of what is usual for their format at their time."""

    metric: RankedBy = "post_interactions"
    period: TimeRange = "last_28d"
    formats: Annotated[list[Format], Field(default_factory=list, max_length=4, description="all, if empty")]
    account_ids: AccountIds = None
    order_by: Literal["value", "times_usual"] = "value"
    direction: Literal["most", "least"] = "most"
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class Ranked(Part):
    """A post: its value, and that as a multiple of what is usual, where 8 posts of its format tell what is."""

    post: str
    account: str
    format: str
    published_at: datetime
    permalink: str
    caption: UntrustedText | None = None
    gone: bool
    value: Number
    times_usual: Number | None = None


class PostsRanked(Answer):
    """Posts in order, of `posts_in_all` of which the metric was read. One that is `gone` is listed no more."""

    metric: str
    unit: Unit
    posts: list[Ranked]
    posts_in_all: int
    evidence: Evidence


async def top_posts(call: Call, asked: TopAsked) -> PostsRanked:
    """Posts published in a period that did most, or least, by a metric: by its value, or against what was usual for
    posts of their format at their time.
    """
    wanted = Asked(
        metrics=[asked.metric], period=asked.period, dimensions=[], filters={}, account_ids=asked.account_ids
    )
    question, zone = await question_of(call, wanted, "total")
    found = await _measured(call, question, asked, ZoneInfo(zone))
    usual = {
        post_id: ratio for posts in found.values() for post_id, ratio in _usual(call, posts, ZoneInfo(zone)).items()
    }
    rows = [_ranked(account, each, usual) for account, posts in found.items() for each in posts]
    kept = [row for row in rows if asked.order_by == "value" or row.times_usual is not None]
    return PostsRanked(
        source="stored",
        as_of=oldest((each.read_at for posts in found.values() for each in posts), call.now()),
        metric=asked.metric,
        unit=METRICS[asked.metric].unit,
        posts=_in_order(kept, asked)[: asked.limit],
        posts_in_all=len(rows),
        evidence=_evidence(question, asked, zone, len(rows)),
    )


async def _measured(call: Call, question: Question, asked: TopAsked, zone: ZoneInfo) -> dict[str, list[MeasuredPost]]:
    """The posts of the span by account, of the formats that are wanted."""
    since = datetime.combine(question.span.first, time.min, zone)
    until = datetime.combine(question.span.last + timedelta(days=1), time.min, zone) - timedelta(microseconds=1)
    async with call.node.database.reading() as session:
        found = {
            account: await measured_by(session, account, STORED[asked.metric], since, until)
            for account in question.accounts
        }
    return {
        account: [each for each in posts if not asked.formats or _format(each) in asked.formats]
        for account, posts in found.items()
    }


def _usual(call: Call, posts: list[MeasuredPost], zone: ZoneInfo) -> dict[str, float]:
    """How many times what is usual each of an account's posts has reached."""
    made = [Result(each.post_id, each.published_at.astimezone(zone), _format(each), each.value) for each in posts]
    return {each.result.post_id: each.ratio for each in results.beside_format(made, call.now()).relative}


def _ranked(account: str, post: MeasuredPost, usual: dict[str, float]) -> Ranked:
    return Ranked(
        post=post.post_id,
        account=account,
        format=_format(post),
        published_at=post.published_at,
        permalink=post.permalink,
        caption=words(post.caption, SHOWN_WORDS),
        gone=post.gone_at is not None,
        value=round(post.value, 6),
        times_usual=rounded(usual.get(post.post_id)),
    )


def _in_order(rows: list[Ranked], asked: TopAsked) -> list[Ranked]:
    sign = -1 if asked.direction == "most" else 1
    return sorted(rows, key=lambda row: (sign * (_judged(row, asked)), row.published_at, row.post))


def _judged(row: Ranked, asked: TopAsked) -> float:
    return row.value if asked.order_by == "value" else row.times_usual or 0.0


def _evidence(question: Question, asked: TopAsked, zone: str, rows: int) -> Evidence:
    return Evidence(
        metrics=[asked.metric],
        dimensions=["post"],
        filters={"format": list(asked.formats)} if asked.formats else {},
        account_ids=list(question.accounts),
        days=Days(since=question.span.first, until=question.span.last),
        grain="total",
        time_zone=zone,
        rows_read=rows,
    )


def _format(post: MeasuredPost) -> str:
    return format_of(post.media_type, post.product_type)
