"""Reading Instagram's tables: pages without gaps, the newest of several readings, days and parts as asked for."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from freehold.kernel import migrations
from freehold.kernel.database import Database, open_database
from freehold.node.store.instagram import queries
from freehold.node.store.instagram.upserts import (
    mark_gone,
    save_instagram_insights,
    save_post_insights,
    save_posts,
    save_profile,
)
from freehold.providers.meta.instagram import Child, Insight, Post, Profile

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
EVER = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A node's database, empty."""
    opened = open_database(database_url)
    await migrations.upgrade(opened, "freehold.node")
    yield opened
    await opened.close()


def post(post_id: str, ago: timedelta, kind: str = "FEED", children: tuple[Child, ...] = ()) -> Post:
    """A post of some time ago."""
    at = NOW - ago
    return Post(post_id, f"about {post_id}", "IMAGE", kind, "https://example.com", post_id, "", at, 3, 1, children)


def lifetime(metric: str, value: float) -> Insight:
    """A value of a post."""
    return Insight(metric, "lifetime", None, value)


async def save(database: Database, *posts: Post, account: str = "a") -> None:
    """Write posts of an account."""
    async with database.writing() as session:
        await save_posts(session, account, posts, NOW)


async def read(database: Database, post_id: str, day: date, *values: Insight) -> None:
    """Write what was read of a post on a day."""
    found = [(post(post_id, timedelta()), values)]
    async with database.writing() as session:
        await save_post_insights(session, "a", "post", found, day, NOW)


async def test_pages_hold_every_post_once_newest_first(database: Database) -> None:
    """Also where several were published in the same second; stories and other accounts' posts are not among them."""
    mine = [post(f"p{number:02}", timedelta(hours=number // 3)) for number in range(20)]
    await save(database, *mine, post("s", timedelta(hours=1), "STORY"))
    await save(database, post("other", timedelta(hours=1)), account="b")

    found, after = list[str](), None
    async with database.reading() as session:
        while page := await queries.listed(session, "a", EVER, NOW, 7, after=after):
            found += [each.post_id for each in page]
            after = (page[-1].published_at, page[-1].post_id)
        stories = await queries.listed(session, "a", EVER, NOW, 7, stories=True)

    assert found == [each.post_id for each in sorted(mine, key=lambda p: (p.published_at, p.post_id), reverse=True)]
    assert [each.post_id for each in stories] == ["s"]


async def test_a_listing_keeps_to_its_time(database: Database) -> None:
    """Both ends are included."""
    await save(database, *(post(f"p{day}", timedelta(days=day)) for day in range(6)))

    async with database.reading() as session:
        found = await queries.listed(session, "a", NOW - timedelta(days=3), NOW - timedelta(days=1), 10)

    assert [each.post_id for each in found] == ["p1", "p2", "p3"]


async def test_a_post_has_its_children_and_says_that_it_is_gone(database: Database) -> None:
    """A carousel's parts come in their places; a post that is no longer listed stays, with the day."""
    children = tuple(Child(f"c{place}", "IMAGE", f"https://example.com/{place}", "") for place in range(3))
    await save(database, post("p", timedelta(days=2), children=children))
    async with database.writing() as session:
        await mark_gone(session, "a", EVER, NOW, before=NOW + timedelta(days=1), now=NOW + timedelta(days=2))

    async with database.reading() as session:
        found, inside = await queries.post(session, "p"), await queries.children(session, "p")
        nothing = await queries.post(session, "nothing")

    assert found is not None
    assert found.gone_at == NOW + timedelta(days=2)
    assert [each.child_id for each in inside] == ["c0", "c1", "c2"]
    assert nothing is None


async def test_the_newest_reading_of_each_metric_counts(database: Database) -> None:
    """A metric that was not read again keeps its last value, with the day of it; the rest is its history."""
    await save(database, post("p", timedelta(days=5)), post("q", timedelta(days=5)))
    await read(database, "p", YESTERDAY, lifetime("reach", 10), lifetime("saved", 4))
    await read(database, "p", TODAY, lifetime("reach", 12))

    async with database.reading() as session:
        latest = await queries.latest_values(session, ["p", "q"])
        history = await queries.readings(session, "p", ["reach"])
        measured = await queries.measured(session, "a", "reach", EVER, NOW)

    assert [(each.metric, each.value, each.day) for each in latest] == [("reach", 12, TODAY), ("saved", 4, YESTERDAY)]
    assert [(each.day, each.value) for each in history] == [(YESTERDAY, 10), (TODAY, 12)]
    assert [(each.post_id, each.value, each.caption) for each in measured] == [("p", 12, "about p")]


async def test_an_accounts_values_are_those_of_its_days(database: Database) -> None:
    """Days, unions that end with a day, and parts are never mixed."""
    found = [
        Insight("reach", "day", YESTERDAY, 100),
        Insight("reach", "day", TODAY, 120),
        Insight("reach", "week", TODAY, 500),
        Insight("reach", "days_30", TODAY, 40, "follow_type", "FOLLOWER"),
        Insight("reach", "days_30", TODAY, 60, "follow_type", "NON_FOLLOWER"),
    ]
    async with database.writing() as session:
        await save_instagram_insights(session, "a", ("account", "a"), found, TODAY, NOW)

    async with database.reading() as session:
        days = await queries.account_values(session, "a", ["reach"], YESTERDAY, TODAY)
        weeks = await queries.account_values(session, "a", ["reach"], YESTERDAY, TODAY, period="week")
        parts = await queries.newest_parts(session, "a", "reach", "follow_type", "days_30")

    assert [each.value for each in days] == [100, 120]
    assert [each.value for each in weeks] == [500]
    assert [(each.part, each.value, each.day) for each in parts] == [
        ("NON_FOLLOWER", 60, TODAY),
        ("FOLLOWER", 40, TODAY),
    ]


async def test_a_profile_is_as_it_was_read_last(database: Database) -> None:
    """An account that was never read is not there."""
    async with database.writing() as session:
        await save_profile(session, Profile("a", "lumen", "Lumen", "Bowls", "https://example.com", "", 90, 7, 3), NOW)

    async with database.reading() as session:
        found, nothing = await queries.account(session, "a"), await queries.account(session, "b")

    assert found is not None
    assert (found.username, found.biography, found.followers, found.read_at) == ("lumen", "Bowls", 90, NOW)
    assert nothing is None
