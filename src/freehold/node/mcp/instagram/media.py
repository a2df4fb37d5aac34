"""The account's own posts: lists, details, and what each reached."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.analysis.results import format_of
from freehold.node.assets import ConnectedAsset
from freehold.node.mcp import assets
from freehold.node.mcp.cursors import cursor, place_of
from freehold.node.mcp.instagram import metrics
from freehold.node.mcp.instagram.account_insights import DayValue, PartValue
from freehold.node.mcp.instagram.arguments import (
    DAY_MINUTES,
    STORY_MINUTES,
    AccountId,
    After,
    Limit,
    MaxAge,
    MediaId,
    Metrics,
)
from freehold.node.mcp.instagram.metrics import Retired
from freehold.node.mcp.instagram.reading import (
    SHOWN_WORDS,
    STORY_LIFE,
    Number,
    Part,
    account_of,
    instants,
    is_fresh,
    oldest,
)
from freehold.node.mcp.tool import Answer, Arguments, Call, Day, UntrustedText, words
from freehold.node.store.instagram import queries
from freehold.node.store.instagram.queries import Reading, StoredPost
from freehold.node.store.instagram.upserts import Feed
from freehold.providers.meta import graph, instagram, spec
from freehold.providers.meta import media as graph_media
from freehold.providers.meta.instagram import Post


class MediaListAsked(Arguments):
    """Which posts; days are UTC."""

    account_id: AccountId = None
    since: Day | None = None
    until: Day | None = None
    limit: Limit = 25
    after: After = None
    max_age_minutes: MaxAge = DAY_MINUTES


class PostShown(Part):
    """A post. Counts are absent where the owner hides them; `gone_at` is when it was no longer listed."""

    id: str
    format: str
    published_at: datetime
    permalink: str
    caption: UntrustedText | None = None
    likes: int | None = None
    comments: int | None = None
    gone_at: datetime | None = None


class MediaList(Answer):
    """A page of posts, newest first. Every post since `known_since` is in the store; absent, where all are."""

    account_id: str
    posts: list[PostShown]
    known_since: datetime | None = None
    next_cursor: str | None = None


class MediaAsked(Arguments):
    """Which post; `account_id` matters only for one that the node has not stored."""

    media_id: MediaId
    account_id: AccountId = None
    max_age_minutes: MaxAge = DAY_MINUTES


class ChildShown(Part):
    """A picture or video inside a carousel."""

    id: str
    media_type: str


class MediaDetails(Answer):
    """A post with its whole caption, and what is inside a carousel."""

    account_id: str
    post: PostShown
    media_type: str
    product_type: str
    children: list[ChildShown]


class MediaInsightsAsked(Arguments):
    """Which post and metrics; without metrics, all of its kind."""

    media_id: MediaId
    account_id: AccountId = None
    metrics: Metrics = Field(default_factory=list)
    max_age_minutes: Annotated[
        MaxAge | None, Field(description="by default a day, of a story that is live 90 minutes; 0 asks Meta")
    ] = None
    history: Annotated[bool, Field(description="also the values of earlier days")] = False
    not_taken: ClassVar[Mapping[str, str]] = {
        "period": "a post has values of its whole life; history tells those of earlier days"
    }


class Measure(Part):
    """A metric's value so far, and of earlier days where they were asked for."""

    metric: str
    value: Number
    day: date | None = None
    history: list[DayValue] | None = None


class MediaInsights(Answer):
    """What a post reached. `not_available` are metrics without a value: not of its kind, or not read. `navigation` is
    how viewers of a live story moved on.
    """

    account_id: str
    media_id: str
    format: str
    published_at: datetime
    metrics: list[Measure]
    not_available: list[str]
    retired: list[Retired]
    navigation: list[PartValue] | None = None


