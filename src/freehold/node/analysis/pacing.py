"""Whether a budget will be spent by its last day, if the days to come are as the last ones were."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from freehold.node.analysis.findings import Answer, Direction, Evidence, Fact, Query, TooLittle
from freehold.node.analysis.ranks import median_of
from freehold.node.analysis.results import MINIMUM

RECENT = 14
SLACK = 0.05
"""So much of the budget may be left or be missing at the end before anything is said."""


@dataclass(frozen=True)
class Budget:
    """What `subject` may spend from `first` to `last`, in minor units of `currency`."""

    subject: str
    amount: int
    currency: str
    first: date
    last: date


@dataclass(frozen=True)
class Pace:
    """What will have been spent by the last day, with the range of the usual day; minor units of its currency.

    `verdict` is `on_pace` as long as the range touches the budget, give or take `SLACK`.
    """

    budget: Budget
    spent: int
    expected: int
    low: int
    high: int
    days: int
    verdict: Literal["under", "on_pace", "over"]


def pace(budget: Budget, spend: Mapping[date, int], today: date) -> Pace | TooLittle:
    """The projection on the morning of `today`, from the median of the last `RECENT` days within the budget's time.

    `spend` is by day of the account. A day that is not in it is not known: what was spent is not either, so all of the
    budget's days that are over have to be there, and `MINIMUM` of them among the last ones.
    """
    over = (min(today - timedelta(days=1), budget.last) - budget.first).days + 1
    inside = {day: amount for day, amount in spend.items() if budget.first <= day < today and day <= budget.last}
    if len(inside) < over:
        return TooLittle("pacing", budget.subject, over, len(inside), "days of the budget")
    recent = [amount for day, amount in inside.items() if day >= today - timedelta(days=RECENT)]
    if len(recent) < MINIMUM:
        return TooLittle("pacing", budget.subject, MINIMUM, len(recent), "days")
    usual, spent = median_of(recent), sum(inside.values())
    left = max(0, (budget.last - max(today, budget.first)).days + 1)
    assert usual.low is not None
    assert usual.high is not None
    ends = [round(spent + left * each) for each in (usual.value, usual.low, usual.high)]
    return Pace(budget, spent, ends[0], ends[1], ends[2], len(recent), _verdict(budget.amount, ends[1], ends[2]))


def budget_facts(budget: Budget, spend: Mapping[date, int], today: date) -> list[Answer]:
    """The projection as a fact where the budget will be missed; nothing where it is on pace or its time is over."""
    if not budget.first < today <= budget.last:
        return []
    found = pace(budget, spend, today)
    if isinstance(found, TooLittle):
        return [found]
    if found.verdict == "on_pace":
        return []
    amounts = {"budget": budget.amount, "spent": found.spent, "expected": found.expected}
    numbers = amounts | {"expected_low": found.low, "expected_high": found.high}
    query = Query("spend", (), (("subject", budget.subject),), budget.first, today - timedelta(days=1), "day")
    evidence = Evidence(query, len(spend), tuple((name, float(amount)) for name, amount in numbers.items()))
    direction: Direction = "up" if found.verdict == "over" else "down"
    return [Fact("pacing", budget.subject, budget.first, budget.last, direction, found.days, evidence)]


def _verdict(amount: int, low: int, high: int) -> Literal["under", "on_pace", "over"]:
    if high < amount * (1 - SLACK):
        return "under"
    return "over" if low > amount * (1 + SLACK) else "on_pace"
