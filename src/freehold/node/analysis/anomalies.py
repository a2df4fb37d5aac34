"""Days and weeks of a daily series that are unlike the ones before: spikes, and weeks in which it fell silent.

A day counts beside the median of the four weeks before it and what its weekday usually is, as a logarithm: a slow
trend and the week's season say nothing. How far such numbers usually stray is told by the series' own past.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import mean, median

from freehold.node.analysis.findings import Answer, Direction, Evidence, Finding, Query, Size, TooLittle
from freehold.node.analysis.inputs import Daily
from freehold.node.analysis.tails import FLOOR, beyond, spread_of

WEEK = 7
LEVEL_DAYS = 28
FEWEST_DAYS = 56
"""So many judged days before the period tell what is usual of a day."""
FEWEST_WEEKS = 20
"""So many judged weeks before the period tell what is usual of a week."""


@dataclass(frozen=True)
class _Stretch:
    """Consecutive days, and the logarithm of how far above the usual they were, on average."""

    first: date
    last: date
    above: float


def anomalies(series: Daily, first: date, last: date) -> list[Answer]:
    """One spike at most and one silent week at most, from `first` to `last`, as candidates for `judge`.

    The highest day and the lowest week are taken, and their chances multiplied by the number of days and weeks that
    they were taken from. Size is the ratio to what was to be expected, with `FLOOR` added to both.
    """
    strayed = stray(series.values)
    days = [_Stretch(day, day, above) for day, above in sorted(strayed.items())]
    weeks = _weeks(strayed, last)
    return [
        _extreme("spike", series, days, first, last),
        _extreme("silent_week", series, weeks, first, last),
    ]


def stray(values: Mapping[date, float]) -> dict[date, float]:
    """The logarithm of each day's value beside the usual: without level and weekday. {} where most days are zero.

    Days with fewer than half of the `LEVEL_DAYS` before them known are left out.
    """
    middle = median(values.values()) if values else 0.0
    if middle <= 0:
        return {}
    logarithms = {day: math.log(max(0.0, value) + FLOOR * middle) for day, value in sorted(values.items())}
    beside = {day: value - level for day, value in logarithms.items() if (level := _level(logarithms, day)) is not None}
    by_weekday: dict[int, list[float]] = defaultdict(list)
    for day, value in beside.items():
        by_weekday[day.weekday()].append(value)
    season = {weekday: median(found) for weekday, found in by_weekday.items()}
    return {day: value - season[day.weekday()] for day, value in beside.items()}


def _level(logarithms: Mapping[date, float], day: date) -> float | None:
    before = [day - timedelta(days=back) for back in range(1, LEVEL_DAYS + 1)]
    known = [logarithms[each] for each in before if each in logarithms]
    return median(known) if len(known) >= LEVEL_DAYS / 2 else None


def _weeks(strayed: Mapping[date, float], last: date) -> list[_Stretch]:
    """Whole weeks, counted back from the last day; those with a day missing are left out."""
    found = []
    end = last
    while strayed and end - timedelta(days=WEEK - 1) >= min(strayed):
        days = [end - timedelta(days=back) for back in range(WEEK)]
        if all(day in strayed for day in days):
            found.append(_Stretch(days[-1], end, mean(strayed[day] for day in days)))
        end = days[-1] - timedelta(days=1)
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
        size=_size(most.above, [sign * each for each in earlier]),
        sample=len(earlier),
        chance=chance,
        evidence=_evidence(series, most, last, "day" if days else "week"),
    )


def _size(above: float, earlier: Sequence[float]) -> Size:
    """The ratio to what was expected; the range is how far the expectation was off before."""
    low, high = spread_of(earlier)
    return Size(math.exp(above), math.exp(above - high), math.exp(above - low))


def _evidence(series: Daily, most: _Stretch, last: date, grain: str) -> Evidence:
    values = [value for day, value in series.values.items() if most.first <= day <= most.last]
    query = Query(
        series.metric,
        ("date",),
        (("subject", series.subject),),
        min(series.values),
        last,
        "day" if grain == "day" else "week",
    )
    per_day = sum(values) / len(values)
    floor = FLOOR * median(series.values.values())
    expected = max(0.0, (per_day + floor) / math.exp(most.above) - floor)
    return Evidence(query, len(series.values), (("per_day", per_day), ("expected_per_day", expected)))
