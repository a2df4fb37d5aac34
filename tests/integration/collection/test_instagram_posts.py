"""Posts, run after run: all are known once, few calls find what is due, and what is gone is not looked for."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import oracle
from tests.integration.collection.checks import check_instagram, connected, coverage, rows, source
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.meta_sandbox import CERAMICS, MARA, NOW, MetaSandbox

from freehold.node.collection import instagram
from freehold.node.collection.collect import read_streams
from freehold.node.collection.posts import read_posts
from freehold.node.collection.source import window
from freehold.node.collection.stories import read_stories
from freehold.node.governor.tables import api_calls
from freehold.node.store import tables
from freehold.providers.calls import Throttled
from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.meta.world.instagram_posts import Post
from freehold.sandbox.meta.world.people import instagram_id, page_id

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NO_CEILING = {"ceiling_per_hour": 100_000, "app_share_per_user": 100_000}
BOOKS = instagram_id(5)


async def read(opened: OpenNode, meta: MetaSandbox) -> int:
    """Read the posts once; gives what it cost."""
    before = sum(meta.sandbox.calls.values())
    await read_posts(source(opened, CERAMICS), window(meta.clock.now(), 3))
    return sum(meta.sandbox.calls.values()) - before


async def test_every_number_of_two_thousand_posts(make_node: MakeNode, serve: Serve) -> None:
    """Of all kinds, with their children and stories, beside ninety days of the account; posts for 60 calls at most."""
    meta = await meta_sandbox.start(serve, scale={1: {"posts": 2_000}})
    opened = await connected(make_node, meta, **NO_CEILING)
    await read_streams(source(opened, CERAMICS), window(NOW, 90), instagram.STREAMS)
    await check_instagram(opened, meta)
    assert sum(count for (_, _, path), count in meta.sandbox.calls.items() if path.endswith("/media")) <= 60


async def test_the_post_before_which_there_are_no_insights(make_node: MakeNode, serve: Serve) -> None:
    """It is looked for once, by halves of its page, and remembered: no later page that holds it is refused."""
    meta = await meta_sandbox.start(serve, scale={1: {"posts": 100}})
    opened = await connected(make_node, meta, **NO_CEILING)
    assert await read(opened, meta) <= 2 + 6 + 1
    (feed,) = await rows(opened, tables.instagram_feeds)
    truth = oracle.feed_of(meta.sandbox, CERAMICS)
    personal = [post.at for post in oracle.published(truth, NOW) if post.at < truth.professional_since]
    assert (feed["whole"], feed["listed_at"]) == (True, NOW)
    assert feed["personal_until"].timestamp() == max(personal)
    meta.clock.advance(31 * DAY)
    assert await read(opened, meta) <= 4
    calls = await rows(opened, api_calls)
    assert not [call for call in calls if call["outcome"] == "rejected" and call["at"] > NOW]


async def test_what_is_due_again_costs_few_pages(make_node: MakeNode, serve: Serve) -> None:
    """A day later one page holds it, a week later hardly more than there are posts of a year to fill pages."""
    meta = await meta_sandbox.start(serve, scale={1: {"posts": 400}})
    opened = await connected(make_node, meta, **NO_CEILING)
    await read(opened, meta)
    meta.clock.advance(DAY)
    assert await read(opened, meta) == 1
    meta.clock.advance(6 * DAY)
    due = sum(
        DAY * 30 < meta.clock.now() - row["published_at"] < DAY * 365
        for row in await rows(opened, tables.instagram_posts)
    )
    assert due > 50
    assert await read(opened, meta) <= due // 50 + 2


async def test_a_run_goes_on_where_an_earlier_one_stopped(make_node: MakeNode, serve: Serve) -> None:
    """A throttle in the middle of the list: what was read is not read again, and all is known in the end."""
    meta = await meta_sandbox.start(serve, scale={1: {"posts": 400, "always_professional": True}})
    opened = await connected(make_node, meta, **NO_CEILING)
    meta.fault("error", path="/media", skip=3, code=4, status=403)
    with pytest.raises(Throttled):
        await read(opened, meta)
    assert len(await rows(opened, tables.instagram_posts)) == 150
    meta.clock.advance(HOUR / 2)
    assert await read(opened, meta) <= 8
    published = oracle.published(oracle.feed_of(meta.sandbox, CERAMICS), meta.clock.now())
    assert {row["post_id"] for row in await rows(opened, tables.instagram_posts)} == set(map(media_id, published))


async def test_a_post_that_is_no_longer_listed_is_gone(make_node: MakeNode, meta: MetaSandbox) -> None:
    """It is marked, its numbers stay, and it is not due any more."""
    opened = await connected(make_node, meta, **NO_CEILING)
    await read(opened, meta)
    posts = sorted(await rows(opened, tables.instagram_posts), key=lambda row: row["published_at"])
    deleted: dict[str, Any] = posts[-3] | {
        "post_id": "1",
        "published_at": posts[-3]["published_at"] + timedelta(minutes=1),
    }
    async with opened.node.database.writing() as session:
        await session.execute(insert(tables.instagram_posts).values(deleted))
    meta.clock.advance(DAY)
    await read(opened, meta)
    gone = {row["post_id"]: row["gone_at"] for row in await rows(opened, tables.instagram_posts) if row["gone_at"]}
    assert gone == {"1": meta.clock.now()}


async def test_a_post_that_is_gone_costs_one_call(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Also where it was the newest of all, or is alone in what is due."""
    opened = await connected(make_node, meta, **NO_CEILING)
    await read(opened, meta)
    posts = sorted(await rows(opened, tables.instagram_posts), key=lambda row: row["published_at"])
    (old, *_) = [post for post in posts if post["published_at"] > NOW - 300 * DAY]
    long_ago = {"read_at": NOW - 60 * DAY, "insights_read_at": NOW - 60 * DAY}
    deleted: list[dict[str, Any]] = [
        post | long_ago | {"post_id": name, "published_at": post["published_at"] + timedelta(seconds=90)}
        for name, post in (("1", posts[-1]), ("2", old))
    ]
    async with opened.node.database.writing() as session:
        await session.execute(insert(tables.instagram_posts).values(deleted))
    meta.clock.advance(DAY)
    await read(opened, meta)
    gone = {row["post_id"] for row in await rows(opened, tables.instagram_posts) if row["gone_at"]}
    assert gone == {"1", "2"}


