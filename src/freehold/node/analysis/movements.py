"""Where a daily series has been going for four months: along a line, or from one level to another on some day.

The week's season is taken out first (STL), and single days that stand out are pulled in: they are told as spikes. The
line and the best single step (found by dynamic programming) are both fitted, and the better one is the candidate.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median

import numpy as np
import ruptures
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from statsmodels.tsa.seasonal import STL

from freehold.node.analysis.findings import Answer, Direction, Evidence, Finding, Query, Size, TooLittle
from freehold.node.analysis.inputs import Daily
from freehold.node.analysis.lines import Line, line_through
from freehold.node.analysis.tails import FLOOR, student, student_quantile, times

WINDOW = 112
FEWEST_DAYS = 84
"""So many of the `WINDOW` days have to be known, the last week's and the first week's among them."""
WEEK = 7
SETTLED = 14
"""A new level has to last for so many days before it counts as one."""
STANDS_OUT = 3.0
"""Days further from their fortnight's median than so many robust deviations are pulled in to there."""
TO_DEVIATION = 1.4826
"""The standard deviation of a normal distribution, in its median distances from the median."""
SLOW, SMALL = math.log(1.3), math.log(1.2)
"""What nobody needs to hear of: a line of less than 30 % in `WINDOW` days, and a step of less than 20 %."""
SHAPES = 2


@dataclass(frozen=True)
class _Shape:
    """A fitted shape: `move` is the logarithm of its whole movement, `error` its error, `squares` what it leaves."""

    kind: str
    move: float
    error: float
    freedom: int
    squares: float
    unimportant: float
    tried: int = 1
    place: int = 0


def movement(series: Daily, last: date) -> Answer:
    """A `trend` or a `change_point` in the `WINDOW` days that end with `last`, as a candidate for `judge`.

    What is tested is not whether there is any movement, for there always is, but whether it is more than `SLOW` or
    `SMALL`. Size is the level at the end beside that at the beginning, or after the step beside before it.
    """
    begin = last - timedelta(days=WINDOW - 1)
    values = {day: value for day, value in sorted(series.values.items()) if begin <= day <= last}
    first_known, last_known = min(values, default=last), max(values, default=begin)
    if len(values) < FEWEST_DAYS or (first_known - begin).days >= WEEK or (last - last_known).days >= WEEK:
        return TooLittle("trend", series.subject, FEWEST_DAYS, min(len(values), FEWEST_DAYS - 1), "days")
    if median(values.values()) <= 0:
        return TooLittle(
            "trend", series.subject, FEWEST_DAYS, sum(each > 0 for each in values.values()), "days above 0"
        )
    levels = _without_week(values, begin)
    days = [begin + timedelta(days=place) for place in range(len(levels))]
    line, step = _line(levels), _step(levels)
    shape = line if line.squares <= step.squares else step
    return _finding(series, values, days, shape, _size(shape, levels, FLOOR * median(values.values())))


def _without_week(values: dict[date, float], begin: date) -> NDArray[np.float64]:
    """The logarithm of each day from `begin` to the last known one, without the week and without what stands out.

    Days that are not known lie on the line between their neighbours.
    """
    floor = FLOOR * median(values.values())
    known = [(day - begin).days for day in values]
    logarithms = np.log(np.maximum(0.0, np.array([*values.values()])) + floor)
    filled = np.interp(np.arange(known[-1] + 1), known, logarithms)
    levels = filled - STL(filled, period=WEEK, seasonal=2 * WINDOW + 1, robust=True).fit().seasonal
    around = median_filter(levels, size=2 * WEEK + 1, mode="nearest")
    reach = STANDS_OUT * TO_DEVIATION * float(np.median(np.abs(levels - around)))
    clipped: NDArray[np.float64] = around + np.clip(levels - around, -reach, reach)
    return clipped


def _line(levels: NDArray[np.float64]) -> _Shape:
    across = np.arange(len(levels), dtype=float)
    line = line_through(across.tolist(), levels.tolist())
    return _shape("trend", line, len(levels) - 1.0, _squares(levels, across, line), SLOW)


def _step(levels: NDArray[np.float64]) -> _Shape:
    place = ruptures.Dynp(model="l2", min_size=SETTLED, jump=1).fit(levels).predict(n_bkps=1)[0]
    across = (np.arange(len(levels)) >= place).astype(float)
    line = line_through(across.tolist(), levels.tolist())
    places = len(levels) - 2 * SETTLED + 1
    return _shape("change_point", line, 1.0, _squares(levels, across, line), SMALL, places, int(place))


def _shape(
    kind: str, line: Line, whole: float, squares: float, unimportant: float, tried: int = 1, place: int = 0
) -> _Shape:
    return _Shape(kind, whole * line.slope, whole * line.error, line.freedom, squares, unimportant, tried, place)


def _squares(levels: NDArray[np.float64], across: NDArray[np.float64], line: Line) -> float:
    rests = levels - levels.mean() - line.slope * (across - across.mean())
    return float(np.sum(rests * rests))


def _size(shape: _Shape, levels: NDArray[np.float64], floor: float) -> Size:
    """The level at the end beside that at the beginning, without the floor that was added to both."""
    middle, reach = float(levels.mean()), student_quantile(shape.freedom) * shape.error
    later = 1 - shape.place / len(levels) if shape.place else 0.5

    def moved(move: float) -> float:
        before, after = math.exp(middle - later * move), math.exp(middle + (1 - later) * move)
        return times(max(0.0, after - floor), max(0.0, before - floor), floor)

    return Size(*(moved(each) for each in (shape.move, shape.move - reach, shape.move + reach)))


def _finding(series: Daily, values: dict[date, float], days: list[date], shape: _Shape, size: Size) -> Finding:
    beyond = (abs(shape.move) - shape.unimportant) / shape.error
    chance = min(1.0, 2 * SHAPES * shape.tried * student(beyond, shape.freedom))
    trend = shape.kind == "trend"
    split = days[shape.place] if shape.place else days[len(days) // 2]
    before = fmean(value for day, value in values.items() if day < split)
    after = fmean(value for day, value in values.items() if day >= split)
    numbers = [("per_day_before", before), ("per_day_after", after)]
    if trend:
        numbers.append(("per_week", size.value ** (WEEK / (len(days) - 1))))
    direction: Direction = "up" if shape.move > 0 else "down"
    query = Query(series.metric, ("date",), (("subject", series.subject),), days[0], days[-1], "day")
    return Finding(
        kind=shape.kind,
        subject=series.subject,
        first=days[0] if trend else split,
        last=days[-1],
        direction=direction,
        size=size,
        sample=len(values),
        chance=chance,
        evidence=Evidence(query, len(values), tuple(numbers)),
    )
