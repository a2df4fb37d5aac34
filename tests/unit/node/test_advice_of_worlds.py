"""From whole worlds to words: whatever analysis really shows can be told, in both languages, and proven."""

from dataclasses import replace

import pytest
from tests.unit.node.worlds import PLANTS, planted

from freehold.node.advice.drafts import advised, subjects
from freehold.node.advice.forecasts import Forecast
from freehold.node.advice.telling import told
from freehold.node.narrative.checking import problems
from freehold.node.narrative.facts import Language

SEED = 77_000_000
ZONE = "Europe/Berlin"
NAMES = {
    "account": "@mara",
    "act": "Mara's ads",
    "leads": "Summer 2026",
    "sales": "Winter 2026",
    "one": "Bowl",
    "two": "Vase",
    "three": "Cup",
}
LANGUAGES: tuple[Language, ...] = ("en", "de")
MEASURED = ("format", "posting_time", "caption", "hashtag", "creative", "ad_fatigue", "cost_per_result")
"""Kinds whose advice comes with a forecast."""
DRIVEN = {"change": ("change", "account", "reel"), "dear_place": ("cost_per_result", "act", "Summer 2026")}
"""Plants with a reason: the kind and the subject of what is told, and whom it is due to."""


@pytest.mark.parametrize("plant", PLANTS)
def test_what_a_world_shows_is_told(plant: str) -> None:
    """The planted kind leads to advice; every text of the look resolves to its evidence, and a forecast has a range.

    Where something drove it that is named.
    """
    kind, subject, driver = DRIVEN.get(plant, (plant, "", None))
    for number in range(3):
        world = planted(plant, SEED + number)
        look = world.look()
        names = {name: NAMES.get(name, name) for name in subjects(look)}
        made = advised(look, replace(world.inputs(), zone=ZONE), names, {})
        assert len(made) == len({each.topic for each in made})
        for each in made:
            for language in LANGUAGES:
                words = told(each.basis, language)
                assert (ZONE in words.text) == (each.kind == "posting_time")
                assert problems(f"{words.title}\n{words.text}", words.facts, language) == (), words
        mine = [each for each in made if each.kind == kind and subject in {each.basis.subject, ""}]
        if mine:
            break
    else:
        pytest.fail(f"three worlds led to no advice of {kind}")
    found = mine[0]
    assert found.basis.names.get("driver") == driver
    assert (found.forecast is not None) == (kind in MEASURED)
    if found.forecast is not None:
        assert found.forecast.low <= found.forecast.value <= found.forecast.high
        assert Forecast.from_json(found.forecast.as_json()) == found.forecast
        assert {"forecast", "forecast_low", "forecast_high"} <= found.basis.numbers.keys()
