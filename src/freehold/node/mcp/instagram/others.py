"""What others publish: with a hashtag, on a professional account, or naming the client's."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.analysis.results import format_of
from freehold.node.mcp.cursors import cursor, place_of
from freehold.node.mcp.instagram.arguments import AccountId, After
from freehold.node.mcp.instagram.reading import SHOWN_WORDS, Part, account_of
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText, words
from freehold.providers.calls import JSON, ApiCall, Rejected, Throttled
from freehold.providers.meta import discovery, graph, hashtags, mentions
from freehold.providers.meta.discovery import SeenPost
from freehold.providers.meta.limits import System

ALLOWED = (
    f"Meta lets an account search {hashtags.SEARCHES} different hashtags in {hashtags.WEEK_DAYS} days. Repeats are "
    "free; this node stops just before the last."
)
Limit = Annotated[int, Field(ge=1, le=hashtags.PAGE)]


class HashtagAsked(Arguments):
    """Which hashtag, and on behalf of which account."""

    hashtag: Annotated[str, Field(pattern=r"^#?\w{1,100}$", description="with or without its sign")]
    account_id: AccountId = None


class Hashtag(Answer):
    """A hashtag's id, and how many more different ones the account may search in these seven days."""

    account_id: str
    hashtag: str
    hashtag_id: str
    searches_used: int
    searches_left: int
    note: str


class HashtagMediaAsked(Arguments):
    """Which posts of a hashtag: the most seen, or those of the last 24 hours."""

    hashtag_id: Annotated[str, Field(pattern=r"^\d{1,40}$", description="of get_hashtag_search")]
    account_id: AccountId = None
    type: Literal["top", "recent"] = "top"
    limit: Limit = 25
    after: After = None


class SeenShown(Part):
    """A post of somebody else's. Counts are absent where the owner hides them; views are told of reels alone."""

    id: str
    format: str
    published_at: datetime
    permalink: str
    username: str | None = None
    caption: UntrustedText | None = None
    likes: int | None = None
    comments: int | None = None
    views: int | None = None


class SeenPosts(Answer):
    """A page of others' posts."""

    account_id: str
    posts: list[SeenShown]
    next_cursor: str | None = None


class CompetitorAsked(Arguments):
    """Whose account, and how many of its newest posts."""

    username: Annotated[str, Field(pattern=r"^@?[A-Za-z0-9._]{1,30}$")]
    account_id: Annotated[AccountId, Field(description="the own account by way of which is looked")] = None
    posts: Annotated[int, Field(ge=0, le=50)] = 12


class CompetitorShown(Answer):
    """A professional account as anybody sees it, with its newest posts."""

    username: str
    name: UntrustedText | None = None
    biography: UntrustedText | None = None
    website: UntrustedText | None = None
    followers: int
    follows: int
    posts_count: int
    posts: list[SeenShown]
    interactions_per_follower: float | None = None
    note: str


class MentionedAsked(Arguments):
    """Posts that tag the account, or the one with `media_id` whose caption mentions it."""

    account_id: AccountId = None
    media_id: Annotated[str | None, Field(pattern=r"^\d{1,40}$")] = None
    limit: Limit = 25
    after: After = None


async def get_hashtag_search(call: Call, asked: HashtagAsked) -> Hashtag:
    """The id of a hashtag, for get_hashtag_media. An account may search 30 different hashtags in 7 days; those searched
    before are free. The answer tells how many are left.
    """
    asset, name = await account_of(call, asked.account_id), asked.hashtag.removeprefix("#").lower()
    # What is left is spent by the next line: an answer of a moment ago would count it twice.
    answer = await call.send(hashtags.searched_call(call.version, asset.asset_id), fresh=True)
    searched = graph.understood(hashtags.read_searched, answer)
    known = {each: hashtag_id for hashtag_id, each in searched.items()}
    if name not in known:
        known[name] = graph.understood(
            hashtags.read_search, await _queried(call, hashtags.search_call(call.version, asset.asset_id, name))
        )
    return Hashtag(
        source="live",
        as_of=call.now(),
        account_id=asset.asset_id,
        hashtag=name,
        hashtag_id=known[name],
        searches_used=len(known),
        searches_left=max(0, hashtags.SEARCHES - len(known)),
        note=ALLOWED,
    )


