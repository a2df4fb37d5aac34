"""Whether an ad wears out: its click-through rate against how often the same people have seen it."""

import math
from collections.abc import Sequence

from freehold.node.analysis.findings import Answer, Direction, Evidence, Finding, Query, Size, TooLittle
from freehold.node.analysis.inputs import AdDay
from freehold.node.analysis.lines import Line, line_through
from freehold.node.analysis.tails import student, student_quantile

FEWEST_DAYS = 21
LEAST_RISE = 1.5
"""An ad whose frequency did not grow by so much was not seen often enough to be tired of."""
HALF = 0.5


def fatigue(ad_id: str, days: Sequence[AdDay]) -> Answer:
    """How the rate fell from the lowest to the highest frequency of one ad, as a candidate for `judge`.

    A line through the logarithms of both. Its error is widened for days that resemble their neighbours: a rate that
    wanders by itself is not fatigue. Size is the rate at the highest frequency beside that at the lowest.
    """
    told = sorted((each for each in days if each.impressions > 0 and each.frequency > 0), key=lambda each: each.day)
    if len(told) < FEWEST_DAYS:
        return TooLittle("ad_fatigue", ad_id, FEWEST_DAYS, len(told), "days")
    seen = [math.log(each.frequency) for each in told]
    rise = max(seen) - min(seen)
    if rise < math.log(LEAST_RISE):
        return TooLittle("ad_fatigue", ad_id, round(100 * LEAST_RISE), round(100 * math.exp(rise)), "% of frequency")
    line = line_through(seen, [math.log((each.clicks + HALF) / (each.impressions + 1)) for each in told])
    return _finding(ad_id, told, line, rise)


def _finding(ad_id: str, told: Sequence[AdDay], line: Line, rise: float) -> Finding:
    first, last = told[0].day, told[-1].day
    reach = student_quantile(line.freedom) * line.error
    size = Size(*(math.exp(rise * slope) for slope in (line.slope, line.slope - reach, line.slope + reach)))
    direction: Direction = "down" if line.slope < 0 else "up"
    clicks, impressions = sum(each.clicks for each in told), sum(each.impressions for each in told)
    numbers = (
        ("clicks", clicks),
        ("impressions", impressions),
        ("lowest_frequency", min(each.frequency for each in told)),
        ("highest_frequency", max(each.frequency for each in told)),
    )
    query = Query("click_through_rate", ("date", "frequency"), (("ad_id", ad_id),), first, last, "day")
    chance = student(-line.slope / line.error, line.freedom)
    evidence = Evidence(query, len(told), numbers)
    return Finding("ad_fatigue", ad_id, first, last, direction, size, len(told), chance, evidence)
