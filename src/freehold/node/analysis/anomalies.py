"""Days and weeks of a daily series that are unlike the ones before: spikes, and weeks in which it fell silent.

A day counts beside the median of the four weeks before it and what its weekday usually is, as a logarithm: a slow
trend and the week's season say nothing. How far such numbers usually stray is told by the series' own past.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import mean, median

from freehold.node.analysis.findings import Answer, Direction, Evidence, Finding, Query, Size, TooLittle
from freehold.node.analysis.inputs import Daily
from freehold.node.analysis.tails import FLOOR, beyond, spread_of, times

WEEK = 7
LEVEL_DAYS = 28
FEWEST_DAYS = 56
"""So many judged days before the period tell what is usual of a day."""
FEWEST_WEEKS = 20
"""So many judged weeks before the period tell what is usual of a week."""
KNOWN_OF_WEEK = 5
"""A week of which more than two days were not collected is not judged: it says little, and its silence nothing."""


@dataclass(frozen=True)
class _Stretch:
    """Consecutive days, and the logarithm of how far above the usual each known one of them was."""

    first: date
    last: date
    strayed: Mapping[date, float]

    @property
    def above(self) -> float:
        """The mean of its days."""
        return mean(self.strayed.values())


def anomalies(series: Daily, first: date, last: date) -> list[Answer]:
    """One spike at most and one silent week at most, from `first` to `last`, as candidates for `judge`.

    The highest day and the lowest week are taken, and their chances multiplied by the number of days and weeks that
    they were taken from. Size is what their days had beside what was to be expected of them, which
    counts as `FLOOR` of the median day at least.
    """
    strayed = stray(series.values)
    days = [_Stretch(day, day, {day: above}) for day, above in sorted(strayed.items())]
    weeks = _weeks(strayed, last)
    return [
        _extreme("spike", series, days, first, last),
        _extreme("silent_week", series, weeks, first, last),
    ]


def stray(values: Mapping[date, float]) -> dict[date, float]:
    """The logarithm of each day's value beside the usual: without level and weekday. {} where most days are zero.

    The level is that of days without their weekday: where a good day is missing the others are not above it. Days with
    fewer than half of the `LEVEL_DAYS` before them known are left out.
    """
    middle = median(values.values()) if values else 0.0
    if middle <= 0:
        return {}
    logarithms = {day: math.log(max(0.0, value) + FLOOR * middle) for day, value in sorted(values.items())}
    beside = {day: logarithms[day] - level for day, level in _levels(logarithms).items()}
    by_weekday: dict[int, list[float]] = defaultdict(list)
    for day, value in beside.items():
        by_weekday[day.weekday()].append(value)
    season = {weekday: median(found) for weekday, found in by_weekday.items()}
    even = {day: value - season.get(day.weekday(), 0.0) for day, value in logarithms.items()}
    return {day: even[day] - level for day, level in _levels(even).items()}


def _levels(logarithms: Mapping[date, float]) -> dict[date, float]:
    """The median of the `LEVEL_DAYS` before each day, of days in their order."""
    days, values, found = [*logarithms], [*logarithms.values()], {}
    for place, day in enumerate(days):
        before = values[bisect_left(days, day - timedelta(days=LEVEL_DAYS), 0, place) : place]
        if len(before) >= LEVEL_DAYS / 2:
            found[day] = median(before)
    return found


def _weeks(strayed: Mapping[date, float], last: date) -> list[_Stretch]:
    """Whole weeks, counted back from the last day."""
    found = []
    end = last
    while strayed and end - timedelta(days=WEEK - 1) >= min(strayed):
        begin = end - timedelta(days=WEEK - 1)
        days = [begin + timedelta(days=place) for place in range(WEEK)]
        known = {day: strayed[day] for day in days if day in strayed}
        if len(known) >= KNOWN_OF_WEEK:
            found.append(_Stretch(begin, end, known))
        end = begin - timedelta(days=1)
    return found[::-1]


def _extreme(kind: str, series: Daily, stretches: Sequence[_Stretch], first: date, last: date) -> Answer:
    """The most unusual stretch of a period, upwards for spikes and downwards for weeks."""
    days = kind == "spike"
    sign, needed, of = (1, FEWEST_DAYS, "day") if days else (-1, FEWEST_WEEKS, "week")
    earlier = sorted(sign * each.above for each in stretches if each.last < first)
    inside = [each for each in stretches if first <= each.first and each.last <= last]
    if len(earlier) < needed or not inside:
        return TooLittle(kind, series.subject, needed, len(earlier) if inside else 0, f"{of}s")
    most = max(inside, key=lambda each: sign * each.above)
    direction: Direction = "up" if most.above > 0 else "down"
    chance = min(1.0, len(inside) * beyond(sign * most.above, earlier))
    return Finding(
        kind=kind,
        subject=series.subject,
        first=most.first,
        last=most.last,
        direction=direction,
        size=_size(series, most, [sign * each for each in earlier]),
        sample=len(earlier),
        chance=chance,
        evidence=_evidence(series, most, last, "day" if days else "week"),
    )


def _size(series: Daily, most: _Stretch, earlier: Sequence[float]) -> Size:
    """The ratio to what was expected; the range is how far the expectation was off before."""
    low, high = spread_of(earlier)
    floor, had = _floor(series), _per_day(series, most)
    return Size(*(times(had, _expected(series, most, off), floor) for off in (0.0, high, low)))


def _floor(series: Daily) -> float:
    """What is added to each day before its logarithm is taken."""
    return FLOOR * median(series.values.values())


def _per_day(series: Daily, most: _Stretch) -> float:
    return mean(series.values[day] for day in most.strayed)


def _expected(series: Daily, most: _Stretch, off: float = 0.0) -> float:
    """What a day of a stretch should have had, were it `off` by so much without any reason."""
    floor = _floor(series)
    usual = mean((series.values[day] + floor) / math.exp(above - off) for day, above in most.strayed.items())
    return max(0.0, usual - floor)


def _evidence(series: Daily, most: _Stretch, last: date, grain: str) -> Evidence:
    query = Query(
        series.metric,
        ("date",),
        (("subject", series.subject),),
        min(series.values),
        last,
        "day" if grain == "day" else "week",
    )
    numbers = (("per_day", _per_day(series, most)), ("expected_per_day", _expected(series, most)))
    return Evidence(query, len(series.values), numbers)
