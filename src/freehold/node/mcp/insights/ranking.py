"""The posts that did most or least by a metric, over all accounts that the caller may see."""

from collections.abc import Container, Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from freehold.node.analysis import results
from freehold.node.analysis.results import Result, format_of
from freehold.node.mcp.insights.answering import Days, Evidence, NotRead, Stored, earliest, gaps, labels
from freehold.node.mcp.insights.arguments import AccountIds, Asked, question_of
from freehold.node.mcp.instagram.arguments import PostMetric
from freehold.node.mcp.instagram.measured import HALF_A_YEAR, RATE, measured_by, rounded
from freehold.node.mcp.instagram.reading import SHOWN_WORDS, Number, Part
from freehold.node.mcp.meta_ads.periods import TimeRange
from freehold.node.mcp.tool import Arguments, Call, UntrustedText, words
from freehold.node.measures.catalogue import METRICS, Unit
from freehold.node.measures.posts import unlisted_days
from freehold.node.measures.question import Question
from freehold.node.measures.unread import Unread
from freehold.node.store.instagram.queries import MeasuredPost, PublishedPost, published

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


AROUND: Final = timedelta(days=HALF_A_YEAR)
"""So far before and after a period posts tell what is usual."""
YOUNG: Final = "Posts left out because they are younger than 3 days, and have not gathered most of what they will: {}."
ALONE: Final = "Posts left out because too few of their format, or none with a value, tell what is usual: {}."


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


class PostsRanked(Stored):
    """Posts in order, of `posts_in_all` of which the metric was read; `posts_not_read` counts the others. One that is
    `gone` is listed no more. Of the days that are `not_read` nobody knows yet whether there are posts.
    """

    metric: str
    unit: Unit
    posts: list[Ranked]
    posts_in_all: int
    names: dict[str, dict[str, UntrustedText]]
    notes: list[str]
    complete: bool
    not_read: list[NotRead]
    posts_not_read: dict[str, int] | None = None
    evidence: Evidence


async def top_posts(call: Call, asked: TopAsked) -> PostsRanked:
    """Posts published in a period that did most, or least, by a metric: by its value, or against what was usual for
    posts of their format at their time.
    """
    wanted = Asked(
        metrics=[asked.metric], period=asked.period, dimensions=[], filters={}, account_ids=asked.account_ids
    )
    question, zone = await question_of(call, wanted, "total")
    around, unread, there = await _measured(call, question, asked, ZoneInfo(zone))
    found = [
        (account, each) for account, posts in around.items() for each in posts if _meant(each, question, asked, zone)
    ]
    meant = {each.post_id for _, each in found}
    usual = {
        post_id: ratio
        for posts in around.values()
        for post_id, ratio in _usual(call, posts, meant, ZoneInfo(zone)).items()
    }
    rows = [_ranked(account, each, usual) for account, each in found]
    placed = [row for row in rows if _has_place(row, asked)]
    shown = _in_order(placed, asked)[: asked.limit]
    return PostsRanked(
        source="stored",
        as_of=earliest(each.read_at for _, each in found),
        metric=asked.metric,
        unit=METRICS[asked.metric].unit,
        posts=shown,
        posts_in_all=len(rows),
        names=await labels(call, ({"account": row.account} for row in shown)),
        notes=_notes(call, [row for row in rows if not _has_place(row, asked)]),
        complete=not unread.days,
        not_read=gaps(unread),
        posts_not_read={asked.metric: there - len(rows)} if there > len(rows) else None,
        evidence=_evidence(question, asked, zone, len(rows)),
    )


async def _measured(
    call: Call, question: Question, asked: TopAsked, zone: ZoneInfo
) -> tuple[dict[str, list[MeasuredPost]], Unread, int]:
    """The posts by account of the span and half a year on each side, which tell what is usual; which of the span's days
    are not known; and how many posts it has.
    """
    since = datetime.combine(question.span.first, time.min, zone)
    until = datetime.combine(question.span.last, time.max, zone)
    async with call.node.database.reading() as session:
        unread = Unread(await unlisted_days(session, question, zone))
        every = [each for account in question.accounts for each in await published(session, account, since, until)]
        found = {
            account: await measured_by(session, account, STORED[asked.metric], since - AROUND, until + AROUND)
            for account in question.accounts
        }
    return found, unread, sum(_meant(each, question, asked, zone.key) for each in every)


def _meant(post: MeasuredPost | PublishedPost, question: Question, asked: TopAsked, zone: str) -> bool:
    """Whether a post is of the span, and of a format that is asked for."""
    day = post.published_at.astimezone(ZoneInfo(zone)).date()
    of_format = not asked.formats or _format(post) in asked.formats
    return of_format and question.span.first <= day <= question.span.last


def _notes(call: Call, left_out: Sequence[Ranked]) -> list[str]:
    """How many posts have no place in the order, and why."""
    young = sum(call.now() - row.published_at < results.RIPE_AFTER for row in left_out)
    notes = {YOUNG: young, ALONE: len(left_out) - young}
    return [note.format(count) for note, count in notes.items() if count]


def _usual(call: Call, posts: list[MeasuredPost], meant: Container[str], zone: ZoneInfo) -> dict[str, float]:
    """How many times what is usual those of an account's posts that are meant have reached."""
    made = [Result(each.post_id, each.published_at.astimezone(zone), _format(each), each.value) for each in posts]
    return {each.result.post_id: each.ratio for each in results.beside_format(made, call.now(), meant).relative}


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


def _has_place(row: Ranked, asked: TopAsked) -> bool:
    return asked.order_by == "value" or row.times_usual is not None


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


def _format(post: MeasuredPost | PublishedPost) -> str:
    return format_of(post.media_type, post.product_type)