async def list_media(call: Call, asked: MediaListAsked) -> MediaList:
    """An account's posts and reels, newest first, with likes and comments; stories apart. From the store, page by page;
    from Meta where nothing is stored.
    """
    asset = await account_of(call, asked.account_id)
    place = place_of(call, asked.after)
    since, until = instants(call, asked.since, asked.until)
    before = (datetime.fromisoformat(place["at"]), place["id"]) if "at" in place else None
    async with call.node.database.reading() as session:
        feed = await queries.feed(session, asset.asset_id)
        found = await queries.listed(session, asset.asset_id, since, until, asked.limit, after=before)
    if "meta" in place or not ("at" in place or _is_fresh(call, found, feed, asked)):
        return await _listed_live(call, asset, asked, since, until, place.get("meta"))
    more = None
    if len(found) == asked.limit:
        more = cursor(call, {"at": found[-1].published_at.isoformat(), "id": found[-1].post_id})
    return MediaList(
        source="stored",
        as_of=oldest((each.read_at for each in found), call.now()),
        account_id=asset.asset_id,
        posts=[shown(each, SHOWN_WORDS) for each in found],
        known_since=None if feed.whole else feed.listed_since,
        next_cursor=more,
    )


def _is_fresh(call: Call, found: Sequence[StoredPost], feed: Feed, asked: MediaListAsked) -> bool:
    """Whether the newest reading of a list's first page is recent enough; where nothing is listed, whether all is."""
    if not found:
        return feed.listed_until is not None and asked.max_age_minutes > 0
    return is_fresh(call, max(each.read_at for each in found), asked.max_age_minutes)


async def _listed_live(
    call: Call, asset: ConnectedAsset, asked: MediaListAsked, since: datetime, until: datetime, after: str | None = None
) -> MediaList:
    request = instagram.posts_call(
        call.version, asset.asset_id, limit=asked.limit, since=since, until=until, after=after, metrics=()
    )
    answer = await call.send(request)
    further = graph.next_cursor(answer)
    return MediaList(
        source="live",
        as_of=call.now(),
        account_id=asset.asset_id,
        posts=[shown(post, SHOWN_WORDS) for post, _ in graph.understood(instagram.read_posts, answer)],
        next_cursor=None if further is None else cursor(call, {"meta": further}),
    )


async def get_media_details(call: Call, asked: MediaAsked) -> MediaDetails:
    """One post: format, time, link, whole caption, likes, comments, and the parts of a carousel."""
    account_id, post = await found_post(call, asked.media_id, asked.account_id, asked.max_age_minutes)
    async with call.node.database.reading() as session:
        inside = await queries.children(session, post.post_id)
    children = [ChildShown(id=each.child_id, media_type=each.media_type) for each in inside]
    stored = isinstance(post, StoredPost)
    return MediaDetails(
        source="stored" if stored else "live",
        as_of=post.read_at if isinstance(post, StoredPost) else call.now(),
        account_id=account_id,
        post=shown(post),
        media_type=post.media_type,
        product_type=post.product_type,
        children=children,
    )


async def get_media_insights(call: Call, asked: MediaInsightsAsked) -> MediaInsights:
    """What a post, reel or story reached so far: views, reach, interactions, and what its kind alone has. With
    `history` also the stored values of earlier days. Retired metrics are answered with what to ask for instead.
    """
    offered, gone = metrics.sorted_out(asked.metrics, {*metrics.POST, *spec.STORY_METRICS}, "A post")
    account_id, post = await found_post(call, asked.media_id, asked.account_id)
    wanted = offered if asked.metrics else of_kind(post.product_type)
    read_at = post.insights_read_at if isinstance(post, StoredPost) else None
    async with call.node.database.reading() as session:
        read = [each for each in await queries.latest_values(session, [post.post_id]) if not each.breakdown]
        older = await queries.readings(session, post.post_id, wanted) if asked.history else None
    stored = bool(read) and (_is_over(call, post) or is_fresh(call, read_at, _age(asked, post)))
    if stored:
        found = [_measure(each, older) for each in read if each.metric in wanted]
    else:
        found = await _measured_live(call, account_id, post, wanted, older)
    moved = await _moved(call, account_id, post) if not stored and "navigation" in wanted else None
    told = {each.metric for each in found}
    return MediaInsights(
        source="stored" if stored else "live",
        as_of=read_at or oldest((each.read_at for each in read), call.now()) if stored else call.now(),
        account_id=account_id,
        media_id=post.post_id,
        format=format_of(post.media_type, post.product_type),
        published_at=post.published_at,
        metrics=found,
        not_available=[name for name in wanted if name not in told],
        retired=gone,
        navigation=moved,
    )


