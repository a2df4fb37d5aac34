"""Cost per result against its own history: what is said, and when nothing is."""

import math
from datetime import date, timedelta

import pytest

from freehold.node.analysis.costs import cost_per_result
from freehold.node.analysis.findings import Finding, TooLittle
from freehold.node.analysis.inputs import CostDay

FIRST = date(2026, 1, 1)
PERIOD = FIRST + timedelta(days=72)
LAST = FIRST + timedelta(days=99)


def days(*, dearer: float = 1.5, scale: int = 1, results: int = 20) -> list[CostDay]:
    """A hundred days of about 20 results, whose cost rises in the last four weeks."""
    found = []
    for place in range(100):
        day = FIRST + timedelta(days=place)
        cost = 500 * (dearer if day >= PERIOD else 1.0)
        count = results + (place * 7) % 5
        found.append(CostDay(day, scale * round(cost * (count + 0.5) * (1 + (place * 3) % 7 / 50)), count))
    return found


def test_a_dearer_period_is_told_with_its_size() -> None:
    """Half as much again: the direction, the ratio within its range, and sums from which it can be computed."""
    found = cost_per_result("campaign", days(), PERIOD, LAST)

    assert isinstance(found, Finding)
    assert (found.direction, found.first, found.last, found.sample) == ("up", PERIOD, LAST, 28)
    assert found.size.low < 1.5 < found.size.high
    assert found.size.value == pytest.approx(1.5, rel=0.02)
    assert found.chance < 1e-6
    assert dict(found.evidence.numbers)["results"] == sum(each.results for each in days()[72:])


def test_the_unit_of_money_and_the_order_of_days_do_not_matter() -> None:
    """Cents or thousands, forwards or backwards: the same ratio and chance."""
    one = cost_per_result("campaign", days(), PERIOD, LAST)
    other = cost_per_result("campaign", days(scale=1000)[::-1], PERIOD, LAST)

    assert isinstance(one, Finding)
    assert isinstance(other, Finding)
    assert other.size.value == pytest.approx(one.size.value, rel=1e-3)
    assert other.chance == pytest.approx(one.chance, rel=0.1)


def test_a_period_of_little_money_is_less_sure() -> None:
    """With a tenth of the money each day's results stray further by their number alone: the range says so."""
    rich, poor = (
        cost_per_result("campaign", [*days(results=100)[:72], *days(results=each)[72:]], PERIOD, LAST)
        for each in (100, 10)
    )

    assert isinstance(rich, Finding)
    assert isinstance(poor, Finding)
    assert math.log(poor.size.high / poor.size.low) > 2 * math.log(rich.size.high / rich.size.low)


@pytest.mark.parametrize(
    ("given", "of"),
    [(days()[30:], "earlier days"), (days()[:80], "days"), (days(results=0), "results a day")],
)
def test_too_little_is_said(given: list[CostDay], of: str) -> None:
    """A short history, a short period or a few results a day allow no word."""
    found = cost_per_result("campaign", given, PERIOD, LAST)

    assert isinstance(found, TooLittle)
    assert found.of == of
