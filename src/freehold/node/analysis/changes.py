"""A period beside as many days before it: whether its days differ by more than chance explains, and what drove it."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import fmean, median

from freehold.node.analysis.drivers import drivers
from freehold.node.analysis.findings import Answer, Evidence, Finding, Query, Size, TooLittle
from freehold.node.analysis.inputs import Daily, Split
from freehold.node.analysis.shifts import ENOUGH_DAYS, shift_chance
from freehold.node.analysis.tails import effective_size, student_quantile

MATERIAL = 1.1
"""Changes of less than a tenth are not told, however sure they are: an account that grows slowly always has one."""
WEEK = 7


def change(series: Daily, first: date, last: date, splits: Sequence[Split] = (), kind: str = "change") -> Answer:
    """The whole weeks that end with `last`, from `first` on, beside as many before, as a candidate for `judge`.

    A day counts where the same place of the other side is known too, so that both sides have as many of each weekday;
    and beside what its weekday usually is. Size is the mean day beside that of before. `splits` of the same metric
    and subject say what drove it, in the same days.
    """
    length = max(0, ((last - first).days + 1) // WEEK * WEEK)
    begin = last - timedelta(days=length - 1)
    before, after = _paired(series, begin, length)
    if len(after) < ENOUGH_DAYS:
        return TooLittle(kind, series.subject, ENOUGH_DAYS, len(after), "days in either period")
    old, new = fmean(before.values()), fmean(after.values())
    if old <= 0:
        return TooLittle(kind, series.subject, ENOUGH_DAYS, 0, "days with anything before")
    usual = _weekdays(before | after)
    levels = [[value / usual[day.weekday()] for day, value in side.items()] for side in (before, after)]
    totals = (("total", sum(after.values())), ("total_before", sum(before.values())))
    mine = [each for each in splits if _splits_all(each, series, before | after)]
    query = Query(series.metric, ("date",), (("subject", series.subject),), begin - timedelta(days=length), last, "day")
    size = _size(levels)
    numbers = (("per_day", new), ("per_day_before", old), *totals)
    return Finding(
        kind=kind,
        subject=series.subject,
        first=begin,
        last=last,
        direction="up" if size.value > 1 else "down",
        size=size,
        sample=len(after),
        chance=_chance(*levels),
        evidence=Evidence(query, len(before) + len(after), numbers, drivers(mine, before, after)),
    )


def _paired(series: Daily, begin: date, length: int) -> tuple[dict[date, float], dict[date, float]]:
    """The days from `begin` on and those `length` days, which are whole weeks, before them, where both are known."""
    before, after = {}, {}
    for place in range(length):
        day = begin + timedelta(days=place)
        earlier = day - timedelta(days=length)
        if day in series.values and earlier in series.values:
            before[earlier], after[day] = series.values[earlier], series.values[day]
    return before, after


def _splits_all(split: Split, series: Daily, days: Mapping[date, float]) -> bool:
    """Whether it is of the series and of every day on which there was anything."""
    told = {row.day for row in split.rows}
    mine = (split.metric, split.subject) == (series.metric, series.subject)
    return mine and all(day in told for day, value in days.items() if value)


def _chance(before: Sequence[float], after: Sequence[float]) -> float:
    """How probable days so different are where they differ by no more than `MATERIAL`."""
    up = fmean(after) > fmean(before)
    nearer = [value / MATERIAL if up else value * MATERIAL for value in after]
    if (fmean(nearer) > fmean(before)) is not up:
        return 1.0
    chance = shift_chance(before, nearer)
    return 1.0 if chance is None else chance


def _weekdays(values: dict[date, float]) -> dict[int, float]:
    """What is usual on each weekday, 1.0 being nothing unusual; of weekdays that mostly have nothing 1.0."""
    middle = fmean(values.values())
    usual = {number: [value for day, value in values.items() if day.weekday() == number] for number in range(WEEK)}
    return {number: (median(found) if found else 0.0) / middle or 1.0 for number, found in usual.items()}


def _size(sides: Sequence[Sequence[float]]) -> Size:
    """The ratio of the means, with the range that their days' spread and likeness leave."""
    middles = [fmean(side) for side in sides]
    if middles[1] <= 0:
        return Size(0.0, 0.0, 0.0)
    rests = [[value - middle for value in side] for side, middle in zip(sides, middles, strict=True)]
    worth = [effective_size(rest) for rest in rests]
    spreads = [sum(each * each for each in rest) / len(rest) for rest in rests]
    error = math.sqrt(
        sum(spread / size / middle**2 for spread, size, middle in zip(spreads, worth, middles, strict=True))
    )
    reach = student_quantile(max(1, math.floor(sum(worth)) - 2)) * error
    ratio = middles[1] / middles[0]
    return Size(ratio, ratio * math.exp(-reach), ratio * math.exp(reach))