def _age(asked: MediaInsightsAsked, post: StoredPost | Post) -> int:
    """How many minutes old stored values may be."""
    if asked.max_age_minutes is not None:
        return asked.max_age_minutes
    return STORY_MINUTES if post.product_type == queries.STORY else DAY_MINUTES


def _is_over(call: Call, post: StoredPost | Post) -> bool:
    """Whether Meta tells nothing of it any more, a story after a day or a post that is gone: the last values stay."""
    if isinstance(post, StoredPost) and post.gone_at is not None:
        return True
    return post.product_type == queries.STORY and call.now() - post.published_at >= STORY_LIFE


async def _moved(call: Call, account_id: str, post: StoredPost | Post) -> list[PartValue] | None:
    """How the viewers of a story moved on, which Meta tells while it is live."""
    if post.product_type != queries.STORY:
        return None
    answer = await call.send(graph_media.actions_call(call.version, account_id, post.post_id, "navigation"))
    found = graph.understood(graph_media.read_actions, answer)
    return [PartValue(part=part, value=value) for part, value in found.items()]


def of_kind(product_type: str) -> list[str]:
    """The metrics that posts of a kind have."""
    if product_type == queries.STORY:
        return list(spec.STORY_METRICS)
    return [*spec.POST_METRICS, *instagram.extra_metrics(product_type)]


def _measure(reading: Reading, older: Sequence[Reading] | None) -> Measure:
    history = _history(reading.metric, older)
    return Measure(metric=reading.metric, value=reading.value, day=reading.day, history=history)


def _history(metric: str, older: Sequence[Reading] | None) -> list[DayValue] | None:
    if older is None:
        return None
    return [DayValue(day=each.day, value=each.value) for each in older if each.metric == metric]


async def _measured_live(
    call: Call, account_id: str, post: StoredPost | Post, wanted: Sequence[str], older: Sequence[Reading] | None
) -> list[Measure]:
    asked = [name for name in wanted if name in of_kind(post.product_type)]
    if not asked:
        return []
    answer = await call.send(instagram.post_insights_call(call.version, account_id, post.post_id, asked))
    found = graph.understood(instagram.read_post_insights, answer)
    return [Measure(metric=each.metric, value=each.value, history=_history(each.metric, older)) for each in found]


async def found_post(
    call: Call, media_id: str, account_id: str | None, max_age_minutes: int | None = None
) -> tuple[str, StoredPost | Post]:
    """A post and the account that it is of: from the store, or asked of Meta and known to be that account's.

    A stored one is as old as it may be (None: however old), and one that Meta has no more is told as it was.
    Raises `Problem` 403 for one of an account that the call may not be about, 404 for one that is not to be found.
    """
    async with call.node.database.reading() as session:
        stored = await queries.post(session, media_id)
    if stored is not None:
        asset = await assets.chosen(call, "instagram_account", stored.account_id)
        kept = stored.gone_at is not None or stored.product_type == queries.STORY
        if kept or max_age_minutes is None or is_fresh(call, stored.read_at, max_age_minutes):
            return asset.asset_id, stored
    else:
        asset = await account_of(call, account_id)
    answer = await call.send(graph_media.media_call(call.version, asset.asset_id, media_id))
    owner, post = graph.understood(graph_media.read_media, answer)
    if owner != asset.asset_id:
        raise Problem(
            404,
            "object_unknown",
            "This is not a post of that account.",
            "List the account's posts with list_media, and name one of them.",
        )
    return asset.asset_id, post


def shown(post: StoredPost | Post, most: int | None = None) -> PostShown:
    """A post as answers have it; a caption longer than `most` is cut."""
    return PostShown(
        id=post.post_id,
        format=format_of(post.media_type, post.product_type),
        published_at=post.published_at,
        permalink=post.permalink,
        caption=words(post.caption, most),
        likes=post.likes,
        comments=post.comments,
        gone_at=post.gone_at if isinstance(post, StoredPost) else None,
    )
