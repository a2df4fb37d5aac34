"""How improbable a number is, given earlier ones: by a tail that is fitted to them, or by Student's distribution."""

import math
from collections.abc import Sequence

from scipy.special import stdtr, stdtrit

TAILS = (0.02, 0.03, 0.05, 0.1)
FEWEST = 8
LAGS = 7
FLOOR = 0.05
"""A day of nothing counts as so much of the median day, for it has no logarithm."""


def beyond(value: float, earlier: Sequence[float]) -> float:
    """How probable a number as high as `value` is, after `earlier` ones of the same kind.

    By an exponential tail fitted to the highest of them; for logarithms of values that is the tail of Pareto: viral
    days are expected as often as there were some before. Where a tail begins is not known, so that the least surprised
    of several beginnings counts. Below the tail by counting. 1.0 after too few.
    """
    size, ordered = len(earlier), sorted(earlier, reverse=True)
    if size <= FEWEST:
        return 1.0
    counts = {min(size - 1, max(FEWEST, math.ceil(part * size))) for part in TAILS}
    if value <= ordered[FEWEST]:
        return (1 + sum(each >= value for each in earlier)) / (size + 1)
    return max(_by_tail(value, ordered, count) for count in counts)


def _by_tail(value: float, ordered: Sequence[float], count: int) -> float:
    """By the tail of the highest `count`; `(sum / (sum + y)) ** count` allows for its being estimated, exactly."""
    threshold = ordered[count]
    excess = sum(each - threshold for each in ordered[:count])
    fraction = excess / (excess + value - threshold)
    return (count + 1) / (len(ordered) + 1) * fraction**count


def spread_of(earlier: Sequence[float]) -> tuple[float, float]:
    """Between which two of them the next one lies, but for one time in twenty; of fewer than 39 the outermost."""
    ordered = sorted(earlier)
    cut = max(1, (len(ordered) + 1) // 40)
    return ordered[cut - 1], ordered[-cut]


def times(value: float, usual: float, floor: float) -> float:
    """How many times the usual a value is; where the usual is below `floor`, both are raised by what it lacks."""
    lacking = max(0.0, floor - usual)
    return (value + lacking) / (usual + lacking)


def student(distance: float, freedom: int) -> float:
    """How probable a value above `distance` is by Student's distribution, one-sided."""
    return float(stdtr(freedom, -distance))


def student_quantile(freedom: int, doubt: float = 0.025) -> float:
    """The distance above which `doubt` of Student's distribution lies."""
    return -float(stdtrit(freedom, doubt))


def effective_size(residuals: Sequence[float]) -> float:
    """How many independent numbers as many neighbours are worth that resemble each other, in their order.

    By the correlation of each with the next alone, and by those of the next `LAGS` (Bartlett's weights); the smaller
    counts. Each correlation is corrected for its bias in short series.
    """
    size = len(residuals)
    power = sum(each * each for each in residuals)
    if power == 0:
        return float(size)
    alike = [_alike(residuals, lag, power) for lag in range(1, LAGS + 1)]
    first = min(0.95, max(0.0, alike[0]))
    several = 1 + 2 * sum((1 - lag / (LAGS + 1)) * each for lag, each in enumerate(alike, start=1))
    return size / max(1.0, (1 + first) / (1 - first), several)


def _alike(residuals: Sequence[float], lag: int, power: float) -> float:
    """The correlation of each number with the one `lag` places on."""
    size = len(residuals)
    found = sum(one * other for one, other in zip(residuals, residuals[lag:], strict=False)) / power
    return found + (lag + 4 * found) / size
