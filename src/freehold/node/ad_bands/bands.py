"""What is usual, and whether today is outside it: pure arithmetic over days that are stored.

A band is the median of the days before, give or take three times their typical distance from it (the median absolute
deviation, scaled to a standard deviation) and at least half of the median: Meta itself may spend three quarters more
than a daily budget on one day, and conversions of the last days still arrive.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

State = Literal["within", "above", "below", "unknown"]

DEVIATIONS = 3.0
TO_STANDARD_DEVIATION = 1.4826
"""What makes a median absolute deviation comparable to a standard deviation."""
LEAST_WIDTH = 0.5
"""Share of the median that a band reaches to both sides at least."""
LEAST_DAYS = 5
"""Fewer days say nothing about what is usual."""
LATE = 0.75
"""Share of a day after which too little spend can be told from a slow morning."""
SLOW = 0.5
"""Share of the band's low end that is spent by then on any usual day."""
FEW_RESULTS = 5
"""With fewer results, a low cost for each is luck."""


@dataclass(frozen=True)
class Band:
    """What is usual of a day: the median, and the ends beyond which a day is not usual any more."""

    usual: float
    low: float
    high: float


def band_of(values: Sequence[float]) -> Band | None:
    """The band of the days' values; None where there are too few, or nothing at all is usual."""
    if len(values) < LEAST_DAYS:
        return None
    usual = median(values)
    if usual <= 0:
        return None
    spread = median(abs(value - usual) for value in values) * TO_STANDARD_DEVIATION * DEVIATIONS
    width = max(spread, LEAST_WIDTH * usual)
    return Band(usual, max(0.0, usual - width), usual + width)


def judge_spend(spend: int, elapsed: float, band: Band | None) -> State:
    """Whether what today has cost so far is usual; `elapsed` is the share of the day that is over.

    Too much is told as soon as a whole usual day's is passed, too little only late in the day.
    """
    if band is None:
        return "unknown"
    if spend > band.high:
        return "above"
    return "below" if elapsed >= LATE and spend < SLOW * band.low else "within"


def judge_cost(spend: int, results: int, band: Band | None) -> State:
    """Whether a result costs what it usually does.

    Too much is judged as if one more result came now, so that a morning without results is no alarm before it has cost
    more than one usually does.
    """
    if band is None:
        return "unknown"
    if spend / (results + 1) > band.high:
        return "above"
    return "below" if results >= FEW_RESULTS and spend / results < band.low else "within"