async def get_hashtag_media(call: Call, asked: HashtagMediaAsked) -> SeenPosts:
    """Public posts with a hashtag: the most seen, or those of the last 24 hours. Meta does not tell whose they are. A
    hashtag that was not searched in these 7 days counts towards the 30.
    """
    asset = await account_of(call, asked.account_id)
    further = place_of(call, asked.after).get("meta")
    request = hashtags.media_call(
        call.version, asset.asset_id, asked.hashtag_id, f"{asked.type}_media", limit=asked.limit, after=further
    )
    answer = await _queried(call, request)
    posts = [_seen(post) for post in graph.understood(hashtags.read_media, answer)]
    return _page(call, asset.asset_id, posts, graph.next_cursor(answer))


async def discover_competitor(call: Call, asked: CompetitorAsked) -> CompetitorShown:
    """Anybody's professional account: followers, number of posts, and its newest posts with likes and comments. Meta
    does not tell others' reach or stories.
    """
    asset, username = await account_of(call, asked.account_id), asked.username.removeprefix("@").lower()
    request = discovery.account_call(call.version, asset.asset_id, username, max(1, asked.posts))
    try:
        answer = await call.send(request)
    except Rejected as error:
        if (error.code, error.subcode) == discovery.NOT_FOUND:
            raise Problem(
                404,
                "competitor_unknown",
                "Nobody has this user name, or it is a personal account, which Meta does not show.",
                "Check the user name in Instagram.",
            ) from error
        raise
    found = graph.understood(discovery.read_account, answer)
    newest = found.newest[: asked.posts]
    return CompetitorShown(
        source="live",
        as_of=call.now(),
        username=found.username,
        name=words(found.name),
        biography=words(found.biography),
        website=words(found.website),
        followers=found.followers,
        follows=found.follows,
        posts_count=found.posts,
        posts=[_seen(post, found.username) for post in newest],
        interactions_per_follower=_rate(newest, found.followers),
        note="Likes and comments of the newest posts whose counts are shown, per post and follower.",
    )


async def get_mentioned_media(call: Call, asked: MentionedAsked) -> SeenPosts:
    """Posts in which others tag the account, newest first; or, with the id of one, a post whose caption mentions it."""
    asset = await account_of(call, asked.account_id)
    if asked.media_id is not None:
        answer = await call.send(mentions.mentioned_call(call.version, asset.asset_id, asked.media_id))
        username, post = graph.understood(mentions.read_mentioned, answer)
        return _page(call, asset.asset_id, [_seen(post, username)], None)
    further = place_of(call, asked.after).get("meta")
    answer = await call.send(mentions.tagged_call(call.version, asset.asset_id, limit=asked.limit, after=further))
    posts = [_seen(post, username) for username, post in graph.understood(mentions.read_tagged, answer)]
    return _page(call, asset.asset_id, posts, graph.next_cursor(answer))


def _page(call: Call, account_id: str, posts: list[SeenShown], further: str | None) -> SeenPosts:
    more = None if further is None else cursor(call, {"meta": further})
    return SeenPosts(source="live", as_of=call.now(), account_id=account_id, posts=posts, next_cursor=more)


def _seen(post: SeenPost, username: str | None = None) -> SeenShown:
    return SeenShown(
        id=post.post_id,
        format=format_of(post.media_type, post.product_type),
        published_at=post.published_at,
        permalink=post.permalink,
        username=username,
        caption=words(post.caption, SHOWN_WORDS),
        likes=post.likes,
        comments=post.comments,
        views=post.views,
    )


def _rate(posts: tuple[SeenPost, ...], followers: int) -> float | None:
    told = [(post.likes or 0) + (post.comments or 0) for post in posts if post.likes is not None]
    return round(sum(told) / len(told) / followers, 6) if told and followers else None


async def _queried(call: Call, request: ApiCall) -> JSON:
    """The answer to a question that may use up one of the week's hashtags; raises `Problem` 429 where none is left."""
    try:
        return await call.send(request)
    except Throttled as error:
        if error.bucket.partition(":")[0] == System.HASHTAGS:
            raise _spent(error.retry_after) from error
        raise
    except Rejected as error:
        if (error.code, error.subcode) == hashtags.SPENT:
            raise _spent(None) from error
        raise


def _spent(wait: float | None) -> Problem:
    return Problem(
        429,
        "hashtags_spent",
        ALLOWED,
        "Use one that was searched before, another account, or wait until a week has passed since the oldest search.",
        retry_after=wait,
    )
