"""A straight line through numbers that resemble their neighbours, and how sure its slope is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from freehold.node.analysis.tails import effective_size


@dataclass(frozen=True)
class Line:
    """The slope, its standard error, and the degrees of freedom of Student's distribution that it follows."""

    slope: float
    error: float
    freedom: int


def line_through(across: Sequence[float], up: Sequence[float], noise: Sequence[float] = ()) -> Line:
    """By least squares through at least three points in the order of their days; `across` may not be all the same.

    `noise` is the variance that each point has by its counting alone, where points differ in that: a point strays as
    much further than others as it has more of it, and never less than by it.
    """
    middle, height = fmean(across), fmean(up)
    width = sum((each - middle) ** 2 for each in across)
    slope = sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True)) / width
    residuals = [y - height - slope * (x - middle) for x, y in zip(across, up, strict=True)]
    freedom = max(1, math.floor(effective_size(residuals)) - 2)
    spread, counted = fmean(each * each for each in residuals), noise or [0.0] * len(residuals)
    usual = fmean(counted)
    strays = [max(each, spread + each - usual) for each in counted]
    pulls = sum((x - middle) ** 2 * stray for x, stray in zip(across, strays, strict=True))
    error = math.sqrt(pulls * len(residuals) / freedom) / width
    return Line(slope, max(error, 1e-12), freedom)
