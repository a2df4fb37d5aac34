"""Recommendations in the store: each topic once while it stands, what people decide, and what was measured."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from freehold.kernel import migrations
from freehold.kernel.database import Database, open_database
from freehold.node.store.recommendations import queries, upserts
from freehold.node.store.recommendations.queries import Recommendation, Status
from freehold.node.store.recommendations.tables import ai_recommendations

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=35)
PASSING = ("spike",)
REELS = Recommendation(
    recommendation_id="one",
    topic="reels",
    kind="format",
    account_id="17841",
    title="Post more reels",
    text="Reels reach 1,400 people, other posts 900.",
    action="Post more reels.",
    why="Reels reach 1,400 people, other posts 900.",
    language="en",
    worded_by="template",
    confidence="high",
    effort="low",
    first_day=date(2026, 2, 1),
    last_day=date(2026, 2, 28),
    evidence={"numbers": {"usual": 1400, "usual_of_others": 900}},
    forecast={"value": 1.56},
    made_at=NOW,
    found_at=NOW,
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A node's database, empty."""
    opened = open_database(database_url)
    await migrations.upgrade(opened, "freehold.node")
    yield opened
    await opened.close()


async def add(database: Database, *made: Recommendation, found_since: datetime = LONG_AGO) -> int:
    """Write some; gives how many were written."""
    async with database.writing() as session:
        return len(await upserts.add(session, made, found_since, PASSING))


async def decide(database: Database, recommendation_id: str, status: Status, at: datetime = NOW) -> bool:
    """Give one a status."""
    async with database.writing() as session:
        return await upserts.change_status(session, recommendation_id, status, "mara", at)


async def found(database: Database, recommendation_id: str = "one") -> Recommendation:
    """One that is there."""
    async with database.reading() as session:
        kept = await queries.find(session, recommendation_id)
    assert kept is not None
    return kept


async def test_what_is_written_is_read_as_it_was(database: Database) -> None:
    """Days, instants, evidence and forecast come back; without a forecast there is none."""
    bare = replace(REELS, recommendation_id="two", topic="other", forecast=None)
    assert await add(database, REELS, bare) == 2
    assert await found(database) == REELS
    assert await found(database, "two") == bare


async def test_advice_that_stands_is_not_made_again(database: Database) -> None:
    """Neither beside a new nor beside an accepted one; it is found again instead."""
    await add(database, REELS)
    later = NOW + timedelta(days=7)
    again = replace(REELS, recommendation_id="two", made_at=later, found_at=later)
    assert await add(database, again) == 0
    assert await decide(database, "one", "accepted")
    assert await add(database, again) == 0
    async with database.writing() as session:
        await upserts.found_again(session, ["reels"], later)
    assert (await found(database)).found_at == later


async def test_the_database_keeps_a_second_one_out(database: Database) -> None:
    """Two processes that look at the same moment make one; the same topic within one look, too."""
    rivals = [replace(REELS, recommendation_id=f"{number}") for number in range(4)]
    written = await asyncio.gather(*(add(database, each, each) for each in rivals))
    assert sum(written) == 1


async def test_dismissed_advice_stays_quiet(database: Database) -> None:
    """However often it is found, until somebody takes it up again."""
    await add(database, REELS)
    await decide(database, "one", "dismissed")
    assert await add(database, replace(REELS, recommendation_id="two"), found_since=NOW + timedelta(days=999)) == 0
    assert await decide(database, "one", "new")
    assert (await found(database)).status == "new"


async def test_what_passes_is_told_again_when_it_comes_back(database: Database) -> None:
    """A dismissed spike is quiet as long as looks go on finding it, and may be a new one once they have not."""
    spike = replace(REELS, kind="spike")
    await add(database, spike)
    await decide(database, "one", "dismissed")
    again = replace(spike, recommendation_id="two")
    assert await add(database, again) == 0
    assert await add(database, again, found_since=NOW + timedelta(days=1)) == 1


async def test_what_was_done_is_quiet_while_it_is_found(database: Database) -> None:
    """Later it may be advised anew, and the old one cannot stand beside the new one."""
    await add(database, REELS)
    await decide(database, "one", "done")
    later = NOW + timedelta(days=40)
    async with database.writing() as session:
        await upserts.found_again(session, ["reels"], later)
    assert await add(database, replace(REELS, recommendation_id="two"), found_since=later - timedelta(days=35)) == 0
    assert await add(database, replace(REELS, recommendation_id="two"), found_since=later + timedelta(days=1)) == 1
    assert not await decide(database, "one", "accepted")
    assert (await found(database)).status == "done"


