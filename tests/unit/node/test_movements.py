"""Movements of a series over months: lines and steps, without the week, single days and gaps being taken for either."""

import math
from datetime import date, timedelta
from random import Random

import pytest

from freehold.node.analysis.findings import Answer, Finding, TooLittle
from freehold.node.analysis.inputs import Daily
from freehold.node.analysis.movements import WINDOW, movement

LAST = date(2026, 6, 30)
WEEK = (1.0, 1.2, 0.9, 1.1, 1.6, 2.0, 0.5)


def daily(level: float = 1.0, since: int = 0, growth: float = 1.0) -> dict[date, float]:
    """A year with a strong week; `level` times as much for the last `since` days, `growth` times within the window."""
    random, found = Random(3), {}  # noqa: S311
    for back in range(365):
        day = LAST - timedelta(days=back)
        usual = 1000 * WEEK[day.weekday()] * math.exp(random.gauss(0, 0.1))
        grown = math.pow(growth, max(0.0, 1 - back / (WINDOW - 1)))
        found[day] = usual * grown * (level if back < since else 1.0)
    return found


def moved(values: dict[date, float]) -> Answer:
    """What is said of it."""
    return movement(Daily("views", "account", values), LAST)


def test_a_step_is_told_with_its_day_and_both_levels() -> None:
    """Six weeks at half the level: a change point within two days of that, of about a half, with both means."""
    values = daily(level=0.5, since=42)
    found = moved(values)

    assert isinstance(found, Finding)
    assert (found.kind, found.direction) == ("change_point", "down")
    assert abs((found.first - (LAST - timedelta(days=41))).days) <= 2
    assert found.size.low < 0.5 < found.size.high
    assert found.size.value == pytest.approx(0.5, rel=0.02)
    after = [value for day, value in values.items() if day >= found.first]
    assert dict(found.evidence.numbers)["per_day_after"] == pytest.approx(sum(after) / len(after))
    assert found.chance < 1e-6


def test_a_line_is_told_by_the_week() -> None:
    """Three times as much after sixteen weeks: a trend, and what it is each week."""
    found = moved(daily(growth=3.0))

    assert isinstance(found, Finding)
    assert (found.kind, found.direction) == ("trend", "up")
    assert found.size.value == pytest.approx(3.0, rel=0.05)
    assert dict(found.evidence.numbers)["per_week"] == pytest.approx(math.pow(3.0, 7 / (WINDOW - 1)), rel=0.02)
    assert found.chance < 1e-6


@pytest.mark.parametrize("growth", [1.0, 1.15, 1 / 1.15])
def test_what_moves_slowly_is_not_told(growth: float) -> None:
    """A strong week alone, or growth of 15 % in four months, is nothing that anybody needs to hear of."""
    found = moved(daily(growth=growth))

    assert isinstance(found, Finding)
    assert found.chance > 0.2


def test_single_wild_days_are_no_movement() -> None:
    """Three days of forty times the usual, all of them late, neither bend the line nor make a step."""
    values = daily()
    for back in (3, 10, 12):
        values[LAST - timedelta(days=back)] *= 40
    found = moved(values)

    assert isinstance(found, Finding)
    assert found.chance > 0.2


def test_days_that_are_not_known_are_bridged() -> None:
    """With every fifth day missing the same step is found."""
    values = {day: value for day, value in daily(level=0.5, since=42).items() if day.toordinal() % 5}
    found = moved(values)

    assert isinstance(found, Finding)
    assert (found.kind, found.sample) == ("change_point", sum(day > LAST - timedelta(days=WINDOW) for day in values))
    assert found.size.value == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {day: value for day, value in daily().items() if day > LAST - timedelta(days=60)},
        {day: value for day, value in daily().items() if day <= LAST - timedelta(days=9)},
        dict.fromkeys(daily(), 0.0),
    ],
    ids=["nothing", "two months", "last week missing", "zeros"],
)
def test_too_little_is_said(values: dict[date, float]) -> None:
    """Too few days, too old ones, or days of nothing allow no word."""
    found = moved(values)

    assert isinstance(found, TooLittle)
    assert found.found < found.needed
