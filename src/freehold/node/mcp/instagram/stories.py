"""Stories, also those that are over: Meta tells of them for 24 hours, and the node keeps what it read until then."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from freehold.kernel.database import ReadSession
from freehold.node.analysis.stories import StoryResult, retention
from freehold.node.assets import ConnectedAsset
from freehold.node.mcp.cursors import cursor, place_of
from freehold.node.mcp.instagram.arguments import STORY_MINUTES, AccountId, After, Days, Limit, MaxAge
from freehold.node.mcp.instagram.audience import MedianShown, shown_median
from freehold.node.mcp.instagram.reading import (
    SHOWN_WORDS,
    STORY_LIFE,
    Number,
    Part,
    account_of,
    is_fresh,
    oldest,
)
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText, words
from freehold.node.store.instagram import queries
from freehold.node.store.instagram.queries import StoredPost
from freehold.providers.meta import graph, instagram
from freehold.providers.meta.instagram import Insight, Post

ABOUT = "A sequence is stories at most 6 hours apart. Reach is how many saw each, not who: some see a later one alone."


class StoriesAsked(Arguments):
    """Which stories: those of the last `days`, by default those that are live."""

    account_id: AccountId = None
    days: Days = 1
    limit: Limit = 25
    after: After = None
    max_age_minutes: MaxAge = STORY_MINUTES


class Story(Part):
    """A story with what it reached: the last values before it ended. Without values it had fewer than 5 viewers, or
    was never read.
    """

    id: str
    published_at: datetime
    is_live: bool
    media_type: str
    caption: UntrustedText | None = None
    values: dict[str, Number]


class Stories(Answer):
    """A page of stories, newest first."""

    account_id: str
    stories: list[Story]
    next_cursor: str | None = None


class RetentionAsked(Arguments):
    """Of which account, over how many days."""

    account_id: AccountId = None
    days: Days = 90


class Position(Part):
    """The n-th story of a sequence: which share of the first one's people it reached, over so many sequences."""

    position: int
    sequences: int
    share: MedianShown | None = None


class StoryRetention(Answer):
    """How many stay from story to story; shares are medians, absent below 8 sequences."""

    account_id: str
    stories: int
    sequences: int
    positions: list[Position]
    finished: MedianShown | None = None
    note: str


async def get_stories(call: Call, asked: StoriesAsked) -> Stories:
    """An account's stories with views, reach, replies, navigation: those that are live, and with more `days` those that
    are over, as the node read them last. Meta itself tells of stories for 24 hours only.
    """
    asset = await account_of(call, asked.account_id)
    place = place_of(call, asked.after)
    before = (datetime.fromisoformat(place["at"]), place["id"]) if place else None
    since = call.now() - timedelta(days=asked.days)
    async with call.node.database.reading() as session:
        found = await queries.listed(
            session, asset.asset_id, since, call.now(), asked.limit, stories=True, after=before
        )
        values = await _values(session, [each.post_id for each in found])
    if not place and asked.days == 1 and not _is_fresh(call, found, asked.max_age_minutes):
        return await _live(call, asset)
    more = None
    if len(found) == asked.limit:
        more = cursor(call, {"at": found[-1].published_at.isoformat(), "id": found[-1].post_id})
    return Stories(
        source="stored",
        as_of=oldest((each.insights_read_at or each.read_at for each in found), call.now()),
        account_id=asset.asset_id,
        stories=[_story(call, each, values.get(each.post_id, {})) for each in found],
        next_cursor=more,
    )


def _is_fresh(call: Call, found: Sequence[StoredPost], minutes: int) -> bool:
    """Whether there are stored stories, and they were read recently."""
    return is_fresh(call, max((each.read_at for each in found), default=None), minutes)


async def _values(session: ReadSession, story_ids: Sequence[str]) -> dict[str, dict[str, float]]:
    """What was read last of each story, by metric."""
    values: dict[str, dict[str, float]] = {}
    for each in await queries.latest_values(session, story_ids):
        if not each.breakdown:
            values.setdefault(each.subject_id, {})[each.metric] = each.value
    return values


async def story_retention(call: Call, asked: RetentionAsked) -> StoryRetention:
    """How many of those who see the first story of a sequence see the second, third and last, over the stories that the
    node has stored. Says so where there are fewer than 8 sequences.
    """
    asset, since = await account_of(call, asked.account_id), call.now() - timedelta(days=asked.days)
    async with call.node.database.reading() as session:
        measured = await queries.measured(session, asset.asset_id, "reach", since, call.now(), stories=True)
    over = [each for each in measured if call.now() - each.published_at >= STORY_LIFE]
    found = retention([StoryResult(each.post_id, each.published_at, each.value) for each in over])
    return StoryRetention(
        source="computed",
        as_of=oldest((each.read_at for each in over), call.now()),
        account_id=asset.asset_id,
        stories=found.stories,
        sequences=found.sequences,
        positions=[
            Position(position=each.position, sequences=each.sequences, share=shown_median(each.share))
            for each in found.places
        ],
        finished=shown_median(found.finished),
        note=ABOUT,
    )


async def _live(call: Call, asset: ConnectedAsset) -> Stories:
    """The stories that are live, with the values that are stored: one with too few viewers would have all refused."""
    answer = await call.send(instagram.stories_call(call.version, asset.asset_id, ()))
    found: Sequence[tuple[Post, list[Insight]]] = graph.understood(instagram.read_posts, answer)
    async with call.node.database.reading() as session:
        stored = {each.post_id: each for post, _ in found if (each := await queries.post(session, post.post_id))}
        values = await _values(session, list(stored))
    read = [stored[each].insights_read_at or call.now() for each in values]
    return Stories(
        source="live",
        as_of=oldest(read, call.now()),
        account_id=asset.asset_id,
        stories=[_story(call, post, values.get(post.post_id, {})) for post, _ in found],
    )


def _story(call: Call, post: StoredPost | Post, values: dict[str, float]) -> Story:
    return Story(
        id=post.post_id,
        published_at=post.published_at,
        is_live=call.now() - post.published_at < STORY_LIFE,
        media_type=post.media_type,
        caption=words(post.caption, SHOWN_WORDS),
        values=values,
    )
