"""What reports tell of recommendations: those that stand, in the report's own language."""

from dataclasses import replace
from datetime import timedelta

from tests.integration.node.conftest import Stage

from freehold.node.advice.deciding import decide
from freehold.node.advice.recommend import PASSING, recommend
from freehold.node.advice.standing import STILL_FOUND, Standing, standing
from freehold.node.narrative.facts import Language
from freehold.node.store.recommendations import upserts


async def told(world: Stage, language: Language, limit: int = 20) -> list[Standing]:
    """What a report would tell now."""
    async with world.node.database.reading() as session:
        return await standing(session, language, world.clock.now(), limit)


async def test_a_german_report_advises_in_german(world: Stage) -> None:
    """Although the node speaks English: the same advice, told again from its evidence."""
    made = (await recommend(world.node)).made
    english, german = await told(world, "en"), await told(world, "de")
    assert {(each.title, each.text) for each in english} == {(each.title, each.text) for each in made}
    assert len(german) == len(english)
    assert "Mehr Reels posten" in {each.title for each in german}
    assert len(await told(world, "en", limit=2)) == 2


async def test_a_short_report_advises_on_different_things(stored_world: Stage) -> None:
    """One of each kind comes before a second of any."""
    node = stored_world.node
    made = (await recommend(node)).made
    (ad,) = [each for each in made if each.kind == "creative"]
    alike = [replace(ad, recommendation_id=f"0{n}", topic=f"t{n}", title=f"Another ad, {n}") for n in range(5)]
    async with node.database.writing() as session:
        await upserts.add(session, alike, node.clock.now(), PASSING)
    kinds = {each.title: each.kind for each in (*made, *alike)}
    few = await told(stored_world, "en", limit=len({each.kind for each in made}))
    assert {kinds[each.title] for each in few} == {each.kind for each in made}


async def test_what_is_over_or_decided_is_not_told(world: Stage) -> None:
    """Dismissed and done ones, and what no look has found for weeks; accepted ones still stand."""
    first, second, third, *_ = (await recommend(world.node)).made
    await decide(world.node, first.recommendation_id, "dismiss", "mara")
    await decide(world.node, second.recommendation_id, "done", "mara")
    await decide(world.node, third.recommendation_id, "accept", "mara")
    titles = {each.title for each in await told(world, "en")}
    assert not titles & {first.title, second.title}
    assert third.title in titles
    world.clock.advance(STILL_FOUND + timedelta(hours=1))
    assert await told(world, "en") == []
