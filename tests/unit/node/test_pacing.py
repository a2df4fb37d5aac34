"""Budgets: where they will end, and what is said when too few days are known."""

from datetime import date, timedelta

import pytest

from freehold.node.analysis.findings import TooLittle
from freehold.node.analysis.pacing import Budget, Pace, pace

FIRST = date(2026, 6, 1)
TODAY = date(2026, 6, 16)


def paced(amount: int, daily: int = 1000) -> Pace:
    """A month's budget half-way, with about the same spent each day."""
    spend = {FIRST + timedelta(days=each): daily + each % 3 for each in range(15)}
    found = pace(Budget("campaign", amount, "EUR", FIRST, date(2026, 6, 30)), spend, TODAY)
    assert isinstance(found, Pace)
    return found


@pytest.mark.parametrize(("amount", "verdict"), [(20_000, "over"), (30_000, "on_pace"), (40_000, "under")])
def test_a_budget_is_compared_with_where_it_ends(amount: int, verdict: str) -> None:
    """Fifteen days of 1001 and fifteen to come make 30030, more, as much or less than the budget."""
    found = paced(amount)

    assert (found.spent, found.expected, found.verdict) == (15_015, 30_030, verdict)
    assert found.low <= found.expected <= found.high


def test_a_day_that_is_not_over_and_days_outside_do_not_count() -> None:
    """Today's spend is not whole, and last month's belongs to another budget."""
    budget = Budget("campaign", 30_000, "EUR", FIRST, date(2026, 6, 30))
    spend = {FIRST + timedelta(days=each): 1000 for each in range(15)}
    more = {**spend, TODAY: 77, FIRST - timedelta(days=1): 9_000_000}

    assert pace(budget, more, TODAY) == pace(budget, spend, TODAY)


def test_after_the_last_day_nothing_more_is_expected() -> None:
    """What was spent is what it ends at."""
    spend = {FIRST + timedelta(days=each): 1000 for each in range(30)}
    found = pace(Budget("campaign", 30_000, "EUR", FIRST, date(2026, 6, 30)), spend, date(2026, 7, 1))

    assert isinstance(found, Pace)
    assert found.expected == found.low == found.high == 30_000


def test_too_few_days_are_said() -> None:
    """Three days do not make a pace."""
    spend = {FIRST + timedelta(days=each): 1000 for each in range(3)}
    found = pace(Budget("campaign", 1, "EUR", FIRST, date(2026, 6, 30)), spend, FIRST + timedelta(days=3))

    assert found == TooLittle("pacing", "campaign", 8, 3, "days")


@pytest.mark.parametrize("unknown", [0, 7])
def test_a_day_that_is_not_known_is_not_a_day_without_spend(unknown: int) -> None:
    """What was spent so far is not known either, and nothing is said of where the budget ends."""
    spend = {FIRST + timedelta(days=each): 1000 for each in range(15) if each != unknown}
    found = pace(Budget("campaign", 30_000, "EUR", FIRST, date(2026, 6, 30)), spend, TODAY)

    assert found == TooLittle("pacing", "campaign", 15, 14, "days of the budget")