async def test_it_is_followed_from_the_first_acceptance(database: Database) -> None:
    """Having done what was accepted moves nothing; taking it back does."""
    await add(database, REELS)
    await decide(database, "one", "accepted", NOW)
    await decide(database, "one", "done", NOW + timedelta(days=3))
    kept = await found(database)
    assert (kept.status, kept.acted_at, kept.changed_at) == ("done", NOW, NOW + timedelta(days=3))
    assert kept.changed_by == "mara"
    await decide(database, "one", "new")
    assert (await found(database)).acted_at is None


async def test_what_was_dismissed_after_all_is_not_followed(database: Database) -> None:
    """Accepted, then dismissed: nobody does it, so that its forecast is never measured."""
    await add(database, REELS)
    await decide(database, "one", "accepted", NOW)
    await decide(database, "one", "dismissed", NOW + timedelta(days=1))
    async with database.reading() as session:
        assert await queries.to_measure(session, NOW + timedelta(days=99)) == []
        assert await queries.counts(session) == {"dismissed": 1, "waiting": 0}


async def test_only_what_nobody_has_decided_on_is_told_anew(database: Database) -> None:
    """The same recommendation has the words and the evidence of the newer look; an accepted one keeps its own."""
    await add(database, REELS)
    later = NOW + timedelta(days=7)
    newer = replace(REELS, recommendation_id="two", text="Now 1,900.", evidence={"a": 1}, made_at=later, found_at=later)
    async with database.writing() as session:
        await upserts.renew(session, [newer])
    renewed = await found(database)
    assert renewed == replace(newer, recommendation_id="one", made_at=NOW)
    await decide(database, "one", "accepted", later)
    async with database.writing() as session:
        await upserts.renew(session, [REELS])
    assert (await found(database)).text == "Now 1,900."


async def test_what_the_opposite_has_closed_may_come_back(database: Database) -> None:
    """The node dismisses what is undecided; what is followed is done and still measured. New ones are made at once."""
    await add(database, REELS, replace(REELS, recommendation_id="two", topic="budget"))
    await decide(database, "two", "accepted", NOW)
    async with database.writing() as session:
        await upserts.close(session, ["reels", "budget"], NOW)
    first, second = await found(database), await found(database, "two")
    assert (first.status, first.changed_by) == ("dismissed", "")
    assert (second.status, second.acted_at) == ("done", NOW)
    back = [replace(REELS, recommendation_id=f"back {topic}", topic=topic) for topic in ("reels", "budget")]
    assert await add(database, *back) == 2


async def test_a_status_of_nothing_changes_nothing(database: Database) -> None:
    """An id that there is not is told apart."""
    assert not await decide(database, "one", "accepted")


async def test_what_is_followed_is_measured_once(database: Database) -> None:
    """When it has been followed for long enough; what nobody follows, or has no forecast, never."""
    await add(database, REELS, *(replace(REELS, recommendation_id=each, topic=each) for each in ("new", "bare")))
    await add(database, replace(REELS, recommendation_id="without", topic="without", forecast=None))
    for each in ("one", "without"):
        await decide(database, each, "accepted")
    async with database.writing() as session:
        assert await queries.to_measure(session, NOW) == []
        due = await queries.to_measure(session, NOW + timedelta(days=1))
        assert [each.recommendation_id for each in due] == ["one"]
        assert (await queries.counts(session))["waiting"] == 1
        assert await upserts.write_outcome(session, "one", {"value": 1.2}, NOW)
        assert not await upserts.write_outcome(session, "one", {"value": 9.9}, NOW)
        assert await queries.to_measure(session, NOW + timedelta(days=1)) == []
        assert [each.outcome for each in await queries.measured(session)] == [{"value": 1.2}]
        assert await queries.counts(session) == {"accepted": 2, "new": 2, "waiting": 0}


async def test_a_list_is_of_some_assets_and_statuses(database: Database) -> None:
    """The newest first; what is about no asset has an empty one; notes of people come along."""
    other = replace(REELS, recommendation_id="two", topic="t", account_id="99", made_at=NOW + timedelta(days=1))
    rivals = replace(REELS, recommendation_id="three", topic="r", account_id="", found_at=LONG_AGO)
    await add(database, REELS, other, rivals)
    async with database.writing() as session:
        await session.execute(update(ai_recommendations).values(note="mine"))
        every = await queries.listed(session)
        mine = await queries.listed(session, account_ids=["17841", ""])
        lately = await queries.listed(session, statuses=["new"], found_since=NOW, limit=5)
        none = await queries.listed(session, statuses=["done"])
    assert {each.note for each in every} == {"mine"}
    assert every[0].recommendation_id == "two"
    assert {each.recommendation_id for each in mine} == {"one", "three"}
    assert {each.recommendation_id for each in lately} == {"one", "two"}
    assert none == []