async def test_stories_are_read_every_hour_until_they_end(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A call an hour for stories and the posts of the last day; of each what it had in its last hour."""
    opened = await connected(make_node, meta, **NO_CEILING)
    feed = oracle.feed_of(meta.sandbox, CERAMICS)
    seen: dict[str, Post] = {}
    young: dict[str, Post] = {}
    for _ in range(48):
        now = meta.clock.now()
        await read_stories(source(opened, CERAMICS), window(now, 1))
        seen |= {media_id(post): post for post in oracle.stories(feed, now)}
        since = (now - DAY).timestamp()
        young |= {media_id(post): post for post in oracle.published(feed, now) if post.at >= since}
        meta.clock.advance(HOUR)
    ended = [post for post in seen.values() if post.at < meta.clock.now().timestamp() - 25 * 3600]
    stored = {row["post_id"]: row for row in await rows(opened, tables.instagram_posts)}
    assert stored.keys() == seen.keys() | young.keys()
    assert ended
    assert young
    for post in [*ended, *(post for post in young.values() if post.at < meta.clock.now().timestamp() - 25 * 3600)]:
        assert stored[media_id(post)]["insights_read_at"].timestamp() >= post.at + 23 * 3600
    assert sum(meta.sandbox.calls.values()) <= 48 + 3 * len(seen)


async def test_stories_with_few_viewers_leave_the_others_alone(make_node: MakeNode, meta: MetaSandbox) -> None:
    """They are told to have no insights, by Meta's rules, and are asked for again as long as they are live."""
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock, **NO_CEILING)
    assert await opened.deliver(grant_of(meta, "rosa", MARA, frozenset({page_id(5), BOOKS}))) == 201
    feed, few = oracle.feed_of(meta.sandbox, BOOKS), set()
    for _ in range(60):
        now = meta.clock.now()
        await read_stories(source(opened, BOOKS), window(now, 1))
        states = {key: state for key, state in (await coverage(opened)).items() if key[2] == window(now, 1).today}
        live = {media_id(post) for post in oracle.stories(feed, now)}
        counted = {key[0] for key in oracle.story_insights(feed, window(now, 1).today, now)}
        assert {key[0] for key, state in states.items() if state == "complete"} >= counted
        few |= {key[0] for key, state in states.items() if state == "empty" and key[0] in live}
        meta.clock.advance(3 * HOUR)
    assert few
    assert "missing" not in (await coverage(opened)).values()
