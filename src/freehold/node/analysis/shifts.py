"""Whether a daily series moved from one window to the next, by more than such a series moves by itself.

Days are alike their neighbours: a good week is not seven witnesses. A test that takes them for independent finds
something in every third account in which nothing happened.
"""

import itertools
import math
from collections.abc import Sequence
from statistics import fmean

from freehold.node.analysis.ranks import ranks_of

ENOUGH_DAYS = 14
"""Below so many days in either window it cannot be told how alike neighbours are."""
CAUTION = 3.0
"""How far, in the bias that short series have, likeness is put above what was measured of it. Found by simulation: the
rate of false alarms stays below one in twenty for series of 14 days and more whose neighbours are alike up to 0.8."""
MOST_ALIKE = 0.95
STEPS = 400


def shift_chance(before: Sequence[float], after: Sequence[float]) -> float | None:
    """How probable so large a difference between two windows is, two-sided, if nothing happened; None for few days.

    By the mean ranks, as series of the first order: the likeness of neighbours widens the error and leaves fewer
    degrees of freedom.
    """
    if min(len(before), len(after)) < ENOUGH_DAYS:
        return None
    ranks = ranks_of([*before, *after])
    sides = [[ranks[value] for value in window] for window in (before, after)]
    middles = [fmean(side) for side in sides]
    rests = [[rank - middle for rank in side] for side, middle in zip(sides, middles, strict=True)]
    spread = sum(rest * rest for side in rests for rest in side)
    if spread == 0:
        return 1.0 if middles[0] == middles[1] else 0.0
    alike = _likeness(rests, spread)
    widened = [_widening(len(side), alike) for side in sides]
    variance = spread / sum(len(side) - wide for side, wide in zip(sides, widened, strict=True))
    error = math.sqrt(variance * sum(wide / len(side) for side, wide in zip(sides, widened, strict=True)))
    freedom = max(1.0, sum(len(side) / wide for side, wide in zip(sides, widened, strict=True)) - 2)
    return _tail(abs(middles[1] - middles[0]) / error, freedom)


def _likeness(rests: Sequence[Sequence[float]], spread: float) -> float:
    """How alike neighbours are, 0 to `MOST_ALIKE`: short series look less alike than they are."""
    measured = sum(one * other for side in rests for one, other in itertools.pairwise(side)) / spread
    shortest = min(len(side) for side in rests)
    return min(MOST_ALIKE, max(0.0, measured + CAUTION * (1 + 3 * measured) / shortest))


def _widening(size: int, alike: float) -> float:
    """How many times the variance of a mean of `size` days is that of as many independent ones."""
    return 1 + 2 * sum((1 - lag / size) * alike**lag for lag in range(1, size))


def _tail(distance: float, freedom: float) -> float:
    """What of Student's distribution lies further out than `distance`, on both sides (by Simpson's rule).

    In the angle whose tangent is `distance` over the root of `freedom` its density is a power of the cosine.
    """
    begin = math.atan(distance / math.sqrt(freedom))
    return min(1.0, _area(begin, freedom) / _area(0.0, freedom))


def _area(begin: float, freedom: float) -> float:
    step = (math.pi / 2 - begin) / STEPS
    heights = [math.pow(max(0.0, math.cos(begin + place * step)), freedom - 1) for place in range(STEPS + 1)]
    return step / 3 * (heights[0] + heights[-1] + 4 * sum(heights[1:-1:2]) + 2 * sum(heights[2:-1:2]))
