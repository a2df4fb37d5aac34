"""What reports tell of recommendations: those that stand, in the report's own language."""

from datetime import timedelta

from tests.integration.node.conftest import Stage

from freehold.node.advice.deciding import decide
from freehold.node.advice.recommend import recommend
from freehold.node.advice.standing import STILL_FOUND, Standing, standing
from freehold.node.narrative.facts import Language


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
