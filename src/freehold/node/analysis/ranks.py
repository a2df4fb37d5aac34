"""Statistics of ranks, which a single viral post cannot sway: medians, their intervals, comparisons of two groups.

Nothing here supposes that results are distributed in any particular way, only that one post's says nothing about
another's.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

CONFIDENCE = 0.95
NEGLIGIBLE = 10


@dataclass(frozen=True)
class Median:
    """The median of a sample, and an interval that holds the true one with at least `confidence`.

    The interval lies between two values of the sample; a sample too small for the confidence has none.
    """

    value: float
    low: float | None
    high: float | None
    confidence: float
    size: int


def median_of(values: Sequence[float], confidence: float = CONFIDENCE) -> Median:
    """The median of at least one value, with the narrowest symmetric interval of order statistics."""
    ordered = sorted(values)
    size = len(ordered)
    depth = _depth(size, 1 - confidence)
    if depth == 0:
        return Median(median(ordered), None, None, confidence, size)
    return Median(median(ordered), ordered[depth - 1], ordered[size - depth], confidence, size)


def _depth(size: int, doubt: float) -> int:
    """The largest d for which the d-th values from both ends enclose the median but for `doubt`; 0 where none does.

    The number of values below the true median is binomial with one half, whatever they are distributed like. What lies
    further than `NEGLIGIBLE` standard deviations from the middle is left out: it is less than one in 10^22.
    """
    depth, below = max(0, math.floor(size / 2 - NEGLIGIBLE * math.sqrt(size) / 2)), 0.0
    while depth < size // 2:
        below += math.exp(_log_chance(size, depth))
        if 2 * below > doubt:
            break
        depth += 1
    return depth


def _log_chance(size: int, count: int) -> float:
    """The logarithm of the chance that of `size` fair coins `count` show heads."""
    return math.lgamma(size + 1) - math.lgamma(count + 1) - math.lgamma(size - count + 1) - size * math.log(2)


@dataclass(frozen=True)
class RankSum:
    """Two groups by their ranks: how probable so large a difference is where there is none, and how often one wins.

    `beats` is how often a value of the first is above one of the second, ties counting half: 0.5 is no difference.
    """

    chance: float
    beats: float


def rank_sum(some: Sequence[float], others: Sequence[float]) -> RankSum:
    """The test of Mann and Whitney, two-sided, with the effect that it is a test of.

    By the normal approximation with ties and continuity corrected, which serves from about eight values each. A chance
    of 1.0 where either is empty or all values are the same.
    """
    size, rest = len(some), len(others)
    together = [*some, *others]
    mean, variance = size * rest / 2, _variance(together, size, rest)
    if variance <= 0:
        return RankSum(1.0, 0.5)
    ranks = ranks_of(together)
    above = sum(ranks[value] for value in some) - size * (size + 1) / 2
    distance = max(0.0, abs(above - mean) - 0.5) / math.sqrt(variance)
    return RankSum(min(1.0, math.erfc(distance / math.sqrt(2))), above / (size * rest))


def _variance(together: Sequence[float], size: int, rest: int) -> float:
    """The variance of the rank sum; each tie takes some of it away."""
    whole = size + rest
    if size == 0 or rest == 0:
        return 0.0
    ties = sum(count**3 - count for count in Counter(together).values())
    return size * rest / 12 * ((whole + 1) - ties / (whole * (whole - 1)))


def ranks_of(values: Sequence[float]) -> dict[float, float]:
    """The rank of each value, from 1; equal values share the mean of theirs."""
    ranks, before = {}, 0
    for value, count in sorted(Counter(values).items()):
        ranks[value] = before + (count + 1) / 2
        before += count
    return ranks


def corrected(chances: Sequence[float], weights: Sequence[float] | None = None) -> list[float]:
    """The same probabilities, in their order, as they are when so many questions were asked at once (Holm).

    With all of them below 0.05 believed, the chance that any one is an accident stays below 0.05. Questions of less
    weight have to be answered more surely, and take less from the others; without `weights` all have the same.
    """
    weights = weights or [1.0] * len(chances)
    ordered = sorted(range(len(chances)), key=lambda place: chances[place] / weights[place])
    found, highest, left = [0.0] * len(chances), 0.0, sum(weights)
    for place in ordered:
        highest = max(highest, min(1.0, left * chances[place] / weights[place]))
        left -= weights[place]
        found[place] = highest
    return found
