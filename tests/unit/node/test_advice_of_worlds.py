"""From whole worlds to words: whatever analysis really shows can be told, in both languages, and proven."""

from datetime import UTC, datetime

import pytest
from tests.unit.node.test_planted_worlds import LAST, PERIOD, PLANTS, World, planted

from freehold.node.advice.drafts import advised, subjects
from freehold.node.advice.forecasts import Forecast
from freehold.node.advice.telling import told
from freehold.node.analysis.inputs import AdAccountRows, Inputs
from freehold.node.narrative.checking import problems
from freehold.node.narrative.facts import Language

SEED = 77_000_000
ZONE = "Europe/Berlin"
NAMES = {"account": "@mara", "campaign": "Summer 2026", "one": "Bowl", "two": "Vase", "three": "Cup"}
LANGUAGES: tuple[Language, ...] = ("en", "de")
MEASURED = ("format", "posting_time", "caption", "hashtag", "creative", "ad_fatigue", "cost_per_result")
"""Kinds whose advice comes with a forecast."""


def inputs(world: World) -> Inputs:
    """What advice takes of a look's inputs: the ads."""
    ads = {name: tuple(days) for name, days in world.ads.items()}
    account = AdAccountRows("act", "EUR", ad_sets={"ad-set": ads})
    return Inputs(PERIOD, LAST, datetime(2027, 1, 10, tzinfo=UTC), ad_accounts=(account,), zone=ZONE)


@pytest.mark.parametrize("kind", PLANTS)
def test_what_a_world_shows_is_told(kind: str) -> None:
    """The planted kind leads to advice; every text of the look resolves to its evidence, and a forecast has a range."""
    for number in range(3):
        world = planted(kind, SEED + number)
        look = world.look()
        made = advised(look, inputs(world), {name: NAMES.get(name, name) for name in subjects(look)}, {})
        assert len(made) == len({each.topic for each in made})
        for each in made:
            for language in LANGUAGES:
                words = told(each.basis, language)
                assert (ZONE in words.text) == (each.kind == "posting_time")
                assert problems(f"{words.title}\n{words.text}", words.facts, language) == (), words
        if any(each.kind == kind for each in made):
            break
    else:
        pytest.fail(f"three worlds led to no advice of {kind}")
    found = next(each for each in made if each.kind == kind)
    assert (found.forecast is not None) == (kind in MEASURED)
    if found.forecast is not None:
        assert found.forecast.low <= found.forecast.value <= found.forecast.high
        assert Forecast.from_json(found.forecast.as_json()) == found.forecast
        assert {"forecast", "forecast_low", "forecast_high"} <= found.basis.numbers.keys()
